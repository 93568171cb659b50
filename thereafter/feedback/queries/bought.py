"""Who bought what here: what makes a reviewer a verified buyer, and whom a question about a product may go to."""

from collections.abc import Collection, Iterable
from datetime import datetime

from thereafter.commerce.models import Order, OrderLine
from thereafter.events.parcels import ParcelDelivered
from thereafter.feedback.models import Review
from thereafter.stores.models import StoreQuerySet
from thereafter.timeline.models import Entry


def bought_before(store_id: int, pairs: Iterable[tuple[int, int]], at: datetime) -> dict[tuple[int, int], int]:
    """Of (customer, product) those that were bought before `at` in an order that stands, with the newest such order."""
    wanted = set(pairs)
    if not wanted:
        return {}
    lines = _bought(store_id, {product for _, product in wanted}).filter(
        order__customer__in={customer for customer, _ in wanted}, order__placed_at__lt=at
    )
    # The oldest first: the last one that is put in is the newest.
    found = lines.order_by("order__placed_at", "order").values_list("order__customer", "product", "order")
    return {(customer, product): order for customer, product, order in found if (customer, product) in wanted}


def order_has(order: Order, product_id: int, at: datetime) -> bool:
    """Whether this order stands, was placed before `at` and has the product."""
    if order.is_cancelled or order.placed_at >= at:
        return False
    return OrderLine.objects.of(order.store_id).filter(order=order, product=product_id).exists()


def _bought(store_id: int, product_ids: Collection[int]) -> StoreQuerySet[OrderLine]:
    lines = OrderLine.objects.of(store_id).filter(product__in=product_ids, order__store=store_id)
    return lines.exclude(order__status=Order.Status.CANCELLED)


def purchases(
    store_id: int, customer_ids: Collection[int], product_ids: Collection[int]
) -> dict[tuple[int, int], list[tuple[datetime, int]]]:
    """By (customer, product) when it was bought in orders that stand, and in which; the newest first."""
    found: dict[tuple[int, int], list[tuple[datetime, int]]] = {}
    lines = (
        _bought(store_id, product_ids).filter(order__customer__in=customer_ids).order_by("-order__placed_at", "-order")
    )
    for customer, product, at, order in lines.values_list("order__customer", "product", "order__placed_at", "order"):
        found.setdefault((customer, product), []).append((at, order))
    return found


def had_delivered(store_id: int, product_ids: Collection[int]) -> dict[int, datetime]:
    """Who has one of these products in their hands, and since when: the newest delivery of an order that stands."""
    orders = _bought(store_id, product_ids).values("order")
    told = Entry.objects.of(store_id).filter(name=ParcelDelivered.name, order_id__in=orders).order_by("occurred_at")
    return {customer: at for customer, at in told.values_list("customer_id", "occurred_at") if customer}


def not_yet_reviewed(
    store_id: int, pairs: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], list[tuple[datetime, int]]]:
    """The purchases of each (customer, product) of which nothing was said yet."""
    wanted = set(pairs)
    people, goods = {customer for customer, _ in wanted}, {product for _, product in wanted}
    said = Review.objects.of(store_id).filter(customer__in=people, product__in=goods, order__isnull=False)
    done = set(said.values_list("customer", "product", "order"))
    return {
        pair: [(at, order) for at, order in found if (*pair, order) not in done]
        for pair, found in purchases(store_id, people, goods).items()
        if pair in wanted
    }
