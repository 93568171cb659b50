"""Telling members that points are about to run out, some days before and once more as a last chance."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, Sum

from thereafter.events.points import PointsExpireSoon
from thereafter.loyalty.models import Account, Lot, Member, Programme
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.rules.calendar import midnight
from thereafter.loyalty.rules.programme import MAIN
from thereafter.timeline.log import record

CHUNK = 1000
# A warning that is later than this says the wrong thing: the next one comes soon enough.
_LATEST = timedelta(days=3)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """So many points of a customer can be used until a day, that day included."""

    customer_id: int
    points: int
    until: date


@transaction.atomic
def run(store_id: int, now: datetime) -> int:
    """Tells of what runs out, once on each day of the programme's zone; returns how many were told.

    The programme's row is the lock and remembers until when everything was told, so that nobody hears it twice.
    """
    row = (
        Programme.objects.of(store_id).select_for_update().filter(Q(days_done_until=None) | Q(days_done_until__lt=now))
    )
    programme = row.first()
    if programme is None:
        return 0
    version = programme_now(store_id)
    expiry, today = version.programme.expiry, now.astimezone(version.zone).date()
    done = _done_until(programme.days_done_until, today, version.zone)
    told: set[tuple[int, date]] = set()
    # The last chance first: who hears that needs no earlier warning of the same points.
    for days in sorted(set(expiry.warn_days)) if done < today else ():
        last, ahead = days == min(expiry.warn_days), timedelta(days=days)
        events = []
        for one in _endings(store_id, done + ahead, today + ahead, version.zone):
            if (one.customer_id, one.until) not in told:
                told.add((one.customer_id, one.until))
                events.append(_event(store_id, one, now, today, last=last))
        for start in range(0, len(events), CHUNK):
            record(*events[start : start + CHUNK])
    Programme.objects.of(store_id).filter(pk=programme.pk).update(days_done_until=now)
    return len(told)


def _done_until(moment: datetime | None, today: date, zone: ZoneInfo) -> date:
    """The last day on which everything was told; without one it begins today."""
    if moment is None:
        return today - timedelta(days=1)
    return max(moment.astimezone(zone).date(), today - _LATEST)


def _event(store_id: int, one: Ending, now: datetime, today: date, *, last: bool) -> PointsExpireSoon:
    return PointsExpireSoon(
        store_id=store_id,
        customer_id=one.customer_id,
        occurred_at=now,
        points=one.points,
        on=one.until,
        days=(one.until - today).days,
        last=last,
    )


def _endings(store_id: int, after: date, until: date, zone: ZoneInfo) -> Iterator[Ending]:
    """What can be used on a day `until` at the latest, later than `after`: whole balances, and lots by themselves."""
    ends = midnight(after + timedelta(days=2), zone), midnight(until + timedelta(days=1), zone)
    accounts = Account.objects.of(store_id).filter(kind=MAIN).exclude(customer_id__in=_gone(store_id))
    resting = accounts.filter(available__gt=0, expires_at__gte=ends[0], expires_at__lte=ends[1])
    whole = {}
    for customer_id, points, at in resting.values_list("customer_id", "available", "expires_at"):
        if at:
            whole[customer_id] = Ending(customer_id, points, _last_day(at, zone))
    yield from whole.values()
    lots = Lot.objects.of(store_id).filter(remaining__gt=0, expires_at__gte=ends[0], expires_at__lte=ends[1])
    lots = lots.filter(account__in=accounts)
    sums: dict[tuple[int, date], int] = defaultdict(int)
    rows = lots.values("account__customer_id", "expires_at").annotate(points=Sum("remaining"))
    for row in rows.order_by("account__customer_id", "expires_at").iterator():
        if row["account__customer_id"] not in whole:
            sums[row["account__customer_id"], _last_day(row["expires_at"], zone)] += row["points"]
    for (customer_id, day), points in sums.items():
        yield Ending(customer_id, points, day)


def _gone(store_id: int) -> object:
    return Member.objects.of(store_id).filter(left_at__isnull=False).values("customer_id")


def _last_day(ends_at: datetime, zone: ZoneInfo) -> date:
    """Points that end at midnight can be used on the day before."""
    return (ends_at - _MOMENT).astimezone(zone).date()
