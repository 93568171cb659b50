"""Carrying deliveries to their subscribers: claimed in batches, retried with growing delay, buried after eight tries.

Claim, the handlers' work and the mark "done" are one transaction. A worker that dies leaves nothing half done: its
locks go with its connection and the next worker finds the deliveries waiting.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from thereafter.timeline import peek
from thereafter.timeline.bus import subscriber
from thereafter.timeline.models import Delivery, Due, first_line, next_try

log = logging.getLogger(__name__)


def deliver_due(now: datetime, limit: int = 500) -> int:
    """Hands up to `limit` due deliveries to their handlers; returns how many were taken up."""
    if not peek.anything("timeline_delivery", "state = 'waiting' AND due_at <= %s", now):
        return 0
    with transaction.atomic():
        claimed = claim(now, limit)
        for name, deliveries in groupby(claimed, key=lambda delivery: delivery.subscriber):
            _carry(name, list(deliveries), now)
    return len(claimed)


def claim(now: datetime, limit: int) -> list[Delivery]:
    due = Delivery.objects.filter(state=Due.WAITING, due_at__lte=now).order_by("due_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    claimed = list(due.select_related("entry")[:limit])
    return sorted(claimed, key=lambda delivery: (delivery.subscriber, delivery.pk))


def _carry(name: str, deliveries: Sequence[Delivery], now: datetime) -> None:
    try:
        with transaction.atomic():
            subscriber(name)([delivery.entry.event for delivery in deliveries])
            Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(state=Due.DONE)
    except Exception as error:
        if len(deliveries) == 1:
            _postpone(deliveries[0], error, now)
            return
        for delivery in deliveries:
            _carry(name, [delivery], now)


def _postpone(delivery: Delivery, error: Exception, now: datetime) -> None:
    attempts = delivery.attempts + 1
    wait = next_try(attempts)
    log.warning("%s failed on entry %s (try %s)", delivery.subscriber, delivery.entry_id, attempts, exc_info=error)
    Delivery.objects.filter(pk=delivery.pk).update(
        attempts=attempts,
        error=first_line(error),
        state=Due.WAITING if wait else Due.DEAD,
        due_at=now + timedelta(seconds=wait or 0),
    )


def dead(store: Any) -> QuerySet[Delivery]:
    """Deliveries of a store that failed eight times, newest first."""
    store_id: int = getattr(store, "pk", store)
    return Delivery.objects.filter(entry__store_id=store_id, state=Due.DEAD).select_related("entry").order_by("-id")


def replay(store: Any, delivery_id: int, now: datetime) -> bool:
    """Gives a dead delivery its eight tries again; False when there is no such one in this store."""
    again = dead(store).filter(pk=delivery_id).order_by().select_related(None)
    return bool(again.update(state=Due.WAITING, attempts=0, error="", due_at=now))
