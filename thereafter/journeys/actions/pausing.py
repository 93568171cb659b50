"""Pausing a journey: nobody moves, and who comes in stands at the door; and what becomes of those whose time came
meanwhile."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from thereafter.journeys import rows
from thereafter.journeys.actions.holding import hold
from thereafter.journeys.actions.moving import end_rows
from thereafter.journeys.models import Journey, Run, Timer
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, StoreQuerySet

State = Run.State
TOO_LATE = "too late after a pause"
AFTER_HOURS = 24
CHUNK = 5_000


@dataclass(frozen=True)
class Resumed:
    """What going on did: `late` people whose time had come go on now, `skipped` ones were too late, `shifted` wait on
    for the time that they had left."""

    late: int = 0
    skipped: int = 0
    shifted: int = 0


@transaction.atomic
def pause(journey: Journey, *, by: Staff | None, now: datetime) -> None:
    """Nobody moves from now on. The engine puts away the timers of those whose time comes; nothing else is touched."""
    if Journey.objects.filter(pk=journey.pk, paused_at=None).update(paused_at=now):
        journey.paused_at = now
        audit(journey.store, by=by, verb="journeys.pause", now=now, subject=journey.name)


@transaction.atomic
def go_on(journey: Journey, *, by: Staff | None, now: datetime) -> Resumed:
    """Lets everybody move again, by the journey's `late` rule: `skip` (who is later than `after_hours` leaves, the
    default), `shift` (who was in it waits on for what was left), or `fire` (all go on now)."""
    locked = Journey.objects.select_for_update(of=("self",)).select_related("version").get(pk=journey.pk)
    if locked.paused_at is None:
        return Resumed()
    # A worker may be about to put away timers because of the pause; after it we see which to give back.
    hold(_waiting(locked))
    late = (locked.version.document.get("late") if locked.version else None) or {}
    do = late.get("do", "skip")
    if do == "shift":
        resumed = Resumed(shifted=_shift(locked, locked.paused_at, now), late=_late(locked, now))
    else:
        skipped = _skip(locked, now - timedelta(hours=late.get("after_hours", AFTER_HOURS)), now) if do == "skip" else 0
        resumed = Resumed(late=_late(locked, now), skipped=skipped)
    _give_timers_back(locked, now)
    Journey.objects.filter(pk=locked.pk).update(paused_at=None)
    journey.paused_at = None
    detail = {"late": resumed.late, "skipped": resumed.skipped, "shifted": resumed.shifted}
    audit(journey.store, by=by, verb="journeys.go_on", now=now, subject=journey.name, detail=detail)
    return resumed


def preview_go_on(journey: Journey, now: datetime) -> dict[str, int]:
    """How many people's time came during the pause, and how many of them each rule would let go on late."""
    late = (journey.version.document.get("late") if journey.version else None) or {}
    since = now - timedelta(hours=late.get("after_hours", AFTER_HOURS))
    waiting = _waiting(journey)
    overdue = waiting.filter(due_at__lte=now)
    return {"people": waiting.count(), "late": overdue.count(), "too_late": overdue.filter(due_at__lt=since).count()}


def _waiting(journey: Journey) -> StoreQuerySet[Run]:
    return Run.objects.of(journey.store_id).filter(journey=journey, state=State.WAITING)


def _skip(journey: Journey, since: datetime, now: datetime) -> int:
    """Who is later than that leaves. A wait for an event whose time is up is no message: it goes its other way."""
    ids = list(_waiting(journey).filter(due_at__lt=since, waits_for="").order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        end_rows(rows.some(ids[start : start + CHUNK], locked=True), TOO_LATE, now)
    return len(ids)


def _late(journey: Journey, now: datetime) -> int:
    waiting: int = _waiting(journey).filter(due_at__lte=now).count()
    return waiting


def _shift(journey: Journey, since: datetime, now: datetime) -> int:
    """Everybody's time, come or not, moves by the length of the pause; but who came during it has lost nothing."""
    length = now - since
    moved, by = "due_at + %s", cast("Any", length)
    if connection.vendor == "sqlite":
        moved, by = "strftime('%%Y-%%m-%%d %%H:%%M:%%f', due_at, %s)", f"+{length.total_seconds()} seconds"
    there = _waiting(journey).filter(started_at__lt=since)
    ids = list(there.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for table, column in (("journeys_run", "id"), ("journeys_timer", "run_id")):
            sql = f"UPDATE {table} SET due_at = {moved} WHERE {rows.among(column)}"  # noqa: S608 constants
            cursor.execute(sql, [by, rows.listed(ids)])
    return len(ids)


def _give_timers_back(journey: Journey, now: datetime) -> None:
    without = _waiting(journey).exclude(Exists(Timer.objects.filter(run_id=OuterRef("pk"))))
    # Woken by an event during the pause: its time is not up, but it has something to look at.
    rows.add_timers(
        {
            pk: now if waits_for else max(due_at, now)
            for pk, due_at, waits_for in without.values_list("pk", "due_at", "waits_for")
        }
    )
