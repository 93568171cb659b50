"""What comes from outside: kept as text the moment it is verified, then drained in batches by the room it is for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction

from thereafter.timeline import peek
from thereafter.timeline.models import Inbound, StoreQuerySet, first_line, next_try

State = Inbound.State
_SETTLED = ("state", "reason", "waits_for", "due_at")


@dataclass(frozen=True, slots=True)
class Received:
    """A verified call. `key` is the sender's delivery id or a hash of the body; the second of a key is a duplicate."""

    store_id: int
    room: str
    source: str
    topic: str
    key: str
    body: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an inbound row; `rejects` are parts of a batch that were refused: (key, body, reason). One that
    is `WAITING` still is looked at once more at `again_at`."""

    state: State = State.DONE
    reason: str = ""
    waits_for: str = ""
    rejects: Sequence[tuple[str, str, str]] = field(default=())
    again_at: datetime | None = None


DONE = Outcome()


def put(received: Sequence[Received], now: datetime) -> set[tuple[int, str, str]]:
    """Keeps the calls in one statement; returns (store, source, key) of those that were new."""
    columns = "(store_id, room, source, topic, key, body, state, reason, waits_for, attempts, due_at, received_at)"
    row = "(%s, %s, %s, %s, %s, %s, 'waiting', '', '', 0, %s, %s)"
    at = connection.ops.adapt_datetimefield_value(now)
    values = [
        value
        for call in received
        for value in (call.store_id, call.room, call.source, call.topic, call.key, call.body, at, at)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO timeline_inbound {columns} VALUES {', '.join([row] * len(received))} "  # noqa: S608 only constants
            "ON CONFLICT (store_id, source, key) DO NOTHING RETURNING store_id, source, key",
            values,
        )
        return {(store_id, source, key) for store_id, source, key in cursor.fetchall()}


def drain(room: str, handle: Callable[[list[Inbound]], Sequence[Outcome]], now: datetime, limit: int = 500) -> int:
    """Gives waiting rows of a room, oldest first, to `handle`, which answers with one outcome per row.

    `handle` runs in the claim's transaction. If it raises, the rows are tried one by one; a row that raises alone is
    tried again later and refused after eight times, so that one bad row never holds up the rest.
    """
    if not peek.anything("timeline_inbound", "room = %s AND state = 'waiting' AND due_at <= %s", room, now):
        return 0
    with transaction.atomic():
        due = Inbound.objects.filter(room=room, state=State.WAITING, due_at__lte=now).order_by("due_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        rows = list(due[:limit])
        if rows:
            _take(rows, handle, now)
    return len(rows)


def _take(rows: list[Inbound], handle: Callable[[list[Inbound]], Sequence[Outcome]], now: datetime) -> None:
    try:
        with transaction.atomic():
            _settle(rows, handle(rows), now)
    except Exception as error:
        if len(rows) == 1:
            _postpone(rows[0], error, now)
            return
        for row in rows:
            _take([row], handle, now)


def _settle(rows: list[Inbound], outcomes: Sequence[Outcome], now: datetime) -> None:
    for row, outcome in zip(rows, outcomes, strict=True):
        row.state, row.reason, row.waits_for = outcome.state, outcome.reason[:300], outcome.waits_for
        row.due_at = outcome.again_at or row.due_at
    done = [row.pk for row in rows if row.state == State.DONE and not row.reason]
    Inbound.objects.filter(pk__in=done).update(state=State.DONE)
    Inbound.objects.bulk_update([row for row in rows if row.pk not in set(done)], _SETTLED)
    refuse(
        [
            (Received(row.store_id, row.room, row.source, row.topic, key, body), reason)
            for row, outcome in zip(rows, outcomes, strict=True)
            for key, body, reason in outcome.rejects
        ],
        now,
    )


def refuse(refused: Sequence[tuple[Received, str]], now: datetime) -> None:
    """Keeps calls that cannot be taken in the dead-letter list, each with its reason."""
    Inbound.objects.bulk_create(
        [
            Inbound(
                store_id=call.store_id,
                room=call.room,
                source=call.source,
                topic=call.topic,
                key=call.key,
                body=call.body,
                state=State.REFUSED,
                reason=reason[:300],
                due_at=now,
                received_at=now,
            )
            for call, reason in refused
        ],
        ignore_conflicts=True,
    )


def _postpone(row: Inbound, error: Exception, now: datetime) -> None:
    attempts = row.attempts + 1
    wait = next_try(attempts)
    Inbound.objects.filter(pk=row.pk).update(
        attempts=attempts,
        reason=first_line(error),
        state=State.WAITING if wait else State.REFUSED,
        due_at=now + timedelta(seconds=wait or 0),
    )


def wake(store: object, waited_for: Sequence[str], now: datetime) -> int:
    """Lets rows go on that were kept until one of these arrived."""
    kept = Inbound.objects.of(store).filter(state=State.KEPT, waits_for__in=waited_for)
    return kept.update(state=State.WAITING, reason="", due_at=now)


def look_again(now: datetime) -> int:
    """Wakes all that came in the last day and is still kept: what it waits for may have come at the same moment."""
    kept = Inbound.objects.filter(state=State.KEPT, received_at__gt=now - timedelta(days=1))
    return kept.update(state=State.WAITING, reason="", due_at=now)


def refused(store: object) -> StoreQuerySet[Inbound]:
    """The store's dead-letter list, newest first; what is kept waiting is not in it."""
    return Inbound.objects.of(store).filter(state=State.REFUSED).order_by("-id")


def replay(store: object, inbound_id: int, now: datetime, body: str | None = None) -> bool:
    """Tries a refused row again, with a mended body if one is given; False when there is no such row in this store."""
    mended = {} if body is None else {"body": body}
    again = refused(store).filter(pk=inbound_id).order_by()
    return bool(again.update(state=State.WAITING, reason="", attempts=0, due_at=now, **mended))
