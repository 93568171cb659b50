"""What people may be asked to review: read for many orders at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch

from thereafter.commerce.models import FulfilmentLine, Order, OrderLine, Product
from thereafter.commerce.rules import after_sale
from thereafter.feedback.models import Ask, RequestedProduct, Review, ReviewRequest
from thereafter.feedback.queries.review_rules import rules_of, settings_of
from thereafter.feedback.rules.reviews import Rule, is_gift_card
from thereafter.stores.models import StoreQuerySet

# Why an order is not asked about, beside the codes of `rules.budget`.
ORDER_GONE, COUNTRY, REVIEWED, OFF = "order_gone", "country", "reviewed", "reviews_off"


@dataclass(frozen=True)
class Bought:
    """What is in orders: products by order, with the line of each; what is left out for good is not here."""

    orders: Mapping[int, Order]
    products: Mapping[int, Mapping[int, OrderLine]]
    rules: Mapping[int, Rule]
    _parcels: Mapping[tuple[int, str], set[int]] = field(default_factory=dict)

    def in_parcel(self, order_id: int, tracking_number: str) -> set[int]:
        """The products of an order that came in this parcel; all of them when the shop did not say."""
        here = set(self.products.get(order_id, ()))
        return self._parcels.get((order_id, tracking_number), here) & here


def bought(store_id: int, order_ids: Collection[int]) -> Bought:
    """In six queries, however many orders."""
    orders = {order.pk: order for order in Order.objects.of(store_id).filter(pk__in=order_ids)}
    lines = OrderLine.objects.of(store_id).filter(order__in=list(orders), product__isnull=False)
    found = list(lines.select_related("product").order_by("order", "id"))
    goods = {line.product.pk: line.product for line in found if line.product and not _is_money(line.product)}
    rules = rules_of(settings_of(store_id), goods.values())
    products: dict[int, dict[int, OrderLine]] = defaultdict(dict)
    for line in found:
        if line.product_id in goods and rules[line.product_id or 0].asks:
            products[line.order_id].setdefault(line.product_id or 0, line)
    return Bought(orders, products, rules, _parcels(store_id, orders))


def _is_money(product: Product) -> bool:
    return is_gift_card(product.category, after_sale.read(product.after_sale).product_type)


def _parcels(store_id: int, order_ids: Iterable[int]) -> dict[tuple[int, str], set[int]]:
    """Products by order and tracking number, of hand-overs that say what is in them."""
    found: dict[tuple[int, str], set[int]] = defaultdict(set)
    parts = FulfilmentLine.objects.of(store_id).filter(
        fulfilment__order__in=list(order_ids), line__product__isnull=False
    )
    for order, number, product in parts.values_list(
        "fulfilment__order", "fulfilment__tracking_number", "line__product"
    ):
        found[order, number].add(product)
    return found


def asks_of(store_id: int, customer_ids: Collection[int], order_ids: Collection[int]) -> dict[int, list[Ask]]:
    """What was planned for these orders of these people, by order."""
    found: dict[int, list[Ask]] = defaultdict(list)
    planned = Ask.objects.of(store_id).filter(what=Ask.What.REVIEW, customer__in=customer_ids, order__in=order_ids)
    for ask in planned.order_by("id"):
        found[ask.order_id or 0].append(ask)
    return found


def reviewed(store_id: int, customer_ids: Collection[int]) -> set[tuple[int, int]]:
    """(customer, product) of whom has said already what they think, whatever it is."""
    said = Review.objects.of(store_id).filter(customer__in=customer_ids).exclude(state=Review.State.WITHDRAWN)
    return set(said.values_list("customer", "product"))


def why_not(order: Order | None, countries: Collection[str]) -> str:
    """What keeps an order from being asked about by now, as a code; "" when nothing does. Stars, lateness and what
    somebody complained of are not known here."""
    if order is None or order.is_cancelled or 0 < order.total_minor <= order.refunded_minor:
        return ORDER_GONE
    country = str(order.shipping_address.get("country", "")).upper()
    return COUNTRY if country and country in {one.upper() for one in countries} else ""


def requests_of(store_id: int, ask_ids: Sequence[int]) -> list[ReviewRequest]:
    """Requests with their products, in the order of asking."""
    return list(_with_products(store_id).filter(ask__in=ask_ids))


def with_products(store_id: int, request_ids: Sequence[int]) -> list[ReviewRequest]:
    return list(_with_products(store_id).filter(pk__in=request_ids))


def _with_products(store_id: int) -> StoreQuerySet[ReviewRequest]:
    products = RequestedProduct.objects.of(store_id).select_related("product", "line").order_by("id")
    rows = ReviewRequest.objects.of(store_id).select_related("order__store", "customer").order_by("id")
    return rows.prefetch_related(Prefetch("products", products))


def asked_about(store_id: int, order_id: int, product_id: int) -> list[int]:
    """The asks by which somebody was asked about a product of this order."""
    rows = RequestedProduct.objects.of(store_id).filter(product=product_id, request__order=order_id)
    return list(rows.exclude(request__ask=None).values_list("request__ask", flat=True))
