"""Orders as the rules of earning look at them: in a few queries for many."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from django.db.models import Exists, OuterRef, Q

from thereafter.commerce.models import Order, OrderLine, Tender
from thereafter.journeys.models import SegmentMember
from thereafter.kit.money import exponent
from thereafter.loyalty.queries.programmes import Versions
from thereafter.loyalty.rules.earning import Line, Purchase

GIFT_CARDS = ("gift_card", "gift-card", "giftcard", "gift card")
POINTS = ("points", "loyalty", "loyalty_points")
FAILED = ("failed", "declined", "error", "failure", "voided")


def purchases(orders: Collection[Order]) -> dict[int, Purchase]:
    """By order, what was bought and paid; an order without lines is not in it."""
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in=orders).select_related("product").order_by("id"):
        lines[line.order_id].append(line)
    gifts, points = _tenders(orders)
    return {
        order.pk: _purchase(order, lines[order.pk], gifts[order.pk], points[order.pk])
        for order in orders
        if order.pk in lines
    }


def _tenders(orders: Collection[Order]) -> tuple[dict[int, int], dict[int, int]]:
    """What was paid by gift card and by points, by order."""
    gifts: dict[int, int] = defaultdict(int)
    points: dict[int, int] = defaultdict(int)
    paid = Tender.objects.filter(order__in=orders, kind__in=(*GIFT_CARDS, *POINTS)).exclude(status__in=FAILED)
    for order_id, kind, amount_minor in paid.values_list("order_id", "kind", "amount_minor"):
        (gifts if kind in GIFT_CARDS else points)[order_id] += amount_minor
    return gifts, points


def _purchase(order: Order, lines: list[OrderLine], gift_minor: int, points_minor: int) -> Purchase:
    gross = sum(line.total_minor for line in lines)
    tax_on_top = 0 if order.taxes_included else order.tax_minor
    paid = order.total_minor - order.shipping_minor - order.fees_minor - tax_on_top
    # Shops that discount the order and not its lines show it there; a cent per line is only rounding.
    off = max(0, gross - max(0, paid)) if paid < gross - len(lines) else 0
    return Purchase(
        lines=tuple(_line(line) for line in lines),
        off_minor=off + points_minor,
        gift_minor=gift_minor,
        total_minor=order.total_minor,
        currency=order.currency,
        exponent=exponent(order.currency),
        at=order.placed_at,
        channel=order.channel,
    )


def _line(line: OrderLine) -> Line:
    return Line(
        name=line.external_id,
        value_minor=line.total_minor,
        quantity=line.quantity,
        sku=line.sku,
        product=line.product.external_id if line.product else "",
        category=line.product.category if line.product else "",
    )


def with_people(
    store_id: int, orders: Collection[Order], bought: dict[int, Purchase], versions: Versions
) -> dict[int, Purchase]:
    """The purchases with what rules ask of the buyer: the first order, the segments. No query that no rule needs."""
    rules = [rule for version in versions.listed for rule in version.programme.rules]
    first = _first_orders(store_id, orders) if any(rule.first_order for rule in rules) else set()
    segments = _segments(store_id, orders) if any(rule.segments for rule in rules) else {}
    return {
        order.pk: replace(
            bought[order.pk], is_first=order.pk in first, segments=segments.get(order.customer_id, frozenset())
        )
        for order in orders
        if order.pk in bought
    }


def _first_orders(store_id: int, orders: Collection[Order]) -> set[int]:
    earlier = Order.objects.of(store_id).filter(
        Q(placed_at__lt=OuterRef("placed_at")) | Q(placed_at=OuterRef("placed_at"), pk__lt=OuterRef("pk")),
        customer=OuterRef("customer"),
        cancelled_at=None,
    )
    mine = Order.objects.of(store_id).filter(pk__in=[order.pk for order in orders])
    return set(mine.exclude(Exists(earlier)).values_list("pk", flat=True))


def _segments(store_id: int, orders: Collection[Order]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    stays = SegmentMember.objects.of(store_id).filter(
        customer__in={order.customer_id for order in orders}, left_at=None
    )
    for customer_id, name in stays.values_list("customer_id", "segment__name"):
        found[customer_id].add(name)
    return {customer_id: frozenset(names) for customer_id, names in found.items()}
