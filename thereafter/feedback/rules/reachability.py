"""Whether a question can be asked of anybody at all.

A question waits for what its own conditions ask for and, since only what was asked has a reply, for what those of the
questions they are about ask for. Per question and fact, the values that are left must not be none.
"""

from collections.abc import Iterator
from functools import reduce
from typing import NamedTuple

from thereafter.feedback.rules.answers import band
from thereafter.feedback.rules.documents import FACTS, Condition, Question, SurveyDocument
from thereafter.kit.scores import SCALES

BANDS = ("low", "middle", "high")
NUMBERS = ("score", "scale")
# Which tests each kind of question and of fact knows.
TESTS = {
    "score": ("band", "is", "not", "from", "to"),
    "scale": ("is", "not", "from", "to"),
    "choice": ("is", "not"),
    "choices": ("is", "not"),
    "text": ("answered",),
    "photo": ("answered",),
    "name": ("is", "not"),
    "yes_no": ("is",),
    "number": ("from", "to", "is"),
}


def misfit(document: SurveyDocument, at: int, one: Condition) -> str:
    """Why a condition of the question at this place makes no sense by itself; "" when it does."""
    if one.question and (text := _place(document, at, one.question)):
        return text
    asked = document.question(one.question)
    kind = asked.kind if asked else FACTS[one.fact][1]
    if one.test not in TESTS[kind]:
        return "the condition does not fit what it is about."
    if one.test != "answered" and not [value for value in one.texts if value]:
        return "a condition names no value."
    return _values(document, asked, one) if asked else _fact_values(kind, one)


def _place(document: SurveyDocument, at: int, key: str) -> str:
    keys = [question.id for question in document.questions]
    if key not in keys:
        return "a condition is about a question that is not there any more."
    if keys.index(key) == at:
        return "it cannot depend on itself."
    if keys.index(key) > at:
        if keys[at] in _leads_to(document, key, set()):
            return f"it and question {keys.index(key) + 1} wait for each other."
        return f"a condition is about question {keys.index(key) + 1}, which is asked later."
    return ""


def _leads_to(document: SurveyDocument, key: str, seen: set[str]) -> set[str]:
    """All questions that a question depends on, also by others."""
    question = document.question(key)
    for one in question.show_if if question else ():
        if one.question and one.question not in seen:
            seen.add(one.question)
            _leads_to(document, one.question, seen)
    return seen


def _values(document: SurveyDocument, asked: Question, one: Condition) -> str:
    if one.test in ("from", "to", "answered"):
        low, high = asked.ends(document.kind)
        if one.test != "answered" and (one.number is None or not low <= one.number <= high):
            return f"a condition names a number that is not from {low} to {high}."
        return ""
    known = set(BANDS) if one.test == "band" else _all(document, asked)
    if not set(one.texts) <= known:
        return "a condition names an answer that is not there any more."
    return ""


def _fact_values(kind: str, one: Condition) -> str:
    if kind == "yes_no" and not set(one.texts) <= {"yes", "no"}:
        return "the condition is answered with yes or no."
    if kind == "number" and (one.number is None or one.number < 0):
        return "a condition needs a whole number."
    return ""


def _all(document: SurveyDocument, asked: Question) -> set[str]:
    if asked.kind in NUMBERS:
        low, high = asked.ends(document.kind)
        return {str(number) for number in range(low, high + 1)}
    return {option.id for option in asked.options}


class _Left(NamedTuple):
    """What a reply or fact may still be: one of `only` (None: anything), none of `never`, from and to."""

    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()
    least: int = 0
    most: int = 10**9

    def is_none(self) -> bool:
        if self.least > self.most:
            return True
        return self.only is not None and not any(self._within(text) for text in self.only - self.never)

    def _within(self, text: str) -> bool:
        return not text.isdigit() or self.least <= int(text) <= self.most


def can_be_seen(document: SurveyDocument, at: int) -> bool:
    """Of a question whose conditions make sense one by one."""
    by_subject: dict[str, list[Condition]] = {}
    for one in _all_conditions(document, document.questions[at], set()):
        by_subject.setdefault(one.subject, []).append(one)
    return not any(_contradict(document, conditions) for conditions in by_subject.values())


def _all_conditions(document: SurveyDocument, question: Question, seen: set[str]) -> Iterator[Condition]:
    seen.add(question.id)
    for one in question.show_if:
        yield one
        asked = document.question(one.question)
        if asked and asked.id not in seen:
            yield from _all_conditions(document, asked, seen)


def _contradict(document: SurveyDocument, conditions: list[Condition]) -> bool:
    asked = document.question(conditions[0].question)
    # Several answers at once, several products in an order: each `is` may hold by another one.
    if (asked and asked.kind == "choices") or conditions[0].fact in ("product", "category"):
        never = {text for one in conditions if one.test == "not" for text in one.texts}
        known = _all(document, asked) if asked else None
        wanted = [set(one.texts) for one in conditions if one.test == "is"]
        return any(not texts - never for texts in wanted) or (known is not None and not known - never)
    start = _Left(frozenset(_all(document, asked)) if asked and asked.kind not in ("text", "photo") else None)
    return reduce(lambda left, one: _narrow(document, left, one), conditions, start).is_none()


def _narrow(document: SurveyDocument, left: _Left, one: Condition) -> _Left:
    if one.test == "answered":
        return left
    if one.test == "from":
        return left._replace(least=max(left.least, one.number or 0))
    if one.test == "to":
        return left._replace(most=min(left.most, one.number or 0))
    texts = frozenset(one.texts)
    if one.test == "not":
        return left._replace(never=left.never | texts)
    if one.test == "band":
        texts = _scores_in(document, one)
    return left._replace(only=texts if left.only is None else left.only & texts)


def _scores_in(document: SurveyDocument, one: Condition) -> frozenset[str]:
    """The scores that lie in the bands of a condition."""
    scale = SCALES.get(document.kind)
    numbers = range(scale.low, scale.high + 1) if scale else ()
    return frozenset(str(number) for number in numbers if band(document.kind, number) in one.texts)
