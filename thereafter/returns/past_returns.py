"""Returns of the past as they were asked for, so that another policy can be tried on them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from thereafter.commerce.models import Order
from thereafter.kit.clock import day_in
from thereafter.returns.models import Case, CaseUnit
from thereafter.returns.order_snapshots import snapshots_of
from thereafter.returns.rules.policy.fee_effects import PastReturn
from thereafter.returns.rules.policy.snapshots import Asked, Channel, Line, Snapshot
from thereafter.stores.models import Store

# More would keep whoever asks waiting.
MOST = 1_000
# With fewer returns than this, orders stand in for them.
FEW = 30
_AT_ONCE = 500
_DAYS_LATER = 10
_ON_THE_WAY = 7
_CHANNELS: dict[str, Channel] = {"portal": "portal", "support": "support", "counter": "counter", "api": "api"}


@dataclass(frozen=True, slots=True)
class Past:
    """`asked`: there were so many returns in the time, of which the newest are in `returns`; `is_assumed`: there were
    too few, so that they are orders, each as if its dearest item had come back ten days after it came."""

    returns: Sequence[PastReturn]
    since: date
    asked: int
    is_assumed: bool = False


@dataclass(slots=True)
class _Visit:
    """What somebody asked for in one go; it may have become several cases."""

    order_id: int
    at: datetime
    channel: str
    is_gift: bool
    outcomes: list[str]
    units: dict[tuple[str, str], int]


def past_returns(store: Store, months: int, now: datetime, most: int = MOST) -> Past:
    """Of the last months, the newest first."""
    since = now - timedelta(days=round(months * 30.44))
    visits = _visits(store, since)
    on = day_in(since, store.time_zone)
    if len(visits) < FEW:
        orders = Order.objects.of(store).filter(placed_at__gte=since).exclude(status=Order.Status.CANCELLED)
        rows = list(orders.order_by("-placed_at", "-pk")[:most])
        return Past(list(_as_if(store, rows, now)), on, orders.count(), is_assumed=True)
    return Past(list(_asked(store, visits[:most])), on, len(visits))


def _visits(store: Store, since: datetime) -> list[_Visit]:
    cases = Case.objects.of(store).filter(submitted_at__gte=since).order_by("-submitted_at", "-pk")
    columns = ("pk", "source", "order_id", "submitted_at", "channel", "is_gift", "outcome")
    found: dict[tuple[int, str], _Visit] = {}
    of_case: dict[int, _Visit] = {}
    for pk, source, order_id, at, channel, is_gift, outcome in cases.values_list(*columns):
        key = order_id, source.rpartition("/")[0] or source
        visit = found.setdefault(key, _Visit(order_id, at, channel, is_gift, [], {}))
        visit.at = min(visit.at, at)
        visit.outcomes.append(outcome)
        of_case[pk] = visit
    units = CaseUnit.objects.of(store).filter(case__submitted_at__gte=since).order_by("pk")
    for case_id, line, reason in units.values_list("case_id", "line__external_id", "reason"):
        asked = of_case[case_id].units
        asked[line, reason] = asked.get((line, reason), 0) + 1
    return [visit for visit in found.values() if visit.units]


def _asked(store: Store, visits: Sequence[_Visit]) -> Iterator[PastReturn]:
    """A few hundred at once; an order of which things came back twice is looked at twice."""
    for start in range(0, len(visits), _AT_ONCE):
        rest = list(visits[start : start + _AT_ONCE])
        orders = {order.pk: order for order in Order.objects.of(store).filter(pk__in={one.order_id for one in rest})}
        while rest:
            now_of: dict[int, _Visit] = {}
            for one in rest:
                now_of.setdefault(one.order_id, one)
            found = snapshots_of(
                [orders[pk] for pk in now_of],
                asked={pk: _wanted(visit) for pk, visit in now_of.items()},
                at={pk: visit.at for pk, visit in now_of.items()},
            )
            for pk, visit in now_of.items():
                seen = replace(found[pk], channel=_CHANNELS.get(visit.channel, "portal"), is_gift=visit.is_gift)
                yield PastReturn(seen, day_in(visit.at, store.time_zone), visit.outcomes[0])
            rest = [one for one in rest if one is not now_of[one.order_id]]


def _wanted(visit: _Visit) -> list[Asked]:
    return [Asked(line=line, quantity=count, reason=reason) for (line, reason), count in visit.units.items()]


def _as_if(store: Store, orders: Sequence[Order], now: datetime) -> Iterator[PastReturn]:
    today = day_in(now, store.time_zone)
    for start in range(0, len(orders), _AT_ONCE):
        # As they were when they were placed: what came back since has not come back in this story.
        some = orders[start : start + _AT_ONCE]
        for seen in snapshots_of(some, at={order.pk: order.placed_at for order in some}).values():
            line = max(seen.lines, key=lambda one: one.paid_minor, default=None)
            came = _came(line) if line else None
            if line and came and came + timedelta(days=_DAYS_LATER) <= today:
                yield PastReturn(_of(seen, line), came + timedelta(days=_DAYS_LATER))


def _of(seen: Snapshot, line: Line) -> Snapshot:
    return replace(seen, asked=(Asked(line=line.id, quantity=1, reason="changed_mind"),))


def _came(line: Line) -> date | None:
    if line.delivered_on or line.fulfilled_on is None:
        return line.delivered_on
    return line.fulfilled_on + timedelta(days=_ON_THE_WAY)
