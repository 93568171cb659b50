"""What a journey document must be, how one walks through it, and when a wait is over. Plain Python.

A document: `{"trigger": {"event": "parcel.delivered", "once_per": "order", "if": …, "fresh_days": 3},
"stops_on": ["order.cancelled"], "steps": [{"id": "rest", "kind": "wait", "days": 3, "at": "10:00"}, …]}`.
Steps follow each other as written unless one names its `next` ("end" ends the journey); a branch names `then` and
`else`. They only ever go forward, so that nobody can walk in a circle.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Document = Mapping[str, Any]
END = "end"
FRESH_DAYS = 3
NAMES = ("fact", "trait", "order", "customer")
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, wanted: bool(value == wanted),
    "is_not": lambda value, wanted: bool(value != wanted),
    "at_least": lambda value, wanted: value is not None and bool(value >= wanted),
    "at_most": lambda value, wanted: value is not None and bool(value <= wanted),
    "in": lambda value, wanted: value in wanted,
    "exists": lambda value, wanted: (value is not None) == wanted,
}


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: the id of a step, "trigger" or ""."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


@dataclass(frozen=True)
class Known:
    """What a document may name: events, kinds of step with the settings each requires, and templates."""

    events: Collection[str]
    kinds: Mapping[str, Collection[str]]
    templates: Collection[str]


@dataclass(frozen=True)
class Plan:
    """A document made ready to walk: steps by id, and what follows each ("" at the end)."""

    first: str
    steps: Mapping[str, Mapping[str, Any]]
    after: Mapping[str, str]


def plan(document: Document) -> Plan:
    steps: Sequence[Mapping[str, Any]] = document["steps"]
    ids = [step["id"] for step in steps]
    follows = dict(zip(ids, [*ids[1:], ""], strict=True))
    after = {step["id"]: step.get("next", follows[step["id"]]) for step in steps}
    return Plan(ids[0], {step["id"]: step for step in steps}, {at: "" if to == END else to for at, to in after.items()})


def check(document: Any, known: Known) -> list[Problem]:
    """Everything that is wrong with a document; nothing when it can be published."""
    if not isinstance(document, Mapping) or not isinstance(document.get("trigger"), Mapping):
        return [Problem("trigger", 'Say which event starts the journey: {"trigger": {"event": "order.placed"}}.')]
    steps = document.get("steps")
    if not isinstance(steps, list) or not steps or not all(isinstance(step, Mapping) for step in steps):
        return [Problem("", "A journey needs at least one step.")]
    return [*_check_trigger(document["trigger"], known), *_check_ids(steps), *_check_steps(steps, known)]


def _check_trigger(trigger: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    if trigger.get("event") not in known.events:
        yield Problem(
            "trigger", f"There is no event {trigger.get('event')!r}; use one of {', '.join(sorted(known.events))}."
        )
    if "if" in trigger:
        yield from _check_condition("trigger", trigger["if"])


def _check_ids(steps: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    seen: set[Any] = set()
    for step in steps:
        name = step.get("id")
        if not isinstance(name, str) or not _ID.fullmatch(name) or name == END:
            yield Problem(str(name), "Give each step an id of small letters, digits and underscores, not `end`.")
        elif name in seen:
            yield Problem(name, "Two steps have this id.")
        seen.add(name)


def _check_steps(steps: Sequence[Mapping[str, Any]], known: Known) -> Iterator[Problem]:
    for place, step in enumerate(steps):
        where = str(step.get("id"))
        kind = str(step.get("kind"))
        if kind not in known.kinds:
            yield Problem(where, f"There is no kind of step {kind!r}; use one of {', '.join(sorted(known.kinds))}.")
            continue
        for setting in sorted(set(known.kinds[kind]) - set(step)):
            yield Problem(where, f"A {kind} step needs {setting}.")
        later = {one.get("id") for one in steps[place + 1 :]} | {END}
        for to in ("next", "then", "else"):
            if to in step and step[to] not in later:
                yield Problem(where, f"`{to}` must name a later step or `end`, not {step[to]!r}.")
        yield from _check_settings(where, step, known)


def _check_settings(where: str, step: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    if "template" in step and step["template"] not in known.templates:
        yield Problem(where, f"There is no template {step['template']!r}.")
    if step["kind"] == "wait":
        yield from _check_wait(where, step)
    if step["kind"] == "branch" and "if" in step:
        yield from _check_condition(where, step["if"])


def _check_wait(where: str, step: Mapping[str, Any]) -> Iterator[Problem]:
    spans = [step.get(unit, 0) for unit in ("days", "hours", "minutes")]
    if not all(isinstance(span, int) and 0 <= span <= 3650 for span in spans):  # noqa: PLR2004 ten years
        yield Problem(where, "Days, hours and minutes are whole numbers, up to 3650.")
    elif not any(spans) and "at" not in step:
        yield Problem(where, "Say how long to wait, or until what hour of the day.")
    if "at" in step and not _HOUR.fullmatch(str(step["at"])):
        yield Problem(where, "Give the hour as HH:MM, such as 10:00.")


def _check_condition(where: str, condition: Any) -> Iterator[Problem]:
    if not isinstance(condition, Mapping):
        yield Problem(where, 'A condition looks like {"fact": "late", "is": true}.')
        return
    for group in ("all", "any"):
        if group in condition:
            for part in condition[group]:
                yield from _check_condition(where, part)
            return
    if sum(name in condition for name in NAMES) != 1 or sum(test in condition for test in _TESTS) != 1:
        yield Problem(where, f"A condition names one of {', '.join(NAMES)} and one of {', '.join(_TESTS)}.")


def holds(condition: Document | None, facts: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a condition is true of `facts`, by namespace: {"fact": {"late": True}, "trait": {…}}. None always is.

    A comparison of things that cannot be compared is false.
    """
    if not condition:
        return True
    if "all" in condition:
        return all(holds(part, facts) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, facts) for part in condition["any"])
    name = next(name for name in NAMES if name in condition)
    test = next(test for test in _TESTS if test in condition)
    value = facts.get(name, {}).get(condition[name])
    try:
        return _TESTS[test](value, condition[test])
    except TypeError:
        return False


def is_fresh(occurred_at: datetime, now: datetime, trigger: Mapping[str, Any]) -> bool:
    """An old event that only now reached us (an import, a carrier catching up) starts nothing."""
    return now - occurred_at <= timedelta(days=trigger.get("fresh_days", FRESH_DAYS))


def entry_key(trigger: Mapping[str, Any], *, customer_id: int, order_id: int | None, payload: Mapping[str, Any]) -> str:
    """Who can enter once: `once_per` is order, customer, or what the event has an id of (parcel, refund …)."""
    per = trigger.get("once_per", "order")
    number = {"order": order_id, "customer": customer_id}.get(per, payload.get(f"{per}_id"))
    return f"{per}:{number}" if number is not None else f"customer:{customer_id}"


def stops_on(document: Document) -> Sequence[str]:
    """The events about its order that end a run; a cancelled order does unless the document says otherwise."""
    default = [] if document["trigger"]["event"] == "order.cancelled" else ["order.cancelled"]
    stops: Sequence[str] = document.get("stops_on", default)
    return stops


def wake_at(now: datetime, zone: ZoneInfo, settings: Mapping[str, Any]) -> datetime:
    """When a wait is over, in the zone of `now`. Days are those of the shop's calendar, over clock changes too.

    With `at`, whole days end at that hour of the last day; otherwise the wait goes on to the next such hour.
    """
    days, span = settings.get("days", 0), timedelta(hours=settings.get("hours", 0), minutes=settings.get("minutes", 0))
    local = now.astimezone(zone)
    on_that_day = datetime.combine(local.date() + timedelta(days=days), local.time(), tzinfo=zone)
    over = (on_that_day.astimezone(now.tzinfo) + span).astimezone(zone)
    if "at" not in settings:
        return over.astimezone(now.tzinfo)
    wanted = datetime.combine(over.date(), time.fromisoformat(settings["at"]), tzinfo=zone)
    if wanted < over and (span or not days):
        wanted = datetime.combine(over.date() + timedelta(days=1), wanted.timetz())
    return wanted.astimezone(now.tzinfo)


def without_unknown(document: Document, kinds: Collection[str]) -> dict[str, Any]:
    """The document without steps of rooms that are not there; those who point to a step that went point past it."""
    steps = document["steps"]
    kept = [step for step in steps if step["kind"] in kinds]
    gone = {step["id"]: at for at, step in enumerate(steps) if step["kind"] not in kinds}
    ids = [step["id"] for step in steps]

    def past(target: str) -> str:
        while target in gone:
            target = steps[gone[target]].get("next") or next(iter(ids[gone[target] + 1 :]), END)
        return target

    mended = [
        {key: past(value) if key in {"next", "then", "else"} else value for key, value in step.items()} for step in kept
    ]
    return {**document, "steps": mended}
