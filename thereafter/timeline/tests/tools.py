"""What tests ask of the log."""

from typing import Any

from thereafter.events.base import Event
from thereafter.timeline.models import Entry


def recorded(kind: type[Event]) -> list[Event]:
    return [entry.event for entry in Entry.objects.filter(name=kind.name).order_by("id")]


def assert_recorded(kind: type[Event], /, times: int = 1, **fields: Any) -> list[Event]:
    """The events of this kind whose fields are as given; fails unless there are exactly `times`."""
    found = [event for event in recorded(kind) if all(getattr(event, key) == value for key, value in fields.items())]
    assert len(found) == times, f"{kind.name} recorded {len(found)} times, not {times}: {recorded(kind)}"
    return found
