"""Who uses a segment, so that it is not taken away from under them: `@uses_segments` in a module's `handlers.py`."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from thereafter.journeys.models import Journey, Segment
from thereafter.stores.models import Store

Users = Callable[[Store, str], Iterable[str]]
_users: list[Users] = []


def uses_segments(find: Users) -> Users:
    """Adds a room that uses segments: the function names what uses the one with this key, "the campaign “Spring”"."""
    _users.append(find)
    return find


def users_of(segment: Segment) -> list[str]:
    """What would miss the segment, in words; nothing when it can go."""
    found = [name for find in _users for name in find(segment.store, segment.key)]
    return [*_journeys(segment), *_segments(segment), *found]


def _journeys(segment: Segment) -> list[str]:
    rows = (
        Journey.objects.of(segment.store_id).filter(archived_at=None, version__isnull=False).select_related("version")
    )
    return [
        f"the journey “{journey.name}”"
        for journey in rows
        if journey.live and journey.version and names_segment(journey.version.document, segment.key)
    ]


def _segments(segment: Segment) -> list[str]:
    others = Segment.objects.of(segment.store_id).exclude(pk=segment.pk)
    return [f"the segment “{other.name}”" for other in others if asks_for(other.condition, segment.key)]


def names_segment(document: Mapping[str, Any], key: str) -> bool:
    """Whether a journey's document speaks of the segment: its trigger, a setting of a step, or a condition."""
    return any(
        (name == "segment" and value == key) or asks_for(value, key)
        for name, value in _texts(json.loads(json.dumps(document)))
    )


def asks_for(condition: str, key: str) -> bool:
    return "customer.segments" in condition and bool(re.search(rf"(['\"]){re.escape(key)}\1", condition))


def _texts(value: Any, name: str = "") -> Iterable[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for inner, each in value.items():
            yield from _texts(each, inner)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)
