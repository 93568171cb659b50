"""What was delivered and what came back of it, read in sets: a handful of queries whatever the number of orders.

Deliveries are those the log tells of, by number of the parcel; what a shop sends without being followed is not in these
figures. A unit came back when it was received, or when money or goods went out for it; not what never arrived (those
are claims), nor what was not accepted and went back to the shopper.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.core.cache import cache
from django.db.models import Max, QuerySet
from django.db.models.fields.json import KT

from thereafter.commerce.models import Fulfilment, FulfilmentLine, Order, Product
from thereafter.events.parcels import ParcelDelivered
from thereafter.kit.batches import batched
from thereafter.kit.clock import day_in
from thereafter.returns import store_policies
from thereafter.returns.models import Case, CaseUnit
from thereafter.returns.models.cases import OVER
from thereafter.returns.queries import settings_of
from thereafter.returns.rules import reasons
from thereafter.returns.rules.figures.cohorts import OLD_ENOUGH, Curve, Delivered, Returned, curve
from thereafter.stores.models import Store
from thereafter.timeline.models import Entry

AT_ONCE = 5_000
# Returns are read so far back at least, so that the curve of how late they come has a past to be drawn from.
_PAST = OLD_ENOUGH + timedelta(days=90)
# A parcel's scan may reach us days after its day.
_SLACK = timedelta(days=3)
_KEPT_SECONDS = 600
_NEVER_CAME = tuple(key for key, one in reasons.BY_KEY.items() if not one.arrives)
_CANCELLED = "cancelled"
# (order, number of the parcel) -> the day it came, and with whom.
Came = dict[tuple[int, str], tuple[date | None, str]]
_NOT_YET: tuple[date | None, str] = (None, "")


@dataclass(frozen=True, slots=True)
class Book:
    """Deliveries of a store since `since` with what came back of them, as of `today`."""

    since: date
    today: date
    delivered: tuple[Delivered, ...]
    returned: tuple[Returned, ...]
    past: Curve
    # Units that came back of which no delivery is known.
    unknown: int

    def between(self, first: date, last: date) -> tuple[list[Delivered], list[Returned]]:
        """Deliveries of these days, and what came back of them."""
        delivered = [one for one in self.delivered if first <= one.on <= last]
        return delivered, [back for back in self.returned if first <= back.of.on <= last]


def book(store: Store, days: int, now: datetime) -> Book:
    """Deliveries of the last `days`; kept for ten minutes, because a year of a big shop takes seconds to read."""
    today = day_in(now, store.time_zone)
    key = f"returns-book-{store.pk}-{days}-{today}-{_newest(store)}"
    found: Book | None = cache.get(key)
    if found is None:
        found = read(store, today - timedelta(days=days), today)
        cache.set(key, found, _KEPT_SECONDS)
    return found


def _newest(store: Store) -> str:
    """Changes with every delivery and every change of a case, so that nobody waits to see what they just did."""
    told = Entry.objects.of(store).filter(name=ParcelDelivered.name).aggregate(at=Max("occurred_at"))["at"]
    changed = Case.objects.of(store).aggregate(at=Max("changed_at"))["at"]
    return "-".join(str(at.timestamp()) if at else "" for at in (told, changed))


def read(store: Store, since: date, today: date) -> Book:
    before = min(since, today - _PAST)
    delivered = tuple(one for one in _deliveries(store, _came(store, _told(store, since))) if one.on >= since)
    # Of the time before a short period only what came back matters: it shows how late returns come.
    older = _told(store, before).filter(occurred_at__lt=_start(since))
    came: Came = {}
    for ids in _sets(_came_back(store, before).values_list("case__order_id", flat=True)):
        came |= _came(store, older.filter(order_id__in=ids))
    past = (one for one in _deliveries(store, came) if one.on < since)
    lines: dict[int, list[Delivered]] = defaultdict(list)
    for one in sorted((*past, *delivered), key=lambda each: each.on):
        lines[one.line_id].append(one)
    returned, unknown = _returns(store, before, lines)
    window, settings = store_policies.current(store)[1].window.days, settings_of(store)
    last_day = max(window + settings.send_within_days, OLD_ENOUGH.days // 2)
    return Book(since, today, delivered, tuple(returned), curve(returned, today, last_day), unknown)


def _sets(ids: Iterable[int]) -> Iterator[list[int]]:
    """Rows to ask for by name. As a query within the query they are joined anew for each row by a database that was
    filled a moment ago and has not counted its rows: minutes."""
    return batched(sorted(set(ids)), AT_ONCE)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) - _SLACK


def _told(store: Store, since: date) -> QuerySet[Any]:
    rows = Entry.objects.of(store).filter(name=ParcelDelivered.name, occurred_at__gte=_start(since))
    told: QuerySet[Any] = rows.filter(order_id__isnull=False).order_by()
    return told


def _came(store: Store, told: QuerySet[Any]) -> Came:
    """Texts are read as texts: twice as fast."""
    told = told.annotate(
        number=KT("payload__tracking_number"), on=KT("payload__delivered_on"), carrier=KT("payload__carrier")
    )
    found: Came = {}
    for order_id, number, on, carrier in told.values_list("order_id", "number", "on", "carrier").iterator(AT_ONCE):
        found[order_id, number or ""] = _day(on) if on else None, carrier or ""
    # Older entries do not say the day.
    unsaid = told.filter(on=None).values_list("order_id", "number", "occurred_at", "carrier")
    for order_id, number, at, carrier in unsaid.iterator(AT_ONCE):
        found[order_id, number or ""] = day_in(at, store.time_zone), carrier or ""
    return found


@lru_cache(maxsize=2_000)
def _day(text: str) -> date:
    return date.fromisoformat(text)


def _deliveries(store: Store, came: Came) -> Iterator[Delivered]:
    for ids in _sets(order_id for order_id, _ in came):
        yield from _deliveries_of(store, ids, came)


def _deliveries_of(store: Store, orders: list[int], came: Came) -> Iterator[Delivered]:
    rows = FulfilmentLine.objects.of(store).filter(fulfilment__order_id__in=orders)
    columns = rows.exclude(fulfilment__status=_CANCELLED).order_by().values_list(
        "fulfilment__order_id", "fulfilment__tracking_number", "fulfilment__carrier", "line_id", "quantity",
        "line__product_id", "line__variant_title", "line__sku", "line__total_minor", "line__quantity",
    )  # fmt: skip
    places = _places(store, orders)
    for order_id, number, sender, line_id, units, product, variant, sku, total, bought in columns.iterator(AT_ONCE):
        on, carrier = came.get((order_id, number), _NOT_YET)
        if on is None:
            continue
        country, currency = places[order_id]
        worth = total // bought if bought and currency == store.currency else 0
        yield Delivered(line_id, on, units, product or 0, variant or sku, country, carrier or sender, worth)


def _places(store: Store, orders: list[int]) -> dict[int, tuple[str, str]]:
    """Country and currency by order."""
    rows = Order.objects.of(store).filter(pk__in=orders).annotate(country=KT("shipping_address__country")).order_by()
    told = rows.values_list("pk", "country", "currency").iterator(AT_ONCE)
    return {pk: ((country or "").upper(), currency) for pk, country, currency in told}


def _returns(store: Store, since: date, lines: Mapping[int, list[Delivered]]) -> tuple[list[Returned], int]:
    found, unknown = [], 0
    columns = _came_back(store, since).values_list(
        "line_id", "place", "received_at", "released_at", "reason", "case_id", "note"
    )
    for line_id, place, received, released, reason, case_id, note in columns.iterator(AT_ONCE):
        of = _of_place(lines.get(line_id, ()), place)
        if of is None:
            unknown += 1
            continue
        on = day_in(received or released, store.time_zone)
        found.append(Returned(of, on, reasons.reason(reason).key, case_id, note))
    return found, unknown


def _came_back(store: Store, since: date) -> QuerySet[Any]:
    """Units that count as returned, of cases that were asked for since."""
    start = datetime.combine(since, time(), UTC)
    rows = CaseUnit.objects.of(store).filter(is_live=True, case__submitted_at__gte=start, line__isnull=False)
    rows = rows.exclude(case__state__in=[state for state in OVER if state != "closed"]).exclude(verdict="rejected")
    kept: QuerySet[Any] = rows.exclude(reason__in=_NEVER_CAME).order_by()
    return kept.exclude(received_at=None, released_at=None)


def _of_place(parcels: Iterable[Delivered], place: int) -> Delivered | None:
    """The parcel that the line's first, second … unit came in, in the order in which they came."""
    last = None
    for last in parcels:
        if place <= last.units:
            return last
        place -= last.units
    return last


def titles(store: Store, ids: Iterable[int]) -> dict[int, Product]:
    return {one.pk: one for one in Product.objects.of(store).filter(pk__in=set(ids))}


def claims_by_carrier(store: Store, first: datetime, last: datetime) -> dict[str, tuple[int, int]]:
    """(parcels with a claim against the carrier, parcels sent) of those handed over in the period, by carrier."""
    sent = Fulfilment.objects.of(store).filter(shipped_at__gte=first, shipped_at__lt=last)
    rows = sent.exclude(status=_CANCELLED).order_by()
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    claimed = CaseUnit.objects.of(store).filter(case__basis="carrier_claim", line__isnull=False)
    claimed = claimed.exclude(case__state__in=OVER[1:])
    bad: set[int] = set()
    for lines in _sets(claimed.values_list("line_id", flat=True)):
        carrying = FulfilmentLine.objects.of(store).filter(line__in=lines)
        bad.update(carrying.values_list("fulfilment_id", flat=True))
    for pk, carrier in rows.values_list("pk", "carrier").iterator(AT_ONCE):
        counts[carrier][1] += 1
        counts[carrier][0] += pk in bad
    return {carrier: (part, whole) for carrier, (part, whole) in counts.items()}
