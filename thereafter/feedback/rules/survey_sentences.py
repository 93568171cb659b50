"""A survey in sentences: its conditions, and what a draft changes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from thereafter.feedback.rules.document_checks import title
from thereafter.feedback.rules.documents import Condition, Question, SurveyDocument, in_language
from thereafter.feedback.rules.survey_editing import KIND_NAMES

BAND_NAMES = {
    "csat": {"low": "1 or 2", "middle": "3", "high": "4 or 5"},
    "nps": {"low": "0 to 6 (detractors)", "middle": "7 or 8 (passives)", "high": "9 or 10 (promoters)"},
    "ces": {"low": "1 to 3", "middle": "4", "high": "5 to 7"},
}
FACT_NAMES = {
    "channel": "asked by",
    "product": "the product",
    "category": "the category",
    "carrier": "the carrier",
    "late": "delivery was late",
    "country": "the country",
    "language": "the language",
    "orders_before": "orders before this one",
}
CHANNELS = {"mail": "e-mail", "page": "the order's page", "link": "an open link", "qr": "the card in the parcel"}
_BANDS = {"": "everybody else", "low": "a low score", "middle": "a middle score", "high": "a high score"}


class Change(NamedTuple):
    """What a draft changes: `what` is added, changed, moved or removed. Of words, `was` and `now` are those of the
    first of the `languages` in which they differ."""

    what: str
    about: str
    was: str = ""
    now: str = ""
    languages: tuple[str, ...] = ()


def condition(document: SurveyDocument, one: Condition, names: Mapping[str, str] | None = None) -> str:
    """Question 2 “Why?” is “Late”; `names` are those of values the document does not know, such as products."""
    asked = document.question(one.question)
    if one.question and asked is None:
        return "a question that is gone"
    about = title(document, asked) if asked else FACT_NAMES[one.fact]
    if one.test == "answered":
        return f"{about} is answered"
    if one.fact == "late":
        return "the delivery was late" if one.texts == ["yes"] else "the delivery was on time"
    values = [_value(document, asked, one, str(value), names or {}) for value in one.values]
    if one.test in ("from", "to"):
        return f"{about} is {values[0] if values else '…'} or {'more' if one.test == 'from' else 'less'}"
    return f"{about} is {'not ' if one.test == 'not' else ''}{listed(values, 'nor' if one.test == 'not' else 'or')}"


def _value(
    document: SurveyDocument, asked: Question | None, one: Condition, value: str, names: Mapping[str, str]
) -> str:
    if one.test == "band":
        return BAND_NAMES.get(document.kind, {}).get(value, value)
    if asked and (option := asked.option(value)):
        return f"“{in_language(option.text, '', document.languages) or '…'}”"
    if one.fact == "channel":
        return CHANNELS.get(value, value)
    return names.get(f"{one.fact}:{value}", value)


def conditions(document: SurveyDocument, question: Question, names: Mapping[str, str] | None = None) -> str:
    """Only if … and …; "" for a question that everybody is asked."""
    texts = [condition(document, one, names) for one in question.show_if]
    return f"Only if {' and '.join(texts)}" if texts else ""


def listed(names: Sequence[str], word: str = "and") -> str:
    if len(names) < 2:  # noqa: PLR2004 there is nothing to join
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def changes(before: SurveyDocument, after: SurveyDocument, names: Mapping[str, str] | None = None) -> list[Change]:
    """What people will see differently, question by question; `names` as for `condition`."""
    was = {question.id: question for question in before.questions}
    now = {question.id: question for question in after.questions}
    found = [Change("removed", _named(before, one)) for key, one in was.items() if key not in now]
    found += [Change("added", _named(after, one)) for key, one in now.items() if key not in was]
    for key, question in now.items():
        if key in was and question != was[key]:
            found += _of_question(before, after, was[key], names or {})
    found += _moved(list(was), list(now), after)
    if before.languages != after.languages:
        found.append(Change("changed", "the languages", listed(list(before.languages)), listed(list(after.languages))))
    return found + list(_said_around(before, after))


def _named(document: SurveyDocument, question: Question) -> str:
    return f"{title(document, question)} ({KIND_NAMES[question.kind].lower()})"


def _of_question(
    before: SurveyDocument, after: SurveyDocument, was: Question, names: Mapping[str, str]
) -> Iterable[Change]:
    now = after.question(was.id) or was
    name = title(after, now)
    ends = (("low_text", f"the low end of {name}"), ("high_text", f"the high end of {name}"))
    for field, called in (("text", name), ("help", f"the line under {name}"), *ends):
        yield from _words(called, getattr(was, field), getattr(now, field))
    if was.required != now.required:
        said = ("may be left out", "needs an answer")
        yield Change("changed", name, said[was.required], said[now.required])
    if (was.low, was.high) != (now.low, now.high):
        yield Change("changed", f"the scale of {name}", f"{was.low} to {was.high}", f"{now.low} to {now.high}")
    if was.show_if != now.show_if:
        before_it, after_it = (conditions(*one, names) or "Everybody is asked" for one in ((before, was), (after, now)))
        yield Change("changed", f"who is asked {name}", before_it, after_it)
    yield from _options(name, was, now, after)


def _options(name: str, was: Question, now: Question, after: SurveyDocument) -> Iterable[Change]:
    for option in now.options:
        before = was.option(option.id)
        said = in_language(option.text, "", after.languages)
        if before is None:
            yield Change("added", f"answer “{said}” to {name}" if said else f"an answer without words to {name}")
        else:
            yield from _words(f"answer “{said}” of {name}", before.text, option.text)
    for option in was.options:
        if now.option(option.id) is None:
            yield Change("removed", f"answer “{in_language(option.text, '', after.languages)}” of {name}")
    kept = [option.id for option in was.options if now.option(option.id)]
    if kept != [option.id for option in now.options if was.option(option.id)]:
        yield Change("moved", f"the answers of {name}")


def _words(called: str, was: Mapping[str, str], now: Mapping[str, str]) -> Iterable[Change]:
    different = tuple(one for one in {**now, **was} if was.get(one, "") != now.get(one, ""))
    if different:
        first = different[0]
        yield Change("changed", called, was.get(first, ""), now.get(first, ""), different)


def _moved(was: Sequence[str], now: Sequence[str], after: SurveyDocument) -> list[Change]:
    stayed = [key for key in was if key in now]
    order = [key for key in now if key in was]
    return [Change("moved", f"the order of the {len(after.questions)} questions")] if stayed != order else []


def _said_around(before: SurveyDocument, after: SurveyDocument) -> Iterable[Change]:
    yield from _words("the words before the first question", before.intro, after.intro)
    for band, called in _BANDS.items():
        pair = (before.thanks.get(band, {}), after.thanks.get(band, {}))  # type: ignore[call-overload]  # our own keys
        yield from _words(f"the thanks after {called}", *pair)
