"""Rows as the console's lists show and find them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Min, Q, Sum

from thereafter.commerce.models import Customer, Fulfilment, Identity, Order, Product
from thereafter.commerce.rules.text import normal_email, normal_phone
from thereafter.kit.money import Money
from thereafter.stores.models import Store, StoreQuerySet

SORTS = {"new": ("-placed_at", "-pk"), "old": ("placed_at", "pk"), "high": ("-total_minor", "-pk")}


def orders(store: Store, *, q: str = "", status: str = "", sort: str = "new") -> StoreQuerySet[Order]:
    """Orders by number, name or e-mail, with their customers and lines."""
    found = Order.objects.of(store)
    if status:
        found = found.filter(status=status)
    if q:
        of_people = Customer.objects.of(store).filter(_is_called(q)).values("pk")
        found = found.filter(Q(number__icontains=q.removeprefix("#")) | Q(customer__in=of_people))
    return found.select_related("customer").prefetch_related("lines").order_by(*SORTS.get(sort, SORTS["new"]))


def _is_called(q: str) -> Q:
    return Q(name__icontains=q) | Q(email__icontains=q.lower())


def customers(store: Store, *, q: str = "") -> StoreQuerySet[Customer]:
    """People by name, or by an e-mail, phone number or account they ever used; merged ones are found as who stays."""
    known = Customer.objects.of(store).filter(merged_into=None)
    if q:
        values = {q.lower(), normal_email(q), normal_phone(q, store.country)} - {""}
        by_identity = Identity.objects.of(store).filter(value__in=values).values("customer")
        known = known.filter(_is_called(q) | Q(phone__icontains=q) | Q(pk__in=by_identity))
    return known.order_by("-created_at", "-pk")


def products(store: Store, *, q: str = "", category: str = "") -> StoreQuerySet[Product]:
    known = Product.objects.of(store)
    if category:
        known = known.filter(category=category)
    if q:
        known = known.filter(Q(title__icontains=q) | Q(variants__sku__iexact=q) | Q(external_id=q)).distinct()
    return known.order_by("-is_active", "title", "pk")


def categories(store: Store) -> list[str]:
    named = Product.objects.of(store).exclude(category="").order_by("category")
    return list(named.values_list("category", flat=True).distinct())


def shipped_orders(store: Store, tracking_number: str) -> StoreQuerySet[Order]:
    """Orders with a parcel of this number."""
    wanted = tracking_number.replace(" ", "")
    parcels = Fulfilment.objects.of(store).filter(tracking_number__iexact=wanted).values("order")
    return Order.objects.of(store).filter(pk__in=parcels).select_related("customer").prefetch_related("lines")


def lifetime(store: Store, customers: Iterable[Customer]) -> dict[int, dict[str, Any]]:
    """What each person ordered, cancelled orders left out: {customer id: {orders, spent, first_at, last_at}}.

    `spent` is a list of Money after refunds, one per currency, the largest first.
    """
    bought = Order.objects.of(store).filter(customer__in=list(customers)).exclude(status=Order.Status.CANCELLED)
    rows = (
        bought.order_by()
        .values("customer_id", "currency")
        .annotate(
            orders=Count("pk"),
            spent=Sum(F("total_minor") - F("refunded_minor")),
            first_at=Min("placed_at"),
            last_at=Max("placed_at"),
        )
    )
    by_customer: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_customer[row["customer_id"]].append(row)
    return {customer_id: _sum_up(parts) for customer_id, parts in by_customer.items()}


def _sum_up(parts: list[dict[str, Any]]) -> dict[str, Any]:
    first: datetime = min(part["first_at"] for part in parts)
    last: datetime = max(part["last_at"] for part in parts)
    spent = [Money(part["spent"], part["currency"]) for part in sorted(parts, key=lambda part: -part["spent"])]
    return {"orders": sum(part["orders"] for part in parts), "spent": spent, "first_at": first, "last_at": last}
