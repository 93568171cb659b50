"""Telling a shopper when the parcel will come, and learning how long deliveries take."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.kit.clock import day_in
from thereafter.stores.models import Store
from thereafter.tracking import queries
from thereafter.tracking.models import Lane, Promise
from thereafter.tracking.rules import estimates
from thereafter.tracking.rules.estimates import Days


@transaction.atomic
def promise(store: Store, order_ids: Collection[int], now: datetime) -> dict[int, Promise]:
    """Promises a day for each order that has no promise yet; returns the promise of each.

    What the shop promised at checkout holds; else nine in ten past deliveries to there were at least as fast.
    """
    known = queries.promises(store, order_ids)
    orders = list(Order.objects.of(store).filter(pk__in=set(order_ids) - known.keys()))
    if orders:
        lanes = queries.lanes(store, {order.destination for order in orders})
        Promise.objects.bulk_create([_promise(order, store, lanes, now) for order in orders], ignore_conflicts=True)
        known |= queries.promises(store, [order.pk for order in orders])
    return known


def _promise(order: Order, store: Store, lanes: dict[str, Days], now: datetime) -> Promise:
    guess = estimates.estimate(lanes, order.destination, store.country)
    first, last = estimates.arrival(day_in(order.placed_at, store.time_zone), guess.days)
    promised_on = order.promised_on or last
    return Promise(
        store=store,
        order=order,
        promised_on=promised_on,
        expected_from=min(first, promised_on),
        expected_to=promised_on if order.promised_on else last,
        source=Promise.Source.SHOP if order.promised_on else guess.source,
        lane=guess.lane,
        made_at=now,
    )


@transaction.atomic
def refresh_lanes(store: Store, now: datetime) -> int:
    """Learns from recent deliveries how long each lane takes; returns how many lanes are known."""
    known = estimates.lanes_of(queries.trips(store, now))
    Lane.objects.bulk_create(
        [_lane(store, destination, days, count, now) for destination, (days, count) in known.items()],
        update_conflicts=True,
        unique_fields=["store", "destination"],
        update_fields=["fast_days", "usual_days", "slow_days", "deliveries", "refreshed_at"],
    )
    Lane.objects.of(store).exclude(destination__in=known).delete()
    return len(known)


def _lane(store: Store, destination: str, days: Days, deliveries: int, now: datetime) -> Lane:
    return Lane(
        store=store,
        destination=destination,
        fast_days=days.fast,
        usual_days=days.usual,
        slow_days=days.slow,
        deliveries=deliveries,
        refreshed_at=now,
    )
