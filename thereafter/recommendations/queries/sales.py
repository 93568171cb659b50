"""What a store sold, as arrays, for the models: a few statements, and no more than a bounded number of lines."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db.models import Max

from thereafter.commerce.models import Order, OrderLine, Product
from thereafter.recommendations.rules.decay import Integers
from thereafter.recommendations.rules.purchases import Purchases, purchases
from thereafter.stores.models import StoreQuerySet

# The newest lines of a store that are learnt from: arrays of 10 MB.
MOST_LINES = 300_000
# A wholesale order says little about taste, and a thousand products have half a million pairs.
LARGEST_BASKET = 100
# So many new orders are taken at a time between two builds, and so many lines with new products.
MOST_NEW_ORDERS, MOST_NEW_LINES = 10_000, 50_000


class Sales(NamedTuple):
    """`product_ids` names the places of `bought`; `placed_at` is of each of its orders, in the order of their numbers;
    all orders up to `newest_order` have been looked at.
    """

    bought: Purchases
    product_ids: Integers
    placed_at: list[datetime]
    newest_order: int


def newest(store_id: int) -> Sales:
    """Of orders that were not cancelled: the newest lines with a known product."""
    last = Order.objects.of(store_id).aggregate(last=Max("pk"))["last"] or 0
    rows = _lines(store_id).filter(order_id__lte=last).order_by("-order_id", "pk")
    return _sales(store_id, rows.values_list("order_id", "product_id")[:MOST_LINES].iterator(10_000), last)


def since(store_id: int, order_id: int) -> Sales:
    """Of the orders that came after this one, the oldest first."""
    coming = Order.objects.of(store_id).filter(pk__gt=order_id).order_by("pk")[:MOST_NEW_ORDERS]
    last = coming.aggregate(last=Max("pk"))["last"] or order_id
    rows = _lines(store_id).filter(order_id__gt=order_id, order_id__lte=last).order_by("order_id", "pk")
    return _sales(store_id, rows.values_list("order_id", "product_id").iterator(10_000), last)


def with_products(store_id: int, product_ids: Collection[int], until: int) -> Sales:
    """Of the newest orders up to this one that hold any of these products, with all that they hold."""
    holding = _lines(store_id).filter(product_id__in=product_ids, order_id__lte=until).values("order_id")
    rows = _lines(store_id).filter(order_id__in=holding).order_by("-order_id", "pk")
    return _sales(store_id, rows.values_list("order_id", "product_id")[:MOST_NEW_LINES], until)


def on_sale(store_id: int) -> dict[int, str]:
    """The category of each active product."""
    return dict(Product.objects.of(store_id).filter(is_active=True).values_list("pk", "category"))


def _lines(store_id: int) -> StoreQuerySet[OrderLine]:
    lines = OrderLine.objects.of(store_id).filter(product__isnull=False)
    return lines.exclude(order__status=Order.Status.CANCELLED)


def _sales(store_id: int, rows: Iterable[tuple[int, int | None]], newest_order: int) -> Sales:
    lines = np.unique(np.fromiter(rows, np.dtype([("order", "<i8"), ("product", "<i8")])))
    first = np.searchsorted(lines["order"], lines["order"])
    lines = lines[np.arange(len(lines)) - first < LARGEST_BASKET]
    order_ids, row = np.unique(lines["order"], return_inverse=True)
    product_ids, item = np.unique(lines["product"], return_inverse=True)
    customer, placed_at = _orders(store_id, order_ids)
    day = np.asarray([one.toordinal() for one in placed_at], np.int64)
    bought = purchases(order_ids[row], customer[row], item, day[row], len(product_ids))
    return Sales(bought, product_ids.astype(np.int64), placed_at, newest_order)


def _orders(store_id: int, order_ids: Integers) -> tuple[Integers, list[datetime]]:
    """Customer and moment of each of these orders, which are sorted."""
    if not len(order_ids):
        return np.empty(0, np.int64), []
    between = Order.objects.of(store_id).filter(pk__gte=int(order_ids[0]), pk__lte=int(order_ids[-1])).order_by("pk")
    wanted = set(order_ids.tolist())
    rows = between.values_list("pk", "customer_id", "placed_at").iterator(10_000)
    kept = [(customer, placed_at) for order, customer, placed_at in rows if order in wanted]
    return np.asarray([customer for customer, _ in kept], np.int64), [placed_at for _, placed_at in kept]
