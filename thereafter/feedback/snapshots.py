"""What was known of an order and its person when they answered: kept with the answer, for results by groups."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from thereafter.commerce.models import Customer, Fulfilment, Order, OrderLine
from thereafter.events.parcels import ParcelDelivered
from thereafter.feedback.models import Answer
from thereafter.timeline.models import Entry

# Of an order with more, the first ones stand for it.
MOST_PRODUCTS = 20
Facts = dict[str, Any]


def stamp(answers: Sequence[Answer]) -> None:
    """Writes on answers of one store that are not saved yet what is known now; what they carry already stays."""
    if not answers:
        return
    store_id = answers[0].store_id
    by_order = facts_for(store_id, {given.order_id for given in answers if given.order_id})
    alone = facts_of(store_id, {given.customer_id for given in answers if given.customer_id and not given.order_id})
    for given in answers:
        found = by_order.get(given.order_id or 0) or alone.get(given.customer_id or 0) or {}
        given.facts = {**found, "channel": channel(given.via), **given.facts}


def channel(via: str) -> str:
    """mail, page, link, qr, api or whatever else it was."""
    return "mail" if via == "email" else via


def facts_for(store_id: int, order_ids: Collection[int]) -> dict[int, Facts]:
    """By order, in four queries: `country`, `region` ("BR-SP") and `lane` ("DE-AT") of the delivery, `language`,
    `orders_before` and `first_order` ("2026-03") of the person, `product_ids`, `categories`, and of what arrived
    `carrier` and `late`. What nobody knows is left out."""
    ids = {order_id for order_id in order_ids if order_id}
    if not ids:
        return {}
    products, arrivals, carriers = _products(store_id, ids), _arrivals(store_id, ids), _carriers(store_id, ids)
    rows = _orders(store_id, ids)
    return {
        row["pk"]: _known(
            {
                **_places(row),
                "language": row["customer__locale"][:2].lower(),
                "orders_before": row["orders_before"],
                "first_order": f"{row['first_at']:%Y-%m}" if row["first_at"] else "",
                **products.get(row["pk"], {}),
                "carrier": carriers.get(row["pk"], ""),
                **arrivals.get(row["pk"], {}),
            }
        )
        for row in rows
    }


def facts_of(store_id: int, customer_ids: Collection[int]) -> dict[int, Facts]:
    """By person, of answers that are about no order, in one query; `orders_before` is how many they have placed."""
    ids = {customer_id for customer_id in customer_ids if customer_id}
    if not ids:
        return {}
    counted = ~Q(orders__status=Order.Status.CANCELLED)
    people = Customer.objects.of(store_id).filter(pk__in=ids)
    rows = people.annotate(placed=Count("orders", filter=counted), first_at=Min("orders__placed_at", filter=counted))
    return {
        row["pk"]: _known(
            {
                "country": row["country"],
                "language": row["locale"][:2].lower(),
                "orders_before": row["placed"],
                "first_order": f"{row['first_at']:%Y-%m}" if row["first_at"] else "",
            }
        )
        for row in rows.values("pk", "country", "locale", "placed", "first_at")
    }


def _known(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if value not in ("", None, [])}


def _orders(store_id: int, ids: set[int]) -> Any:
    theirs = Order.objects.of(store_id).filter(customer=OuterRef("customer")).exclude(status=Order.Status.CANCELLED)
    alone = theirs.order_by().values("customer")
    before = alone.filter(placed_at__lt=OuterRef("placed_at")).annotate(times=Count("id")).values("times")
    first = alone.annotate(first=Min("placed_at")).values("first")
    known = Order.objects.of(store_id).filter(pk__in=ids)
    counted = {"orders_before": Coalesce(Subquery(before), 0), "first_at": Subquery(first)}
    shown = ("pk", "shipping_address", "customer__country", "customer__locale", "origin", *counted)
    return known.annotate(**counted, origin=F("store__country")).values(*shown)


def _places(row: Facts) -> Facts:
    address = row["shipping_address"] or {}
    country = address.get("country", "") or row["customer__country"]
    region = address.get("region", "")
    return {
        "country": country,
        "region": f"{country}-{region}" if country and region else "",
        "lane": f"{row['origin']}-{country}" if row["origin"] and country else country,
    }


def _products(store_id: int, ids: set[int]) -> dict[int, Facts]:
    lines = OrderLine.objects.of(store_id).filter(order_id__in=ids, product__isnull=False).order_by("id")
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for order_id, product_id, category in lines.values_list("order_id", "product_id", "product__category"):
        if product_id is not None:
            found[order_id][product_id] = category or ""
    return {
        order_id: {
            "product_ids": list(products)[:MOST_PRODUCTS],
            "categories": sorted({category for category in products.values() if category}),
        }
        for order_id, products in found.items()
    }


def _arrivals(store_id: int, ids: set[int]) -> dict[int, Facts]:
    """The carrier of the last parcel; late when any of them came after its day, as the results count it."""
    delivered = Entry.objects.of(store_id).filter(name=ParcelDelivered.name, order_id__in=ids)
    found: dict[int, Facts] = {}
    for order_id, payload in delivered.order_by("occurred_at", "id").values_list("order_id", "payload"):
        facts = found.setdefault(order_id or 0, {})
        if payload.get("carrier"):
            facts["carrier"] = payload["carrier"]
        if payload.get("late") is not None:
            facts["late"] = facts.get("late", False) or payload["late"]
    return found


def _carriers(store_id: int, ids: set[int]) -> dict[int, str]:
    """Whom the shop named, where nothing has arrived yet."""
    sent = Fulfilment.objects.of(store_id).filter(order_id__in=ids).exclude(carrier="").order_by("shipped_at", "id")
    return dict(sent.values_list("order_id", "carrier"))
