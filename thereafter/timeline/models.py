"""The log of what happened, who still has to hear of it, and what reached us from outside.

`StoreModel` stands here because this is the lowest module with tables; import it from `stores.models`.
"""

from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from thereafter.events.base import Event

M = TypeVar("M", bound=models.Model)


class StoreQuerySet(models.QuerySet[M]):
    def of(self, store: Any) -> Self:
        """Only rows of this store (a Store or its id). Every query begins here."""
        return self.filter(store_id=getattr(store, "pk", store))


class StoreModel(models.Model):
    """A row that belongs to a store and is never seen from another."""

    store = models.ForeignKey("stores.Store", on_delete=models.CASCADE, related_name="+", db_index=False)
    store_id: int

    objects = StoreQuerySet.as_manager()

    class Meta:
        abstract = True


class Entry(StoreModel):
    """One line of the timeline. Written by `log.record` only; never changed, except when customers are merged."""

    name = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    # Plain numbers, not keys: the log outlives what it tells of.
    customer_id = models.BigIntegerField(null=True)
    order_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=64, blank=True)
    payload = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["store", "customer_id", "occurred_at"], name="entry_customer"),
            models.Index(fields=["store", "order_id"], name="entry_order", condition=Q(order_id__isnull=False)),
            models.Index(fields=["store", "name", "occurred_at"], name="entry_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.occurred_at:%Y-%m-%d %H:%M}"

    @property
    def event(self) -> Event:
        """The event as it was recorded."""
        return Event.names[self.name].from_row(self.__dict__, self.payload)


class Due(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


class Delivery(models.Model):
    """One subscriber that has to hear of one entry."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    entry_id: int
    subscriber = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=Due.choices, default=Due.WAITING)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "subscriber"], name="each_subscriber_hears_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], name="delivery_due", condition=Q(state="waiting")),
            models.Index(fields=["id"], name="delivery_dead", condition=Q(state="dead")),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} ({self.state})"


class Inbound(StoreModel):
    """Something a shop, a carrier or a caller sent: verified, kept as text, then drained in batches.

    `room` names the module that drains it. `kept` rows wait for what `waits_for` names (a refund before its order);
    `refused` rows are the dead-letter list, with a reason and a way to replay.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        KEPT = "kept"
        REFUSED = "refused"

    room = models.CharField(max_length=20)
    source = models.CharField(max_length=40)
    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=100)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    waits_for = models.CharField(max_length=160, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "source", "key"], name="each_delivery_is_taken_once")]
        indexes = [
            models.Index(fields=["room", "due_at", "id"], name="inbound_due", condition=Q(state="waiting")),
            models.Index(fields=["store", "waits_for"], name="inbound_kept", condition=Q(state="kept")),
            models.Index(fields=["store", "id"], name="inbound_refused", condition=Q(state="refused")),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.topic} ({self.state})"


class ScheduledJob(models.Model):
    """When a job of the whole installation runs next; several workers agree on it here."""

    name = models.CharField(max_length=80, primary_key=True)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


MOST_TRIES = 8


def next_try(attempts: int) -> int | None:
    """Seconds until another try, growing from 5 seconds to about 6 hours; None when there were eight."""
    return None if attempts >= MOST_TRIES else 5 * 4 ** (attempts - 1)


def first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else ''}"[:300]
