"""What a survey asks: one document, read whole. `document_checks` says what keeps it from being published.

    {"kind": "csat", "languages": ["en", "de"],
     "questions": [{"id": "score", "kind": "score", "text": {"en": "How was it?"}, "required": true},
                   {"id": "reason", "kind": "choices", "text": {...}, "options": [{"id": "late", "text": {...}}],
                    "show_if": [{"question": "score", "test": "band", "values": ["low"]},
                                {"fact": "late", "test": "is", "values": ["yes"]}]}],
     "thanks": {"low": {...}, "": {...}}}

Replies are by question: {"score": 2, "reason": ["late"], "comment": "Two days!"}; the score among them.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from thereafter.feedback.rules.answers import band
from thereafter.feedback.rules.plain_words import LANGUAGES, PLAIN
from thereafter.kit import problems
from thereafter.kit.scores import SCALES

# The question whose reply is `Answer.score`, and the one in words whose reply is `Answer.comment`.
SCORE, COMMENT = "score", "comment"
MOST_QUESTIONS, MOST_OPTIONS, MOST_CONDITIONS = 20, 20, 5
# What can be asked of the answer's surroundings: name of the fact in a condition, key in the facts, kind of values.
FACTS = {
    "channel": ("channel", "name"),
    "product": ("product_ids", "name"),
    "category": ("categories", "name"),
    "carrier": ("carrier", "name"),
    "late": ("late", "yes_no"),
    "country": ("country", "name"),
    "language": ("language", "name"),
    "orders_before": ("orders_before", "number"),
}
Kind = Literal["score", "choice", "choices", "scale", "text", "photo"]
Test = Literal["is", "not", "from", "to", "band", "answered"]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]
# By language.
Words = dict[Language, Annotated[str, Field(max_length=2000)]]
Reply = int | str | list[str]
_HOLE = re.compile(r"\{([a-z_]+)(?::([a-z0-9_]+))?\}")


class BadSurvey(ValueError):
    """The document cannot be a survey; `problems` are (where, sentence)."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(" ".join(text for _, text in problems))
        self.problems = list(problems)


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(Part):
    id: Id
    text: Words = {}


class Condition(Part):
    """On the reply to an earlier question, or on a fact. `is` and `not` name one or several values, `from` and `to` a
    number, `band` low, middle or high; `answered` none. What has no reply and what is not known never holds."""

    question: str = ""
    fact: str = ""
    test: Test = "is"
    values: tuple[Annotated[int | str, Field(union_mode="left_to_right")], ...] = ()

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> "Condition":
        if bool(self.question) == bool(self.fact):
            raise ValueError("a condition is about one question or one fact")
        if self.fact and self.fact not in FACTS:
            raise ValueError(f"nothing is known that is called {self.fact[:40]!r}")
        return self

    @property
    def subject(self) -> str:
        return self.question or f"fact:{self.fact}"

    @property
    def texts(self) -> list[str]:
        return [str(value).strip().casefold() for value in self.values]

    @property
    def number(self) -> int | None:
        return next((value for value in self.values if isinstance(value, int)), None)


class Question(Part):
    id: Id
    kind: Kind
    text: Words = {}
    help: Words = {}
    required: bool = False
    options: tuple[Option, ...] = ()
    # Of a scale: its ends, and what they are called. What the ends of a score are called may be said, too.
    low: Annotated[int, Field(ge=0, le=1)] = 1
    high: Annotated[int, Field(ge=2, le=10)] = 5
    low_text: Words = {}
    high_text: Words = {}
    # All of them must hold.
    show_if: tuple[Condition, ...] = ()

    def option(self, key: str) -> Option | None:
        return next((option for option in self.options if option.id == key), None)

    def ends(self, kind: str) -> tuple[int, int]:
        """From where to where the numbers of a score or a scale go; `kind` is the document's."""
        if self.kind == "score" and kind in SCALES:
            return SCALES[kind].low, SCALES[kind].high
        return self.low, self.high


class SurveyDocument(Part):
    # As the survey's row has it: csat, nps, ces, form.
    kind: Literal["csat", "nps", "ces", "form"] = "csat"
    # The first one stands in for what another lacks.
    languages: tuple[Language, ...] = ()
    questions: tuple[Question, ...] = ()
    # What is said before the first question, where a page begins with it.
    intro: Words = {}
    # What is said at the end, by band of the score; "" for all others.
    thanks: dict[Literal["", "low", "middle", "high"], Words] = {}

    def question(self, key: str) -> Question | None:
        return next((question for question in self.questions if question.id == key), None)

    @property
    def score(self) -> Question | None:
        return next((question for question in self.questions if question.kind == "score"), None)

    def thanks_for(self, band: str) -> Words:
        return self.thanks.get(band) or self.thanks.get("") or {}  # type: ignore[call-overload]  # any other text has none


def read(document: Mapping[str, Any]) -> SurveyDocument:
    """The survey of a document, also of one that is not finished. Raises `BadSurvey`."""
    try:
        return SurveyDocument.model_validate(document)
    except ValidationError as wrong:
        raise BadSurvey(problems.of_document(wrong)) from None


def as_document(survey: SurveyDocument) -> dict[str, Any]:
    """What differs from the defaults, as plain JSON."""
    return {"kind": survey.kind, **survey.model_dump(mode="json", exclude_defaults=True)}


def plain(kind: str, question: str = "") -> SurveyDocument:
    """What a survey without a version asks: the score, if its kind has one, and room for words. `question` is the
    shop's own first question, in whatever language it is."""
    questions = [Question(id=COMMENT, kind="text", text=PLAIN["comment"])]
    if kind in SCALES:
        text = dict.fromkeys(LANGUAGES, question) if question else PLAIN[kind]
        score = Question(id=SCORE, kind="score", text=text, required=True, **_end_words(kind))
        questions = [score, *questions]
    return SurveyDocument.model_validate({"kind": kind, "languages": LANGUAGES, "questions": questions})


def _end_words(kind: str) -> dict[str, Any]:
    return {f"{end}_text": PLAIN.get(f"{kind}_{end}", {}) for end in ("low", "high")}


def questions_for(document: SurveyDocument, replies: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Question]:
    """Those that are asked of who replied so far and of whom this is known, in their order. A reply to a question that
    is no longer asked decides nothing."""
    shown: list[Question] = []
    counted: dict[str, Any] = {}
    for question in document.questions:
        if all(_holds(one, document, counted, facts) for one in question.show_if):
            shown.append(question)
            if question.id in replies:
                counted[question.id] = replies[question.id]
    return shown


def _holds(one: Condition, document: SurveyDocument, replies: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    given = facts.get(FACTS[one.fact][0]) if one.fact else replies.get(one.question)
    if given is None or given in ("", [], ()):
        return False
    if one.test == "band":
        return one.question == SCORE and isinstance(given, int) and band(document.kind, given) in one.texts
    return _compares(one, given)


def _compares(one: Condition, given: Any) -> bool:
    if one.test == "answered":
        return True
    if one.test in ("from", "to"):
        if one.number is None or not isinstance(given, int) or isinstance(given, bool):
            return False
        return given >= one.number if one.test == "from" else given <= one.number
    several = given if isinstance(given, list | tuple | set | frozenset) else [given]
    found = {_said(value) for value in several}.isdisjoint(one.texts)
    return found if one.test == "not" else not found


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip().casefold()


def in_language(text: Mapping[str, str], language: str, languages: Collection[str] = ()) -> str:
    """The words in a language; else in the base of it (de for de-AT), in the survey's first language, in any."""
    order = [language, language.partition("-")[0], *languages]
    return next((text[one] for one in order if text.get(one)), "") or next((one for one in text.values() if one), "")


def recall(text: str, values: Mapping[str, str]) -> str:
    """With what is known put in: "{first_name}", "{order}", "{answer:reason}". What is not known is left out, with the
    space or comma before it, so that "Hello, {first_name}!" still reads well."""

    def filled(match: re.Match[str]) -> str:
        value = values.get(f"{match[2]}:{match[3]}" if match[3] else match[2], "")
        return f"{match[1]}{value}" if value else ""

    return re.sub(rf"(,?[ \u00a0]?){_HOLE.pattern}", filled, text).strip()


def holes(text: str) -> list[str]:
    """The names a text recalls: ["first_name", "answer:reason"]."""
    return [f"{name}:{of}" if of else name for name, of in _HOLE.findall(text)]
