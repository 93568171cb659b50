"""Telling a shopper when the parcel will come, once and for all."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.stores.models import Store
from thereafter.tracking import forecasting, queries
from thereafter.tracking.models import Promise
from thereafter.tracking.rules.estimates import Estimate


@transaction.atomic
def promise(store: Store, order_ids: Collection[int], now: datetime) -> dict[int, Promise]:
    """Promises a day for each order that has no promise yet; returns the promise of each.

    What the shop promised at checkout holds; else the day by which as many parcels come as the merchant aims at.
    """
    known = queries.promises(store, order_ids)
    orders = list(Order.objects.of(store).filter(pk__in=set(order_ids) - known.keys()))
    if orders:
        found = forecasting.of_orders(store, orders, queries.settings_of(store), now)
        rows = [_promise(order, one, now) for order, one in zip(orders, found, strict=True)]
        Promise.objects.bulk_create(rows, ignore_conflicts=True)
        known |= queries.promises(store, [order.pk for order in orders])
    return known


def _promise(order: Order, found: Estimate, now: datetime) -> Promise:
    promised_on = order.promised_on or found.promised
    last = promised_on if order.promised_on else min(found.last, promised_on)
    return Promise(
        store_id=order.store_id,
        order=order,
        promised_on=promised_on,
        expected_from=min(found.first, last),
        expected_to=last,
        likely_on=min(found.likely, last),
        coverage=found.coverage,
        source=Promise.Source.SHOP if order.promised_on else found.source,
        lane=found.lane,
        made_at=now,
    )
