"""What was bought and kept, as the reorder rules read it: one entry per order line, oldest first."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from thereafter.commerce.models import Order, OrderLine, Refund, Variant
from thereafter.recommendations.rules.reorder_packs import pack_units
from thereafter.recommendations.rules.reorders import returned_whole
from thereafter.stores.models import Store

# The newest lines of a store that are learnt from: about 150 MB and a few seconds at most.
MOST_LINES = 400_000
_COLUMNS = ("order__customer_id", "product_id", "order_id", "variant_id", "order__placed_at", "quantity", "external_id")


class Line(NamedTuple):
    """`day` is the day number (`date.toordinal`) in the shop's time zone."""

    customer_id: int
    product_id: int
    order_id: int
    variant_id: int | None
    day: int
    quantity: int


def bought_lines(
    store: Store, *, customers: Collection[int] | None = None, products: Collection[int] | None = None
) -> list[Line]:
    """Of all customers and products, or of these: without cancelled orders and without lines that came back whole."""
    lines = OrderLine.objects.of(store).filter(product__isnull=False, quantity__gt=0)
    lines = lines.filter(~Q(order__status=Order.Status.CANCELLED))
    if customers is not None:
        lines = lines.filter(order__customer_id__in=customers)
    if products is not None:
        lines = lines.filter(product_id__in=products)
    rows = list(lines.order_by("-order__placed_at", "-pk").values_list(*_COLUMNS)[:MOST_LINES])
    back = _came_back(store, customers)
    zone = ZoneInfo(store.time_zone)
    return [
        Line(row[0], row[1] or 0, row[2], row[3], _day(row[4], zone), row[5])
        for row in reversed(rows)
        if row[2] not in back or not returned_whole(row[5], back[row[2]], row[6])
    ]


def _day(at: datetime, zone: ZoneInfo) -> int:
    return at.astimezone(zone).toordinal()


def _came_back(store: Store, customers: Collection[int] | None) -> dict[int, dict[str, int]]:
    """By order, how many of each line's external id were paid back."""
    refunds = Refund.objects.of(store)
    if customers is not None:
        refunds = refunds.filter(order__customer_id__in=customers)
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for order_id, lines in refunds.values_list("order_id", "lines"):
        for line in lines:
            found[order_id][str(line.get("line", ""))] += int(line.get("quantity") or 0)
    return found


def packs(store: Store, products: Collection[int] | None = None) -> dict[int, float]:
    """By variant, how many of its product's smallest pack it holds, where that is not 1."""
    variants = Variant.objects.of(store).exclude(title="")
    if products is not None:
        variants = variants.filter(product_id__in=products)
    titles: dict[int, dict[int, str]] = defaultdict(dict)
    for pk, product_id, title in variants.values_list("pk", "product_id", "title"):
        titles[product_id][pk] = title
    found: dict[int, float] = {}
    for of_product in titles.values():
        if len(of_product) > 1:
            found |= {variant: units for variant, units in pack_units(of_product).items() if units != 1.0}
    return found
