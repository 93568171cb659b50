"""What the settings of a step must be, each by its kind. Plain Python."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from thereafter.journeys.rules.problems import Problem
from thereafter.journeys.rules.waits import UNITS, WEEKDAYS

_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_NAME = re.compile(r"(order|customer|fact|trait)\.\S+|now")
LONGEST = 3650
# JSON, as Python reads it, has numbers that no database takes, and an infinite one.
_HIGHEST = 10**15
_HIGHEST_PRIORITY = 1000
FEWEST_WAYS = 2
CHANNELS = ("email", "sms", "whatsapp", "push")
# How long a wait takes is said by any of these.
_SPANS = (*UNITS, "at", "weekdays", "between", "until")
# Of a wait, `_check_span` knows better: days may be negative, and a window is a pair.
_SPANNED = (*UNITS, "between")


@dataclass(frozen=True)
class Kind:
    """A kind of step: its settings with the kind of each, and which it cannot do without."""

    settings: Mapping[str, str] = field(default_factory=dict)
    required: Collection[str] = ()
    # Everybody comes to it the same way, whatever they said (`alike`).
    alike: bool = False


@dataclass(frozen=True)
class Known:
    """What documents may name in this store. None where nobody can tell, so that nothing is held against it."""

    events: Collection[str]
    kinds: Mapping[str, Kind]
    templates: Collection[str]
    segments: Collection[str] | None = None
    surveys: Collection[str] | None = None
    pools: Collection[str] | None = None
    alike_templates: Collection[str] = ()


def whole(value: Any, most: int = LONGEST, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_hour(value: Any) -> bool:
    return isinstance(value, str) and bool(_HOUR.fullmatch(value))


def check_event(where: str, setting: str, event: Any, known: Known) -> Iterator[Problem]:
    if not isinstance(event, str) or event not in known.events:
        yield Problem(where, f"There is no event {event!r}; use one of {', '.join(sorted(known.events))}.", setting)


def check_settings(where: str, step: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    """What is missing, what is of the wrong kind, and what a kind of step asks for beyond that."""
    kind = known.kinds[step["kind"]]
    for setting in sorted(kind.required):
        if step.get(setting) in (None, "", []):
            yield Problem(where, f"A {step['kind']} step needs {setting}.", setting)
    special = _SPANNED if step["kind"] in ("wait", "wait_for") else ()
    for setting, shape in kind.settings.items():
        if setting not in special and step.get(setting) not in (None, "", []):
            text = _wrong(shape, step[setting], known)
            if text:
                yield Problem(where, text, setting)
    ways = step.get("ways")
    if ways and step["kind"] not in ("branch", "split") and not _are_ways(ways):
        yield Problem(where, 'Ways are a list: [{"to": "gift"}].', "ways")
    if step["kind"] in _SPECIAL:
        yield from _SPECIAL[step["kind"]](where, step)


def _wrong(shape: str, value: Any, known: Known) -> str:
    """What is wrong with a value, as a sentence; "" when nothing is."""
    names = _names(shape, known)
    if names is not None and (not isinstance(value, str) or value not in names):
        return f"There is no {shape} {value!r}."
    is_sound, text = _SHAPES.get(shape, (lambda _: True, ""))
    return "" if is_sound(value) else text


def _names(shape: str, known: Known) -> Collection[str] | None:
    named = {
        "template": known.templates,
        "event": known.events,
        "segment": known.segments,
        "survey": known.surveys,
        "pool": known.pools,
    }
    return named.get(shape)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _HIGHEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_SHAPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (_is_text, "This is a text."),
    "long_text": (_is_text, "This is a text."),
    "trait": (_is_text, "Name a trait, such as loyalty.tier."),
    "number": (_is_number, "This is a number, not below 0."),
    "percent": (lambda value: _is_number(value) and value <= 100, "A percentage is from 0 to 100."),  # noqa: PLR2004 per cent
    "flag": (lambda value: isinstance(value, bool), "This is true or false."),
    "hour": (is_hour, "Give the hour as HH:MM, such as 10:00."),
    "weekdays": (
        lambda value: isinstance(value, list) and all(day in WEEKDAYS for day in value),
        f"Weekdays are a list of {', '.join(WEEKDAYS)}.",
    ),
    "channels": (
        lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
        'Channels are a list, the best first: ["push", "email"].',
    ),
    "moment": (
        lambda value: bool(_NAME.fullmatch(str(value))),
        "Name a day that is known, such as trait.birthday or order.placed_at.",
    ),
    "url": (
        lambda value: isinstance(value, str) and value.startswith(("https://", "http://")),
        "An address begins with https://.",
    ),
}


def _check_wait(where: str, step: Mapping[str, Any]) -> Iterator[Problem]:
    if not any(step.get(name) for name in _SPANS):
        yield Problem(where, "Say how long to wait, or until what hour of the day.")
    yield from _check_span(where, step)


def _check_wait_for(where: str, step: Mapping[str, Any]) -> Iterator[Problem]:
    if not any(step.get(name) for name in _SPANS):
        yield Problem(where, "Say how long to wait at most: what if it never happens?", "days")
    yield from _check_span(where, step)


def _check_span(where: str, step: Mapping[str, Any]) -> Iterator[Problem]:
    least = -LONGEST if step.get("until") else 0
    for unit in UNITS:
        if not whole(
            step.get(unit, 0), LONGEST * (24 * 60 if unit == "minutes" else 24 if unit == "hours" else 1), least
        ):
            yield Problem(where, "Days, hours and minutes are whole numbers, up to 3650 days.", unit)
    if step.get("working_days") and not whole(step["working_days"], LONGEST):
        yield Problem(where, "Working days are counted forward.", "working_days")
    if "at" in step and not is_hour(step["at"]):
        yield Problem(where, "Give the hour as HH:MM, such as 10:00.", "at")
    between = step.get("between")
    if between is not None and not _is_window(between):
        yield Problem(where, 'A window of the day is a pair of different hours: ["09:00", "18:00"].', "between")
    if step.get("weekdays") and _wrong("weekdays", step["weekdays"], _NOTHING):
        yield Problem(where, _SHAPES["weekdays"][1], "weekdays")
    if step.get("zone", "shop") not in ("shop", "customer"):
        yield Problem(where, "The hour is by the clock of the `shop` or of the `customer`.", "zone")


def _is_window(between: Any) -> bool:
    is_pair = isinstance(between, list) and len(between) == FEWEST_WAYS
    return is_pair and between[0] != between[1] and all(map(is_hour, between))


def _are_ways(ways: Any) -> TypeGuard[list[Mapping[str, Any]]]:
    return isinstance(ways, list) and all(isinstance(way, Mapping) for way in ways)


def _check_branch(where: str, step: Mapping[str, Any]) -> Iterator[Problem]:
    ways = step.get("ways")
    if not step.get("if") and not ways:
        yield Problem(where, "Say on what condition each way is taken.", "if")
    if ways is not None and not _are_ways(ways):
        yield Problem(where, 'Ways are a list: [{"if": "order.total > 100", "to": "gift"}].', "ways")
        return
    for at, way in enumerate(ways or ()):
        if not way.get("if"):
            yield Problem(where, "Say on what condition this way is taken.", f"ways.{at}")


def _check_split(where: str, step: Mapping[str, Any]) -> Iterator[Problem]:
    ways = step.get("ways")
    if not _are_ways(ways) or len(ways) < FEWEST_WAYS:
        yield Problem(where, "A split has at least two ways, each with a name and a weight.", "ways")
        return
    names = [way.get("name") for way in ways]
    if not all(isinstance(name, str) and name for name in names) or len(set(map(str, names))) < len(names):
        yield Problem(where, "Each way of a split has a name of its own.", "ways")
    weights = [way.get("weight") for way in ways]
    if not all(map(_is_number, weights)) or not sum(weight or 0 for weight in weights):
        yield Problem(where, "The weights of a split are numbers, not all of them 0.", "ways")


def _check_send(where: str, step: Mapping[str, Any]) -> Iterator[Problem]:
    if not whole(step.get("priority") or 0, _HIGHEST_PRIORITY):
        yield Problem(where, f"The priority is a whole number, up to {_HIGHEST_PRIORITY}.", "priority")


_NOTHING = Known(events=(), kinds={}, templates=())
_SPECIAL = {
    "wait": _check_wait,
    "wait_for": _check_wait_for,
    "branch": _check_branch,
    "split": _check_split,
    "send": _check_send,
}
