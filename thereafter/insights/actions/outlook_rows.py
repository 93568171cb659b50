"""Outlooks and traits, written in sets."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import repeat
from typing import Any

import numpy as np
from django.db import transaction

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Customer
from thereafter.insights.figures.people import Scored
from thereafter.insights.figures.shown import ENOUGH
from thereafter.insights.models import Outlook
from thereafter.insights.rules import rfm
from thereafter.insights.rules.clv.grouping import Floats, Ints
from thereafter.insights.rules.clv.people import NEXT_DAYS, NEXT_HIGH_DAYS, People, Told, band
from thereafter.kit import clock
from thereafter.kit.batches import batched
from thereafter.kit.money import exponent
from thereafter.kit.written_dates import asked_day
from thereafter.stores.models import Store

BATCH = 500
# So many are rows at once; until then they are columns of numbers, of which a million take little.
ROWS = 5_000
NEAR, NEAR_DAYS = 0.02, 2
LEVELS = 5
_WRITTEN = [field.name for field in Outlook._meta.fields if field.name not in {"id", "store", "customer"}]
_NO_TRAITS: Mapping[str, Any] = {
    "insights.value_365": None,
    "insights.churn_risk": None,
    "insights.next_order": None,
    "insights.next_order_on": None,
    "insights.rfm": None,
    "insights.rfm_group": None,
}


def write(store: Store, people: People, told: Told | None, scored: Scored, *, now: datetime) -> int:
    """One outlook for each of the people, none for others; returns of how many customers a trait changed.

    Each batch is a transaction of its own, so that nobody waits for all of them; to do it again does no harm.
    """
    rows = _outlooks(store, people, told, scored, now)
    changed = sum(_write(store, batch) for batch in batched(rows, BATCH))
    return changed + _forget_others(store, people.ids)


def _outlooks(store: Store, people: People, told: Told | None, scored: Scored, now: datetime) -> Iterator[Outlook]:
    # The snapshot may have been renewed between the two readings.
    known = np.flatnonzero(np.isin(people.ids, scored.ids))
    is_ranked = len(people) >= ENOUGH
    for at in range(0, len(known), ROWS):
        places = known[at : at + ROWS]
        some = people.where(places)
        yield from _rows(store, some, told.at(places) if told else None, scored.of(some.ids), now, is_ranked=is_ranked)


def _rows(
    store: Store, people: People, told: Told | None, scored: Scored, now: datetime, *, is_ranked: bool
) -> Iterator[Outlook]:
    today = clock.day_in(now, store.time_zone)
    foretold = _foretold(people, told, today) if told else repeat({}, len(people))
    columns = (people.ids, people.age, people.recency, people.net, *scored[1:])
    rows = zip(zip(*(one.tolist() for one in columns), strict=True), foretold, strict=True)
    for (customer_id, age, recency, net, orders, r, f, m), expected in rows:
        first = today - timedelta(days=age)
        yield Outlook(
            store=store,
            customer_id=customer_id,
            computed_at=now,
            orders=orders,
            first_day=first,
            last_day=first + timedelta(days=recency),
            value_past_minor=net,
            rfm=f"{r}{f}{m}" if is_ranked else "",
            rfm_group=rfm.group(r, f, m, LEVELS) if is_ranked else "",
            **expected,
        )


def _foretold(people: People, told: Told, today: date) -> Iterator[dict[str, Any]]:
    """Columns to fields, one dictionary per customer."""
    last = [today - timedelta(days=idle) for idle in (people.age - people.recency).tolist()]
    columns = {
        "p_alive": np.round(told.alive, 4).tolist(),
        "orders_90": np.round(told.orders_soon, 4).tolist(),
        "orders_365": np.round(told.orders, 4).tolist(),
        "orders_365_low": told.orders_low.tolist(),
        "orders_365_high": told.orders_high.tolist(),
        "value_365_minor": _whole(told.value),
        "value_365_low_minor": _whole(told.value_low),
        "value_365_high_minor": _whole(told.value_high),
        "quiet_90": np.round(told.quiet, 4).tolist(),
        "churn": band(told.quiet),
        "next_low": _days(told.next_low, last, NEXT_DAYS),
        "next_on": _days(told.next_middle, last, NEXT_DAYS),
        "next_high": _days(told.next_high, last, NEXT_HIGH_DAYS),
    }
    return (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _whole(minor: Floats) -> list[int]:
    found: list[int] = np.rint(minor).astype(np.int64).tolist()
    return found


def _days(days: Floats, since: list[date], most: int) -> list[date | None]:
    return [
        first + timedelta(days=round(number)) if number <= most else None
        for first, number in zip(since, days.tolist(), strict=True)
    ]


@transaction.atomic
def _write(store: Store, rows: list[Outlook]) -> int:
    """A customer may have been taken away since the snapshot was made."""
    held = dict(Customer.objects.of(store).filter(pk__in=[row.customer_id for row in rows]).values_list("pk", "traits"))
    rows = [row for row in rows if row.customer_id in held]
    Outlook.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["store", "customer"], update_fields=_WRITTEN
    )
    wanted = {row.customer_id: _traits(row, store) for row in rows}
    return _tell(store, held, wanted)


def _traits(row: Outlook, store: Store) -> dict[str, Any]:
    value = row.value_365_minor
    return {
        "insights.value_365": None if value is None else round(value / 10 ** exponent(store.currency)),
        "insights.churn_risk": row.churn or None,
        "insights.next_order": next_order(row, clock.day_in(row.computed_at, store.time_zone)),
        "insights.next_order_on": row.next_on.isoformat() if row.next_on else None,
        "insights.rfm": row.rfm or None,
        "insights.rfm_group": row.rfm_group or None,
    }


def next_order(row: Outlook, today: date) -> str | None:
    """Where today lies beside the days within which half of customers like this one order again; "unlikely" where that
    takes more than a year, None where the shop's past does not tell it."""
    if row.p_alive is None:
        return None
    if row.next_low is None or row.next_on is None:
        return "unlikely"
    if today < row.next_low:
        return "later"
    return "due" if row.next_high is None or today <= row.next_high else "overdue"


def _tell(store: Store, held: Mapping[int, Mapping[str, Any]], wanted: Mapping[int, Mapping[str, Any]]) -> int:
    """Sets the traits of those in whom one is another than it was."""
    changed = {
        pk: traits
        for pk, traits in wanted.items()
        if any(_differs(name, held[pk].get(name), value) for name, value in traits.items())
    }
    if changed:
        set_traits(store, changed)
    return len(changed)


def _differs(name: str, held: Any, wanted: Any) -> bool:
    """Money and days move a little every night; a trait is written anew when it is more than a little off."""
    if name == "insights.value_365" and isinstance(held, int) and isinstance(wanted, int):
        return abs(held - wanted) > wanted * NEAR
    if name == "insights.next_order_on" and isinstance(wanted, str):
        # A program of the shop may have written anything there.
        day = asked_day(held if isinstance(held, str) else None)
        return day is None or abs((day - date.fromisoformat(wanted)).days) > NEAR_DAYS
    return bool(held != wanted)


def _forget_others(store: Store, kept: Ints) -> int:
    """Those who have no order that counts any more. Told by who they are, not by when: somebody else may be writing the
    same outlooks at the same time."""
    rows = Outlook.objects.of(store).order_by("customer_id").values_list("customer_id", flat=True)
    held = np.fromiter(rows.iterator(chunk_size=ROWS), np.int64)
    return sum(_forget(store, gone) for gone in batched(held[~np.isin(held, kept)].tolist(), BATCH))


@transaction.atomic
def _forget(store: Store, customer_ids: Collection[int]) -> int:
    Outlook.objects.of(store).filter(customer_id__in=customer_ids).delete()
    held = dict(Customer.objects.of(store).filter(pk__in=customer_ids).values_list("pk", "traits"))
    return _tell(store, held, dict.fromkeys(held, _NO_TRAITS))
