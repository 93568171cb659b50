"""What every page takes for granted of a document: that a text is a text and a list a list. Whether it is a good one is
another matter (`documents.check`); a draft may be unsound, but it must be possible to show it. Plain Python.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_re_entry(value: Any) -> bool:
    return _is_text(value) or (_is_object(value) and all(map(_is_number, value.values())))


# fmt: off
_TEXTS = (
    "about", "at", "date", "do", "else", "event", "kind", "name", "next", "once_per", "outcome", "place", "pool",
    "reason", "segment", "survey", "tag", "template", "text", "then", "title", "to", "topic", "until", "url", "zone",
)
_NUMBERS = (
    "after_hours", "days", "fresh_days", "holdout", "hours", "minutes", "points", "priority", "settle_minutes",
    "weight", "within_days", "working_days",
)
# fmt: on
_SHAPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(_TEXTS, (_is_text, "a text")),
    **dict.fromkeys(_NUMBERS, (_is_number, "a number")),
    **dict.fromkeys(("between", "channels", "stops_on", "weekdays"), (_are_texts, "a list of texts")),
    **dict.fromkeys(("entry", "goal", "late"), (_is_object, "an object")),
    "again": (_is_re_entry, '"never", "always" or {"after_days": 90}'),
}


def odd(document: Mapping[str, Any]) -> str:
    """The first value that is not even of its kind, as a sentence, or "". Steps and ways are objects already."""
    for where, part in _parts(document):
        for name, value in part.items():
            is_sound, what = _SHAPES.get(name, (lambda _: True, ""))
            if value is not None and not is_sound(value):
                return f"{where}`{name}` must be {what}."
    return ""


def _parts(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "", document
    for name in ("trigger", "entry", "goal", "late"):
        if isinstance(document.get(name), Mapping):
            yield f"{name}: ", document[name]
    for step in document["steps"]:
        yield f"Step “{step['id']}”: ", step
        for way in step.get("ways") or ():
            yield f"Step “{step['id']}”: ", way
