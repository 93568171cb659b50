"""What keeps a survey from being published: a sentence and a place for each."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from thereafter.feedback.rules import reachability
from thereafter.feedback.rules.documents import (
    COMMENT,
    MOST_CONDITIONS,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    SCORE,
    Question,
    SurveyDocument,
    holes,
)
from thereafter.feedback.rules.wording import asks_for_stars
from thereafter.kit.scores import SCALES

LONGEST = {"text": 200, "help": 300, "options": 80, "low_text": 40, "high_text": 40, "thanks": 600, "intro": 600}
# What a text may recall beside the answers to earlier questions.
RECALLED = ("first_name", "shop", "order", "product")
LEAST_OPTIONS = 2
# So much of a question stands in a sentence about it.
_SHOWN = 40
_BANDS = {"": "everybody else", "low": "a low score", "middle": "a middle score", "high": "a high score"}


class Problem(NamedTuple):
    """`where` is languages, intro, thanks.low, or questions.reason with .text, .help, .options.size, .show_if.0"""

    where: str
    text: str


class _Said(NamedTuple):
    """Words of the survey: where they stand, what they are called in a sentence, and how long they may be."""

    where: str
    name: str
    words: Mapping[str, str]
    most: int
    is_needed: bool
    # How many questions are asked before it.
    at: int


def check(document: SurveyDocument, kind: str) -> list[Problem]:
    """All of them, in the order of the survey."""
    return [
        *_languages(document),
        *_whole(document, kind),
        *(problem for at in range(len(document.questions)) for problem in _question(document, at)),
        *(problem for said in texts(document) for problem in _text(document, said)),
    ]


def title(document: SurveyDocument, question: Question) -> str:
    """How a question is called in sentences: question 2 “Why?”"""
    at = document.questions.index(question) + 1
    words = next((question.text[one] for one in document.languages if question.text.get(one)), "")
    short = words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1].rstrip()}…"
    return f"question {at} “{short}”" if words else f"question {at}"


def gaps(document: SurveyDocument) -> dict[str, list[str]]:
    """What each language still lacks, by what it is called; a language that lacks nothing is not in it. Words nobody
    has to write (help, thanks) are missing where another language has them."""
    missing: dict[str, list[str]] = {}
    for said in texts(document):
        for language in document.languages:
            if (said.is_needed or any(said.words.values())) and not said.words.get(language, "").strip():
                missing.setdefault(language, []).append(said.name)
    return missing


def texts(document: SurveyDocument) -> Iterator[_Said]:
    yield _Said("intro", "the words before the first question", document.intro, LONGEST["intro"], False, 0)
    for at, question in enumerate(document.questions):
        where, name = f"questions.{question.id}", title(document, question)
        yield _Said(f"{where}.text", name, question.text, LONGEST["text"], True, at)
        yield _Said(f"{where}.help", f"the help of {name}", question.help, LONGEST["help"], False, at)
        for number, option in enumerate(question.options, start=1):
            called = f"answer {number} of {name}"
            yield _Said(f"{where}.options.{option.id}", called, option.text, LONGEST["options"], True, at)
        for end in ("low", "high"):
            words = question.low_text if end == "low" else question.high_text
            yield _Said(f"{where}.{end}_text", f"the {end} end of {name}", words, LONGEST[f"{end}_text"], False, at)
    for band, words in document.thanks.items():
        called = f"the thanks after {_BANDS[band]}"
        yield _Said(f"thanks.{band}", called, words, LONGEST["thanks"], False, len(document.questions))


def _languages(document: SurveyDocument) -> Iterator[Problem]:
    if not document.languages:
        yield Problem("languages", "Choose at least one language.")
    elif len(set(document.languages)) < len(document.languages):
        yield Problem("languages", "A language is named twice.")
    elif document.questions and all(language in gaps(document) for language in document.languages):
        yield Problem("languages", "No language is complete: write all words in at least one.")


def _whole(document: SurveyDocument, kind: str) -> Iterator[Problem]:
    questions = document.questions
    if not questions:
        yield Problem("questions", "There is no question yet.")
    if len(questions) > MOST_QUESTIONS:
        yield Problem("questions", f"There are {len(questions)} questions; at most {MOST_QUESTIONS} are asked.")
    twice = {one.id for one in questions if [other.id for other in questions].count(one.id) > 1}
    if twice:
        yield Problem("questions", f"Two questions have the same key: {', '.join(sorted(twice))}.")
    if document.kind != kind:
        yield Problem("questions", "The words are of another kind of survey.")
    yield from _score(document, kind)


def _score(document: SurveyDocument, kind: str) -> Iterator[Problem]:
    scores = [one for one in document.questions if one.kind == "score"]
    if kind not in SCALES:
        if scores:
            yield Problem(f"questions.{scores[0].id}", "This survey has no score: ask with a scale instead.")
        return
    first = document.questions[0] if document.questions else None
    if first is None or first.kind != "score":
        yield Problem("questions", "The survey must begin with the question for its score.")
    elif first.show_if or not first.required:
        yield Problem("questions.score", "The question for the score is asked of everybody, and needs an answer.")
    if len(scores) > 1:
        yield Problem(f"questions.{scores[1].id}", "Only the first question is answered with the score.")


def _question(document: SurveyDocument, at: int) -> Iterator[Problem]:
    question = document.questions[at]
    where, name = f"questions.{question.id}", title(document, question).capitalize()
    if (question.kind == "score") != (question.id == SCORE):
        yield Problem(where, f"{name}: the key “score” belongs to the question for the score.")
    if question.id == COMMENT and question.kind != "text":
        yield Problem(where, f"{name}: the key “comment” belongs to a question in words.")
    if question.kind in ("choice", "choices"):
        yield from _options(question, where, name)
    elif question.options:
        yield Problem(where, f"{name} is not answered by choosing and should have no answers to choose from.")
    yield from _conditions(document, at)


def _options(question: Question, where: str, name: str) -> Iterator[Problem]:
    keys = [option.id for option in question.options]
    if len(keys) < LEAST_OPTIONS:
        yield Problem(f"{where}.options", f"{name} needs at least two answers to choose from.")
    if len(keys) > MOST_OPTIONS:
        yield Problem(f"{where}.options", f"{name} has {len(keys)} answers; at most {MOST_OPTIONS} can be read.")
    if len(set(keys)) < len(keys):
        yield Problem(f"{where}.options", f"{name}: two answers have the same key.")


def _conditions(document: SurveyDocument, at: int) -> Iterator[Problem]:
    question = document.questions[at]
    where, name = f"questions.{question.id}.show_if", title(document, question).capitalize()
    if len(question.show_if) > MOST_CONDITIONS:
        yield Problem(where, f"{name} has more than {MOST_CONDITIONS} conditions.")
    wrong = False
    for number, condition in enumerate(question.show_if):
        text = reachability.misfit(document, at, condition)
        if text:
            wrong = True
            yield Problem(f"{where}.{number}", f"{name}: {text}")
    if not wrong and not reachability.can_be_seen(document, at):
        yield Problem(where, f"{name} is never asked: its conditions cannot all hold.")


def _text(document: SurveyDocument, said: _Said) -> Iterator[Problem]:
    name = said.name[:1].upper() + said.name[1:]
    if said.is_needed and not any(text.strip() for text in said.words.values()):
        yield Problem(said.where, f"{name} has no words.")
    for language, text in said.words.items():
        place = f" ({language})" if len(document.languages) > 1 else ""
        if len(text) > said.most:
            yield Problem(said.where, f"{name}{place} is too long: {len(text)} characters, at most {said.most}.")
        if wish := asks_for_stars(text):
            yield Problem(said.where, f"{name}{place} asks for a good answer (“{wish}”): ask for an honest one.")
        yield from _recalled(document, said, f"{name}{place}", text)


def _recalled(document: SurveyDocument, said: _Said, name: str, text: str) -> Iterator[Problem]:
    earlier = {question.id for question in document.questions[: said.at]}
    for hole in holes(text):
        what, _, of = hole.partition(":")
        if what == "answer" and of in earlier:
            continue
        if what == "answer":
            yield Problem(said.where, f"{name} repeats the answer to a question that is not asked before: {{{hole}}}.")
        elif hole not in RECALLED:
            known = _listed(f"{{{one}}}" for one in RECALLED)
            yield Problem(said.where, f"{name} has {{{hole}}}, which nothing is known of. There are {known}.")


def _listed(names: Iterable[str]) -> str:
    *some, last = names
    return f"{', '.join(some)} and {last}" if some else last
