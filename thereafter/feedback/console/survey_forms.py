"""What the editor's forms of a survey say, written into its document."""

from typing import Any

from django.conf import settings
from django.http import QueryDict

from thereafter.feedback.console.survey_conditions import Conditions
from thereafter.feedback.rules import survey_editing as editing
from thereafter.feedback.rules.documents import MOST_OPTIONS, Option, Question, SurveyDocument, Words
from thereafter.kit.pages import tongue
from thereafter.stores.models import Store

# A text that is longer than it may be is kept for mending, up to here.
_KEPT = 2000
_BLANK_OPTIONS = 2
ENDS = (0, 1)
TOPS = (3, 5, 7, 10)
_BANDS: tuple[Any, ...] = ("low", "middle", "high", "")


def language_of(document: SurveyDocument, asked: str) -> str:
    """The second language that is edited beside the first; the first itself when there is only one."""
    if asked in document.languages:
        return asked
    return document.languages[0] if document.languages else "en"


def tongues(document: SurveyDocument, language: str) -> list[tuple[str, str]]:
    """The languages that a form has fields for: the first, and the chosen one beside it."""
    first = document.languages[0] if document.languages else "en"
    return [(code, tongue(code)) for code in dict.fromkeys((first, language))]


def offered(document: SurveyDocument) -> list[dict[str, Any]]:
    """Languages to tick."""
    codes = dict.fromkeys([*(code for code, _ in settings.LANGUAGES), *document.languages])
    return [{"code": code, "name": tongue(code), "is_on": code in document.languages} for code in codes]


def question(store: Store, document: SurveyDocument, key: str, data: QueryDict) -> SurveyDocument:
    """The document with a question as its form has it, and with what the pressed button does to its answers."""
    was = document.question(key)
    assert was is not None  # noqa: S101 the view has looked
    low, high = _ends(was, data)
    fields: dict[str, Any] = {
        "text": _words(was.text, data, "text"),
        "help": _words(was.help, data, "help"),
        "low_text": _words(was.low_text, data, "low_text"),
        "high_text": _words(was.high_text, data, "high_text"),
        "required": was.kind == "score" or "required" in data,
        "low": low,
        "high": high,
        "options": _options(was, data),
        "show_if": tuple(Conditions(store, document, was).read(data)) if was.kind != "score" else (),
    }
    changed = _pressed(was.model_copy(update=fields), data.get("do", ""))
    return editing.replace(document, changed)


def _words(was: Words, data: QueryDict, name: str) -> Words:
    """The texts of the languages that the form has fields for; the others stay."""
    stem = f"{name}@"
    said = {one.removeprefix(stem): str(data[one]).strip()[:_KEPT] for one in data if one.startswith(stem)}
    return editing.say(was, {language: text.replace("\r\n", "\n") for language, text in said.items()})


def _ends(was: Question, data: QueryDict) -> tuple[int, int]:
    if was.kind != "scale":
        return was.low, was.high
    low, high = data.get("low", ""), data.get("high", "")
    return (
        int(low) if low in map(str, ENDS) else was.low,
        int(high) if high in map(str, TOPS) else was.high,
    )


def _options(was: Question, data: QueryDict) -> tuple[Option, ...]:
    """The answers there are with their words, and new ones that were written in; emptied ones stay, to be mended."""
    kept = [one.model_copy(update={"text": _words(one.text, data, f"option-{one.id}")}) for one in was.options]
    keys = {one.id for one in was.options}
    for number in range(_BLANK_OPTIONS):
        words = _words({}, data, f"new-{number}")
        if words and len(kept) < MOST_OPTIONS and was.kind in ("choice", "choices"):
            key = next(name for n in range(1, len(keys) + 2) if (name := f"a{n}") not in keys)
            keys.add(key)
            kept.append(Option(id=key, text=words))
    return tuple(kept)


def _pressed(changed: Question, do: str) -> Question:
    """Up, down or away with one answer, or one condition away."""
    verb, _, what = do.partition(":")
    if verb == "condition_drop" and what.isdigit():
        left = [one for place, one in enumerate(changed.show_if) if place != int(what)]
        return changed.model_copy(update={"show_if": tuple(left)})
    options = list(changed.options)
    at = next((place for place, one in enumerate(options) if one.id == what), -1)
    if at < 0:
        return changed
    if verb == "option_drop":
        del options[at]
    there = at + {"option_up": -1, "option_down": 1}.get(verb, 0)
    if there != at and 0 <= there < len(options):
        options[at], options[there] = options[there], options[at]
    return changed.model_copy(update={"options": tuple(options)})


def around(document: SurveyDocument, data: QueryDict) -> SurveyDocument:
    """Languages, the words before the first question and those after the last."""
    ticked = [str(code) for code in data.getlist("language")]
    known = [one["code"] for one in offered(document) if one["code"] in ticked]
    first = data.get("first", "")
    languages = sorted(known, key=lambda code: code != first)
    thanks = {band: _words(document.thanks.get(band, {}), data, f"thanks-{band}") for band in _BANDS}
    changed = document.model_copy(
        update={
            "intro": _words(document.intro, data, "intro"),
            "thanks": {band: words for band, words in thanks.items() if words},
        }
    )
    return editing.without_lost_languages(editing.set_languages(changed, languages or document.languages))
