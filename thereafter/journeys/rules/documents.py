"""What a journey document must be. Plain Python.

docs/journeys.md describes a document. Steps follow each other as written unless one names its `next` ("end" ends the
journey) or ways (`then`, `else`, `ways`). They only ever go forward, so that nobody can walk in a circle.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from thereafter.journeys.rules import alike, conditions, vocabulary
from thereafter.journeys.rules.old_conditions import as_text
from thereafter.journeys.rules.plans import END, conditions_of, following, stops_on
from thereafter.journeys.rules.problems import Problem
from thereafter.journeys.rules.settings import LONGEST, Kind, Known, check_event, check_settings, is_hour, whole

__all__ = ["END", "Kind", "Known", "check", "stops_on", "without_unknown"]

Document = Mapping[str, Any]
Steps = Sequence[Mapping[str, Any]]
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TRIGGERS = ("event", "segment", "date", "reorder", "api")
_PARTS = ("trigger", "entry", "stops_on", "stop_if", "goal", "holdout", "late", "steps", "name", "about")
LATE = ("skip", "shift", "fire")
MOST_STEPS = 500
MOST_HELD_OUT = 50
_LONGEST_SETTLE = 7 * 24 * 60
_LONGEST_WINDOW = 730


def check(document: Any, known: Known) -> list[Problem]:
    """Everything that is wrong with a document; nothing when it can be published."""
    if not isinstance(document, Mapping) or not isinstance(document.get("trigger"), Mapping):
        return [Problem("trigger", 'Say which event starts the journey: {"trigger": {"event": "order.placed"}}.')]
    steps = document.get("steps")
    if not isinstance(steps, list) or not steps or not all(isinstance(step, Mapping) for step in steps):
        return [Problem("", "A journey needs at least one step.")]
    if len(steps) > MOST_STEPS:
        return [Problem("", f"A journey has at most {MOST_STEPS} steps; this one has {len(steps)}.")]
    shape = [*_check_ids(steps), *_check_steps(steps, known)]
    return [
        *_check_trigger(document["trigger"], known),
        *_check_parts(document, known),
        *shape,
        *([] if shape else _check_reach(steps)),
        *([] if shape else alike.check(document, steps, alike=_alike(steps, known))),
        *_check_conditions(document),
    ]


def _check_trigger(trigger: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    kinds = [kind for kind in _TRIGGERS if trigger.get(kind)]
    if len(kinds) != 1:
        said = "says nothing" if not kinds else f"says {' and '.join(kinds)}"
        yield Problem("trigger", f"A journey starts with one of {', '.join(_TRIGGERS)}; this trigger {said}.")
        return
    kind = kinds[0]
    if kind == "event":
        yield from check_event("trigger", "event", trigger["event"], known)
        if trigger["event"] == "customer.tracked" and not trigger.get("topic"):
            yield Problem("trigger", "Say which `topic` the API tells: that of customer.tracked.", "topic")
    if kind == "segment" and not _is_segment(trigger["segment"], known):
        yield Problem("trigger", f"There is no segment {trigger['segment']!r}.", "segment")
    if kind == "date":
        yield from _check_date(trigger)
    for setting, most in (("fresh_days", 3650), ("settle_minutes", _LONGEST_SETTLE)):
        if setting in trigger and not whole(trigger[setting], most):
            yield Problem("trigger", f"`{setting}` is a whole number, up to {most:,}.", setting)


def _is_segment(name: Any, known: Known) -> bool:
    return isinstance(name, str) and (known.segments is None or name in known.segments)


def _check_date(trigger: Mapping[str, Any]) -> Iterator[Problem]:
    """A day that cannot be reckoned would keep the days of all others from being told of."""
    if not re.fullmatch(r"trait\.\S+", str(trigger["date"])):
        yield Problem("trigger", "Name the trait that holds the day, such as trait.birthday.", "date")
    if not whole(trigger.get("days", 0), LONGEST, -LONGEST):
        yield Problem("trigger", f"`days` is a whole number, up to {LONGEST:,} after or before the day.", "days")
    if trigger.get("at") and not is_hour(trigger["at"]):
        yield Problem("trigger", "Give the hour as HH:MM, such as 10:00.", "at")


def _check_parts(document: Document, known: Known) -> Iterator[Problem]:
    for part in document:
        if part not in _PARTS:
            yield Problem("", f"There is no part `{part}` in a journey; there are {', '.join(_PARTS[:-2])}.")
    yield from _check_entry(document.get("entry") or {})
    yield from _check_goal(document.get("goal"), known)
    held = document.get("holdout", 0)
    if isinstance(held, bool) or not isinstance(held, int | float) or not 0 <= held <= MOST_HELD_OUT:
        yield Problem("", f"`holdout` is a percentage from 0 to {MOST_HELD_OUT}.", "holdout")
    late = document.get("late") or {}
    if (
        not isinstance(late, Mapping)
        or late.get("do", "skip") not in LATE
        or not whole(late.get("after_hours", 24), 8760)
    ):
        yield Problem(
            "", 'What happens after a pause is said as {"do": "skip", "after_hours": 24}; or shift, or fire.', "late"
        )
    stops = document.get("stops_on", [])
    if not isinstance(stops, list):
        yield Problem("", "`stops_on` is a list of events.", "stops_on")
        return
    for event in stops:
        yield from check_event("", "stops_on", event, known)


def _check_entry(entry: Any) -> Iterator[Problem]:
    again = entry.get("again", "never") if isinstance(entry, Mapping) else None
    if isinstance(again, Mapping):
        again = "always" if set(again) == {"after_days"} and whole(again["after_days"], 3650) else None
    if again not in ("never", "always"):
        yield Problem("entry", '`again` is "never", "always" or {"after_days": 90}.', "again")


def _check_goal(goal: Any, known: Known) -> Iterator[Problem]:
    if goal is None:
        return
    if not isinstance(goal, Mapping) or not goal.get("event"):
        yield Problem("goal", 'A goal names its event: {"event": "order.placed", "within_days": 30}.', "event")
        return
    yield from check_event("goal", "event", goal["event"], known)
    if not whole(goal.get("within_days", 30), _LONGEST_WINDOW) or goal.get("within_days") == 0:
        yield Problem("goal", f"`within_days` is a whole number from 1 to {_LONGEST_WINDOW}.", "within_days")


def _check_ids(steps: Steps) -> Iterator[Problem]:
    seen: set[Any] = set()
    for step in steps:
        name = step.get("id")
        if not isinstance(name, str) or not _ID.fullmatch(name) or name == END:
            yield Problem(str(name), "Give each step an id of small letters, digits and underscores, not `end`.", "id")
        elif name in seen:
            yield Problem(name, "Two steps have this id.", "id")
        seen.add(name if isinstance(name, str) else None)


def _check_steps(steps: Steps, known: Known) -> Iterator[Problem]:
    for place, step in enumerate(steps):
        where, kind = str(step.get("id")), str(step.get("kind"))
        if kind not in known.kinds:
            yield Problem(
                where, f"There is no kind of step {kind!r}; use one of {', '.join(sorted(known.kinds))}.", "kind"
            )
            continue
        later = {one.get("id") for one in steps[place + 1 :] if isinstance(one.get("id"), str)} | {END}
        for setting, to in targets(step, known.kinds[kind]):
            if not isinstance(to, str) or to not in later:
                yield Problem(where, f"`{setting}` must name a later step or `end`, not {to!r}.", setting)
        yield from check_settings(where, step, known)


def targets(step: Mapping[str, Any], kind: Kind) -> Iterator[tuple[str, Any]]:
    """Where a step says that it leads, by setting: ("then", "thank"), ("ways.0", "gift")."""
    for setting in ("next", *(name for name, shape in kind.settings.items() if shape == "step")):
        if step.get(setting):
            yield setting, step[setting]
    ways = step.get("ways")
    for at, way in enumerate(ways if isinstance(ways, list) else ()):
        if isinstance(way, Mapping) and way.get("to"):
            yield f"ways.{at}", way["to"]


def _check_reach(steps: Steps) -> Iterator[Problem]:
    """Steps that no way leads to are a mistake: somebody is not told what was written for them."""
    reached = reachable(steps)
    for step in steps:
        if step["id"] not in reached:
            yield Problem(step["id"], "No way leads to this step.")


def _alike(steps: Steps, known: Known) -> dict[str, bool]:
    """Which steps everybody must come to the same way: by their kind, or by the message that they send."""
    return {
        step["id"]: known.kinds[step["kind"]].alike or step.get("template") in known.alike_templates for step in steps
    }


def reachable(steps: Steps) -> set[str]:
    after, reached = following(steps), {steps[0]["id"]}
    for step in steps:
        if step["id"] in reached:
            reached |= set(exits(step, after[step["id"]]))
    return reached


def exits(step: Mapping[str, Any], after: str) -> Iterator[str]:
    """Every step that can come next ("" is the end)."""
    forks = {"branch": ("else",), "wait_for": ("then", "else")}.get(step["kind"])
    if step["kind"] == "stop":
        return
    if step["kind"] == "branch" and step.get("if"):
        forks = ("then", "else")
    named = [step.get(name) for name in forks or ()]
    named += [way.get("to") for way in step.get("ways") or ()]
    if not named:
        # A step of another room goes on with what follows, or down a way that it names.
        yield after
        named = [step.get(name) for name in ("then", "else") if step.get(name)]
    for to in named:
        yield after if not to else "" if to == END else str(to)


def _check_conditions(document: Document) -> Iterator[Problem]:
    for (where, setting), one in conditions_of(document).items():
        text = conditions.problem_with(as_text(one.text), vocabulary.journey(one.event))
        if text:
            yield Problem(where, text, setting)


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

    def mended(value: Any) -> Any:
        return [{**way, "to": past(way["to"])} if "to" in way else way for way in value]

    pointing = {"next", "then", "else"}
    steps = [
        {
            key: past(value) if key in pointing else mended(value) if key == "ways" else value
            for key, value in step.items()
        }
        for step in kept
    ]
    return {**document, "steps": steps}
