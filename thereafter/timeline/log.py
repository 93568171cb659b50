"""Writing to the log. Only `actions` may import this (held by import-linter)."""

from django.db import connection, transaction

from thereafter.events.base import Event, ShopperEvent
from thereafter.kit import clock
from thereafter.timeline.bus import subscribers_of
from thereafter.timeline.models import Delivery, Entry
from thereafter.timeline.rows import insert


def record(*events: Event) -> list[Entry]:
    """Writes each event and one delivery per subscriber, in the caller's transaction."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("record() belongs in the transaction of the change it tells of")
    now = clock.now()
    entries = insert(
        Entry(
            store_id=event.store_id,
            name=event.name,
            occurred_at=event.occurred_at,
            recorded_at=now,
            customer_id=event.customer_id if isinstance(event, ShopperEvent) else None,
            order_id=event.order_id if isinstance(event, ShopperEvent) else None,
            actor=event.actor,
            payload=event.payload(),
        )
        for event in events
    )
    insert(
        Delivery(entry_id=entry.pk, subscriber=name, due_at=now)
        for entry in entries
        for name in subscribers_of(entry.name)
    )
    return entries


def move_customer(store: object, *, old: int, new: int) -> int:
    """Two records were one person: the past of `old` becomes the past of `new`. The log's only change, ever."""
    return Entry.objects.of(store).filter(customer_id=old).update(customer_id=new)
