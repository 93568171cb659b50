"""How good the dates were that shoppers really saw: what was kept as a promise, against the day of delivery."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from thereafter.kit.clock import day_in
from thereafter.stores.models import Store
from thereafter.tracking.models import Parcel, Promise
from thereafter.tracking.rules.forecast.accuracy import Accuracy, measure
from thereafter.tracking.rules.working_time import day_number

MOST = 20_000
# Longer ago nothing was ordered that came since.
REACH = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Told:
    """One delivered parcel: what was said when it was ordered, and what was last said before the day it came."""

    carrier: str
    destination: str
    ordered_on: date
    delivered_on: date
    promised_on: date
    at_order: tuple[date, date, date]
    at_last: tuple[date, date, date]
    source: str


def told(store: Store, since: date, until: date) -> list[Told]:
    """The newest parcels delivered on these days, by two queries."""
    parcels = (
        Parcel.objects.of(store)
        .filter(delivered_on__gte=since, delivered_on__lte=until)
        .order_by("-delivered_on", "-pk")
        .values_list("pk", "order_id", "carrier_key", "destination", "ordered_at", "delivered_on")[:MOST]
    )
    rows = list(parcels)
    said = _said(store, since)
    return [
        found
        for pk, order_id, carrier, destination, ordered_at, delivered_on in rows
        if (found := _told(said[order_id], pk, delivered_on, store, (carrier, destination, ordered_at)))  # type: ignore[arg-type]  # only delivered ones
    ]


def _said(store: Store, since: date) -> dict[int, list[Promise]]:
    """What was said of each order that may have come since, in turn."""
    said: dict[int, list[Promise]] = defaultdict(list)
    rows = Promise.objects.of(store).filter(made_at__gte=_midnight(since) - REACH).order_by("sequence")
    fields = ("order_id", "parcel_id", "sequence", "promised_on", "expected_from", "expected_to", "likely_on", "cause")
    for row in rows.only(*fields, "made_at", "source"):
        said[row.order_id].append(row)
    return said


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _told(
    said: Sequence[Promise], pk: int, delivered_on: date, store: Store, about: tuple[str, str, datetime]
) -> Told | None:
    if not said or said[0].sequence:
        return None
    carrier, destination, ordered_at = about
    # What left in an exchange has a promise of its own.
    first = next((row for row in said if row.cause == "exchange" and row.parcel_id == pk), said[0])
    mine = [row for row in said if row.parcel_id in {None, pk} and day_in(row.made_at, store.time_zone) < delivered_on]
    return Told(
        carrier=carrier,
        destination=destination,
        ordered_on=day_in(ordered_at, store.time_zone),
        delivered_on=delivered_on,
        promised_on=first.promised_on,
        at_order=_range(first),
        at_last=_range(mine[-1] if mine else first),
        source=first.source,
    )


def _range(row: Promise) -> tuple[date, date, date]:
    middle = row.expected_from + (row.expected_to - row.expected_from) // 2
    return row.expected_from, row.likely_on or middle, row.expected_to


def accuracy(rows: Sequence[Told], *, last: bool = False) -> Accuracy:
    """Whole days. `last`: of the last estimate instead of the promise."""
    start = np.array([day_number(row.ordered_on) for row in rows])
    actual = np.array([day_number(row.delivered_on) for row in rows]) - start
    ranges = [row.at_last if last else row.at_order for row in rows]
    first, likely, latest = (np.array([day_number(days[place]) for days in ranges]) - start for place in range(3))
    promised = np.array([day_number(row.promised_on) for row in rows]) - start
    return measure(actual, first, likely, latest, latest if last else promised)


def grouped(rows: Iterable[Told], key: Callable[[Told], str]) -> dict[str, list[Told]]:
    """The rows by carrier, lane or month; the largest groups first."""
    groups: dict[str, list[Told]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))
