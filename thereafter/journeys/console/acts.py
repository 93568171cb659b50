"""What one does to a draft in the builder: a posted form becomes a new document, and words for what was done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from string import ascii_lowercase
from typing import Any

from django.http import QueryDict

from thereafter.journeys import words
from thereafter.journeys.console import fields, parts
from thereafter.journeys.console.choices import Choices
from thereafter.journeys.console.picture import forks
from thereafter.journeys.registry import Setting, steps
from thereafter.journeys.rules import editing, plans
from thereafter.journeys.rules.editing import CannotEdit
from thereafter.journeys.rules.graph import END, Exit
from thereafter.journeys.rules.layout import TooDeep

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """A new document. `show` is what the panel opens on ("" keeps it as it is), `focus` the step to stand on.

    Changes with the same `mark` soon after each other are one when they are undone.
    """

    document: dict[str, Any]
    did: str
    mark: str = ""
    show: str = ""
    focus: str = ""
    name: str = ""


Act = Callable[[Document, QueryDict, Choices], Change]


def carry_out(act: str, document: Document, data: QueryDict, choices: Choices) -> Change:
    """Raises `CannotEdit` with a sentence when the change makes no sense."""
    if act not in _ACTS:
        raise CannotEdit("The builder does not know how to do that. Load the page again.")
    try:
        return _ACTS[act](document, data, choices)
    except TooDeep as deep:
        raise CannotEdit(f"{deep} Change it as text.") from None


def _insert(document: Document, data: QueryDict, choices: Choices) -> Change:
    kind = data.get("kind", "")
    if kind not in steps:
        raise CannotEdit("There is no such kind of step any more. Choose another one.")
    after, name = editing.insert(document, _spot(data), kind, _FIRST.get(kind, {}), forks())
    return Change(after, f"Added “{steps[kind].label}”", show=f"step={name}", focus=name)


# What a new step begins with, so that it is sound, or asks for the one thing that is missing.
_FIRST: dict[str, dict[str, Any]] = {
    "wait": {"days": 1},
    "wait_for": {"days": 3},
    "split": {"ways": [{"name": "a", "weight": 50}, {"name": "b", "weight": 50}]},
}


def _remove(document: Document, data: QueryDict, choices: Choices) -> Change:
    step, title = data.get("step", ""), _title(document, data.get("step", ""), choices)
    lanes = editing.lanes_of(document, step, forks())
    if any(lanes.values()) and "keep" not in data:
        raise CannotEdit("Say which of its ways should stay.")
    after = editing.remove(document, step, forks(), keep=data.get("keep", ""))
    return Change(after, f"Removed “{title}”", show="open=overview", focus=_neighbour(document, after, step))


def _neighbour(before: Document, after: Document, step: str) -> str:
    """Where one stands when a step is gone: on what came before it."""
    left = {one["id"] for one in after["steps"]}
    ids = [one["id"] for one in before["steps"]]
    earlier = [one for one in ids[: ids.index(step)] if one in left]
    return earlier[-1] if earlier else "trigger"


def _move(document: Document, data: QueryDict, choices: Choices) -> Change:
    step = data.get("step", "")
    after = editing.move(document, step, _spot(data), forks())
    return Change(after, f"Moved “{_title(document, step, choices)}”", focus=step)


def _up(document: Document, data: QueryDict, choices: Choices) -> Change:
    step = data.get("step", "")
    after = editing.up(document, step, forks())
    return Change(after, f"Moved “{_title(document, step, choices)}” up", focus=step)


def _down(document: Document, data: QueryDict, choices: Choices) -> Change:
    step = data.get("step", "")
    after = editing.down(document, step, forks())
    return Change(after, f"Moved “{_title(document, step, choices)}” down", focus=step)


def _copy(document: Document, data: QueryDict, choices: Choices) -> Change:
    step = data.get("step", "")
    spot = _spot(data) if "at" in data else editing.behind(document, step, forks())
    after, name = editing.copy(document, step, spot, forks())
    return Change(after, f"Copied “{_title(document, step, choices)}”", show=f"step={name}", focus=name)


def _set(document: Document, data: QueryDict, choices: Choices) -> Change:
    step = data.get("step", "")
    row = row_of(document, step)
    if row["kind"] not in steps:
        raise CannotEdit(
            "The part of the shop that brought this step is not installed. Remove it, or install that part."
        )
    made = steps[row["kind"]].settings
    asked = {setting.name for setting in made if setting.kind not in ("step", "ways")}
    form = fields.Form(row, choices, event_of(document, step))
    given = form.read([one for one in made if one.name in asked], data)
    kept = {name: value for name, value in row.items() if name not in asked}
    after = editing.set_step(document, step, kept | given, forks())
    if row.get("ways"):
        after = editing.set_ways(
            after, step, [_way(row, place, data, choices, document) for place in _places(row)], forks()
        )
    # Fields that others hang on: what can be asked of the event, and the preview.
    renews = any(row.get(name) != given.get(name) for name in ("event", "template") if name in asked)
    shows = f"step={step}" if renews else ""
    return Change(after, f"Changed “{_title(after, step, choices)}”", mark=f"set:{step}", show=shows)


def _places(row: Mapping[str, Any]) -> range:
    return range(len(row["ways"]))


def _way(row: Mapping[str, Any], place: int, data: QueryDict, choices: Choices, document: Document) -> dict[str, Any]:
    settings = way_settings(row["kind"], place)
    form = fields.Form({"ways": {str(place): row["ways"][place]}}, choices, event_of(document, ""))
    given = form.read(settings, data)
    stem = f"ways.{place}."
    asked = {one.name.removeprefix(stem) for one in settings}
    kept = {name: value for name, value in row["ways"][place].items() if name not in asked}
    return kept | {name.removeprefix(stem): value for name, value in given.items()}


def _add_way(document: Document, data: QueryDict, choices: Choices) -> Change:
    step = data.get("step", "")
    row = row_of(document, step)
    taken = {way.get("name") for way in row.get("ways") or ()}
    names = (f"{letter}{turn or ''}" for turn in count() for letter in ascii_lowercase)
    name = next(one for one in names if one not in taken)
    way = {"name": name, "weight": 50} if row["kind"] == "split" else {"if": ""}
    after = editing.add_way(document, step, way, forks())
    return Change(after, f"Added a way to “{_title(document, step, choices)}”", show=f"step={step}", focus=step)


def _remove_way(document: Document, data: QueryDict, choices: Choices) -> Change:
    step, place = data.get("step", ""), data.get("place", "")
    after = editing.remove_way(document, step, int(place) if place.isdecimal() else -1, forks())
    return Change(after, f"Removed a way of “{_title(document, step, choices)}”", show=f"step={step}", focus=step)


def _lead(document: Document, data: QueryDict, choices: Choices) -> Change:
    step, to = data.get("step", ""), data.get("to", "")
    after = editing.lead(document, (step, data.get("way", "")), to, forks())
    where = "the end" if to == END else f"“{_title(document, to, choices)}”"
    return Change(after, f"Led “{_title(document, step, choices)}” to {where}", show=f"step={step}", focus=step)


def _trigger(document: Document, data: QueryDict, choices: Choices) -> Change:
    kind = data.get("trigger.kind", "event")
    settings = next((settings for one, _, _, settings in parts.TRIGGERS if one == kind), ())
    event = data.get("trigger.event", "")
    form = fields.Form(parts.shown(document), choices, event)
    found = fields.nested(form.read([*settings, *parts.ENTRY], data))
    trigger: dict[str, Any] = {kind: kind in ("reorder", "api") or ""}
    after = dict(document) | {"trigger": {**trigger, **found.get("trigger", {})}}
    entry = parts.entry_of(found.get("entry", {}))
    after = {name: value for name, value in after.items() if name != "entry"} | ({"entry": entry} if entry else {})
    renews = parts.trigger_kind(document) != kind or event_of(document, "") != event_of(after, "")
    return Change(after, "Changed who enters", mark="trigger", show="open=trigger" if renews else "")


def _settings(document: Document, data: QueryDict, choices: Choices) -> Change:
    form = fields.Form(document, choices, event_of(document, ""))
    found = fields.nested(form.read(parts.WHOLE, data))
    name = str(found.pop("name", ""))
    if not found.get("goal", {}).get("event"):
        found.pop("goal", None)
    asked = {setting.name.partition(".")[0] for setting in parts.WHOLE}
    kept = {part: value for part, value in document.items() if part not in asked}
    stops = found.get("stops_on", [])
    if stops != list(stops_of({"trigger": document["trigger"]})):
        found["stops_on"] = stops
    elif "stops_on" not in document:
        found.pop("stops_on", None)
    return Change(kept | found, "Changed the settings", mark="settings", name=name)


_ACTS: dict[str, Act] = {
    "insert": _insert,
    "remove": _remove,
    "move": _move,
    "up": _up,
    "down": _down,
    "copy": _copy,
    "set": _set,
    "add_way": _add_way,
    "remove_way": _remove_way,
    "lead": _lead,
    "trigger": _trigger,
    "settings": _settings,
}


def row_of(document: Document, step: str) -> Mapping[str, Any]:
    """A step of the document; raises `CannotEdit` when somebody removed it meanwhile."""
    found = next((row for row in document["steps"] if row["id"] == step), None)
    if found is None:
        raise CannotEdit("That step is no longer there: somebody removed it.")
    return dict(found)


def event_of(document: Document, step: str) -> str:
    """The event that `fact` is about: what a step waits for, else what starts the journey."""
    row: Mapping[str, Any] = next((row for row in document["steps"] if row["id"] == step), {})
    return str(row.get("event") or plans.trigger_event(document["trigger"]) or "")


def stops_of(document: Document) -> Sequence[str]:
    """The events about its order that end a run, said or not."""
    return plans.stops_on(document)


def way_settings(kind: str, place: int) -> tuple[Setting, ...]:
    """What is asked of each way: of a split its name and share, of a choice its condition."""
    stem = f"ways.{place}."
    if kind == "split":
        return (
            Setting(f"{stem}name", "Name", required=True),
            Setting(f"{stem}weight", "Share", "number", required=True),
        )
    return (Setting(f"{stem}if", "If", "condition", required=True), Setting(f"{stem}name", "Called"))


def _title(document: Document, step: str, choices: Choices) -> str:
    return words.step_in_words(row_of(document, step), choices.names)


def _spot(data: QueryDict) -> Exit:
    return data.get("at", ""), data.get("way", "next")
