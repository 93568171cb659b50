"""What a journey document must be, how one walks through it, and when a wait is over. Plain Python.

A document: `{"trigger": {"event": "parcel.delivered", "once_per": "order", "if": …, "fresh_days": 3},
"stops_on": ["order.cancelled"], "steps": [{"id": "rest", "kind": "wait", "days": 3, "at": "10:00"}, …]}`.
Steps follow each other as written unless one names its `next` ("end" ends the journey); a branch names `then` and
`else`. They only ever go forward, so that nobody can walk in a circle.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thereafter.journeys.rules.conditions import check_condition
from thereafter.journeys.rules.problems import Problem

Document = Mapping[str, Any]
END = "end"
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


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
        yield from check_condition("trigger", trigger["if"])


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
        yield from check_condition(where, step["if"])


def _check_wait(where: str, step: Mapping[str, Any]) -> Iterator[Problem]:
    spans = [step.get(unit, 0) for unit in ("days", "hours", "minutes")]
    if not all(isinstance(span, int) and 0 <= span <= 3650 for span in spans):  # noqa: PLR2004 ten years
        yield Problem(where, "Days, hours and minutes are whole numbers, up to 3650.")
    elif not any(spans) and "at" not in step:
        yield Problem(where, "Say how long to wait, or until what hour of the day.")
    if "at" in step and not _HOUR.fullmatch(str(step["at"])):
        yield Problem(where, "Give the hour as HH:MM, such as 10:00.")


def stops_on(document: Document) -> Sequence[str]:
    """The events about its order that end a run; a cancelled order does unless the document says otherwise."""
    default = [] if document["trigger"]["event"] == "order.cancelled" else ["order.cancelled"]
    stops: Sequence[str] = document.get("stops_on", default)
    return stops


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
