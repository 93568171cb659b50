"""What happened to people while they waited for it: read from the log, so that the sequence of arrival is no matter."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from thereafter.journeys import facts
from thereafter.journeys.rules.deciding import is_heard
from thereafter.timeline.models import Entry

# An event about an order wakes runs about that order; a new order is always another one.
_OF_ANY_ORDER = frozenset({"order.placed"})


class Ear(NamedTuple):
    """Who waits for what: `event` (and its `topic`), since when, and until when if that is over one day."""

    run_id: int
    store_id: int
    customer_id: int
    order_id: int | None
    event: str
    topic: str
    since: datetime
    until: datetime | None
    started_by: Mapping[str, Any]
    started_at: datetime


class Line(Protocol):
    """A line of the log, as it is or as a rehearsal has it in memory."""

    @property
    def name(self) -> str: ...
    @property
    def order_id(self) -> int | None: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


def heard(ears: Sequence[Ear]) -> dict[int, list[facts.Facts]]:
    """The events each run waited for, as facts, oldest first; by run id, one query for each store."""
    found: dict[int, list[facts.Facts]] = {ear.run_id: [] for ear in ears}
    by_store: dict[int, list[Ear]] = defaultdict(list)
    for ear in ears:
        by_store[ear.store_id].append(ear)
    for store_id, group in by_store.items():
        entries = _entries(store_id, group)
        for ear in group:
            told = [entry for entry in entries[ear.customer_id, ear.event] if counts(ear, entry)]
            found[ear.run_id] = [facts.of_event(entry.payload) for entry in told]
    return found


def _entries(store_id: int, ears: Sequence[Ear]) -> Mapping[tuple[int, str], list[Entry]]:
    rows = Entry.objects.of(store_id).filter(
        customer_id__in={ear.customer_id for ear in ears},
        name__in={ear.event for ear in ears},
        occurred_at__gte=min(ear.since for ear in ears) - timedelta(days=1),
    )
    found: dict[tuple[int, str], list[Entry]] = defaultdict(list)
    for entry in rows.order_by("occurred_at", "id"):
        found[entry.customer_id or 0, entry.name].append(entry)
    return found


def counts(ear: Ear, entry: Line) -> bool:
    """Not what a machine did, not what started the journey itself, and not what came when the time was up."""
    if not is_heard(entry.occurred_at, entry.recorded_at, ear.since) or (ear.until and entry.occurred_at > ear.until):
        return False
    if entry.payload.get("machine") or entry.payload.get("is_gift"):
        return False
    if ear.topic and entry.payload.get("topic") != ear.topic:
        return False
    if entry.occurred_at == ear.started_at and entry.payload == ear.started_by:
        return False
    return is_about(entry.name, entry.order_id, ear.order_id)


def is_about(event: str, order_id: int | None, runs_order_id: int | None) -> bool:
    """Whether an event concerns a run: of its order, or of none, or a new order of the same customer."""
    return event in _OF_ANY_ORDER or not order_id or not runs_order_id or order_id == runs_order_id
