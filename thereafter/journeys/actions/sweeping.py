"""Nobody is ever stuck: finding those who should have moved, and saying so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Exists, Max, Min, OuterRef

from thereafter.journeys import rows
from thereafter.journeys.actions import waking
from thereafter.journeys.models import Passage, Run, Stuck, Timer
from thereafter.timeline.rows import insert

State = Run.State
# A worker that keeps up wakes everybody within seconds.
LATE = timedelta(minutes=10)
# Counts are added up by the hour, after some days by the day; what is older than that is done.
HOURLY = timedelta(days=2)
FOLDED = timedelta(days=4)
# So many runs are looked over in one sweep for a lost timer; every run has its turn within a day or so.
WINDOW = 50_000
PERIOD = timedelta(minutes=5)
# Who fell asleep since the last sweep but one, while a worker died, may have missed what they wait for.
RECENT = 3 * PERIOD


def sweep(now: datetime) -> int:
    """Keeps what stands still as `Stuck` rows; gives lost timers back and wakes who missed an event. Returns how many
    people it found."""
    found = [*_overdue(now), *_untimed(now)]
    with transaction.atomic():
        Stuck.objects.all().delete()
        Stuck.objects.bulk_create(found)
    _listen_again(now)
    return sum(row.count for row in found)


def _overdue(now: datetime) -> Iterator[Stuck]:
    """Those whose time came long ago, and those who fail again and again."""
    late = Run.objects.filter(timer__due_at__lt=now - LATE, state=State.WAITING, journey__paused_at=None)
    failing = Run.objects.filter(timer__due_at__gte=now - LATE, state=State.WAITING, attempts__gt=0)
    for kind, runs in ((Stuck.Kind.OVERDUE, late), (Stuck.Kind.FAILING, failing)):
        rows_of = runs.order_by().values_list("store_id", "journey_id")
        for store_id, journey_id, count, since in rows_of.annotate(count=Count("id"), since=Min("timer__due_at")):
            yield _stuck(store_id, journey_id, kind, count, since, now)


def _untimed(now: datetime) -> Iterator[Stuck]:
    """Those who wait with nothing to wake them. There is no known way to get there; they are helped and told of."""
    with transaction.atomic():
        lost = Run.objects.filter(state=State.WAITING, journey__paused_at=None, **_window(now))
        lost = lost.exclude(Exists(Timer.objects.filter(run_id=OuterRef("pk"))))
        found = list(lost.order_by("pk").values_list("pk", "due_at", "store_id", "journey_id"))
        rows.add_timers({pk: max(due_at, now) for pk, due_at, _, _ in found})
    journeys = {(store_id, journey_id) for _, _, store_id, journey_id in found}
    for store_id, journey_id in sorted(journeys):
        theirs = [due_at for _, due_at, _, one in found if one == journey_id]
        yield _stuck(store_id, journey_id, Stuck.Kind.UNTIMED, len(theirs), min(theirs), now)


def _window(now: datetime) -> dict[str, int]:
    """A stretch of ids, another one at each sweep."""
    last: int = Run.objects.aggregate(last=Max("pk"))["last"] or 0
    turn = int(now.timestamp() // PERIOD.total_seconds()) % (last // WINDOW + 1)
    return {"pk__gt": turn * WINDOW, "pk__lte": (turn + 1) * WINDOW}


def _stuck(store_id: int, journey_id: int, kind: str, count: int, since: datetime, now: datetime) -> Stuck:
    return Stuck(store_id=store_id, journey_id=journey_id, kind=kind, count=count, since=since, found_at=now)


def _listen_again(now: datetime) -> None:
    """A worker that died between letting people fall asleep and looking up for them left that to us."""
    recent = Run.objects.exclude(waits_for="").filter(state=State.WAITING, entered_at__gt=now - RECENT)
    ids = list(recent.values_list("pk", flat=True))
    for start in range(0, len(ids), 500):
        waking.look_up(ids[start : start + 500], now)


@transaction.atomic
def add_up_passages(now: datetime) -> int:
    """Makes one row of each edge's counts of an hour, later of a day; returns how many rows there are fewer.

    What is added up is what was deleted, so that rows of a transaction that ends meanwhile are not lost. A sum keeps
    the moment of its last row: the console asks how many there were today, or in thirty days.
    """
    since, until = (connection.ops.adapt_datetimefield_value(at) for at in (now - FOLDED, now - LATE))
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM journeys_passage WHERE at >= %s AND at < %s"
            ' RETURNING store_id, version_id, step, "to", count, at',
            [since, until],
        )
        gone = cursor.fetchall()
    sums: dict[tuple[Any, ...], tuple[int, datetime]] = {}
    for *edge, number, when in gone:
        at = _aware(when)
        key = (*edge, at.date(), at.hour if at > now - HOURLY else None)
        total, last = sums.get(key, (0, at))
        sums[key] = (total + number, max(last, at))
    insert(
        Passage(store_id=store_id, version_id=version_id, step=step, to=to, count=total, at=at)
        for (store_id, version_id, step, to, *_), (total, at) in sums.items()
    )
    return len(gone) - len(sums)


def _aware(moment: datetime | str) -> datetime:
    """SQLite gives a text without a zone, which is UTC."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return at if at.tzinfo else at.replace(tzinfo=UTC)
