"""What came of a form as the reply to a question. Plain Python."""

from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.feedback.rules.answers import clean_comment
from thereafter.feedback.rules.documents import COMMENT, Question, Reply, SurveyDocument, questions_for

NEEDED, UNKNOWN = "needed", "unknown"


class BadReply(ValueError):
    """`why` is "needed" (nothing was said, and something must be) or "unknown" (no such choice)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read(question: Question, kind: str, said: Sequence[str]) -> Reply | None:
    """The reply in what a form sent; None where nothing was said. `kind` is the survey's. Raises `BadReply`."""
    given = [one.strip() for one in said if one.strip()]
    if not given:
        if question.required:
            raise BadReply(NEEDED)
        return None
    if question.kind in ("score", "scale"):
        return _number(given[0], *question.ends(kind))
    if question.kind in ("choice", "choices"):
        return _options(question, given)
    return _words(question, given[0])


def _number(text: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text[:4]) <= high:
        raise BadReply(UNKNOWN)
    return int(text)


def _options(question: Question, given: Sequence[str]) -> Reply:
    known = [option.id for option in question.options]
    if not set(given) <= set(known):
        raise BadReply(UNKNOWN)
    return given[0] if question.kind == "choice" else [one for one in known if one in given]


def _words(question: Question, text: str) -> str | None:
    kept = clean_comment(text)
    if not kept and question.required:
        raise BadReply(NEEDED)
    return kept or None


def words_question(document: SurveyDocument) -> Question | None:
    """The question whose words are the answer's comment: the one of that name, else the first that asks for words."""
    texts = [question for question in document.questions if question.kind == "text"]
    return next((question for question in texts if question.id == COMMENT), texts[0] if texts else None)


def pages(document: SurveyDocument, replies: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Question]:
    """The questions one after the other as they are shown: the score first, because mails begin with it."""
    return sorted(questions_for(document, replies, facts), key=lambda question: question.kind != "score")


def after(shown: Sequence[Question], question_id: str) -> Question | None:
    """The page that follows; None at the end. Of a question that is not among them, the first."""
    keys = [question.id for question in shown]
    place = keys.index(question_id) + 1 if question_id in keys else 0
    return shown[place] if place < len(shown) else None


def before(shown: Sequence[Question], question_id: str) -> Question | None:
    keys = [question.id for question in shown]
    place = keys.index(question_id) if question_id in keys else 0
    return shown[place - 1] if place else None
