"""What a new version changes, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from thereafter.journeys import words
from thereafter.journeys.console.picture import forks
from thereafter.journeys.registry import steps
from thereafter.journeys.rules import changes
from thereafter.journeys.rules.changes import Difference, Setting
from thereafter.journeys.rules.conditions_in_words import in_words
from thereafter.kit.pages import humanise

_LOOKS = {
    "added": ("plus", "good", "Added"),
    "removed": ("minus", "bad", "Removed"),
    "changed": ("settings", "info", "Changed"),
    "led": ("arrow-right", "info", "Leads elsewhere"),
    "part": ("settings", "info", "Changed"),
}
_PARTS = {
    "trigger": "What starts it",
    "entry": "Who may enter",
    "goal": "The goal",
    "stops_on": "What ends it early",
    "stop_if": "The condition to leave",
    "holdout": "How many are held out",
    "late": "What happens after a pause",
    "about": "What it is for",
}
LONGEST = 80


def differences(old: Mapping[str, Any], new: Mapping[str, Any], names: words.Names) -> list[dict[str, Any]]:
    """Lines to be shown: an icon and its tone, what was done to what, and how its settings changed."""
    old_steps, new_steps = ({row["id"]: row for row in document["steps"]} for document in (old, new))
    return [_line(one, {**old_steps, **new_steps}, names, old, new) for one in changes.between(old, new, forks())]


def _line(
    one: Difference, rows: Mapping[str, Any], names: words.Names, old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    icon, tone, did = _LOOKS[one.what]
    line = {"icon": icon, "tone": tone, "did": did, "details": list(_details(one, rows, names, old, new))}
    return line | {"what": _PARTS[one.where] if one.what == "part" else words.step_in_words(rows[one.where], names)}


def _details(
    one: Difference, rows: Mapping[str, Any], names: words.Names, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[str]:
    if one.where == "trigger" and one.what == "part":
        before, after = (
            f"{words.trigger_in_words(document, names)}. {words.entry_in_words(document)}" for document in (old, new)
        )
        yield f"{before} → {after}"
        return
    for setting in one.settings:
        if one.what == "led":
            to = words.step_in_words(rows[setting.new], names) if setting.new in rows else ""
            yield f"Now on to “{to}”" if to else "Now on to the end"
            continue
        label = _label(rows.get(one.where, {}).get("kind"), setting.name) if one.what == "changed" else ""
        told = f"{_value(setting, setting.old, names)} → {_value(setting, setting.new, names)}"
        yield f"{label}: {told}" if label else told


def _label(kind: Any, name: str) -> str:
    made = steps.get(str(kind))
    found = next((one.label for one in made.settings if one.name == name), "") if made else ""
    return found or humanise(name)


def _value(setting: Setting, value: Any, names: words.Names) -> str:
    """A setting's value, short."""
    if value in (None, "", []):
        return "nothing"
    if setting.name in ("if", "stop_if"):
        return in_words(value)
    if setting.name == "template":
        return f"“{names.template(value)}”"
    if isinstance(value, Mapping):
        value = ", ".join(f"{humanise(str(name)).lower()} {one}" for name, one in value.items())
    if isinstance(value, list):
        value = ", ".join(
            str(one.get("name") or in_words(one.get("if"))) if isinstance(one, Mapping) else str(one) for one in value
        )
    told = str(value)
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"
