"""Every event and who reacts to it, read from the code."""

from dataclasses import fields
from typing import Any, get_type_hints

from thereafter.events.base import Event
from thereafter.timeline.bus import subscribers_of

_COMMON = ("store_id", "occurred_at", "actor")


def catalogue() -> list[dict[str, Any]]:
    """One row per event: name, what it means, own fields with their types, subscribers."""
    return [_row(kind) for _, kind in sorted(Event.names.items())]


def _row(kind: type[Event]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    own = [field.name for field in fields(kind) if field.name not in _COMMON]
    return {
        "name": kind.name,
        "means": (kind.__doc__ or "").strip(),
        "fields": {name: _spelling(hints[name]) for name in own},
        "subscribers": sorted(subscribers_of(kind.name)),
    }


def _spelling(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind).replace("datetime.", "")


def as_markdown() -> str:
    """The page docs/events.md."""
    lines = [
        "# Events",
        "",
        "Made by `thereafter events --markdown`; do not edit. Every event also carries `store_id`, `occurred_at` and",
        "`actor`. A subscriber named `room.function` is in `thereafter/room/handlers.py`.",
        "",
    ]
    for row in catalogue():
        lines += [f"## `{row['name']}`", "", row["means"], ""]
        lines += [f"- `{name}`: {kind}" for name, kind in row["fields"].items()]
        heard = ", ".join(f"`{name}`" for name in row["subscribers"]) or "nobody yet"
        lines += ["", f"Heard by {heard}.", ""]
    return "\n".join(lines)
