"""What is known of a customer: who they are, what they bought, what they allowed, and where they belong."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from thereafter.commerce.models import Consent, Customer, Order, OrderLine, Refund
from thereafter.journeys.loading.orders import unit
from thereafter.journeys.loading.seats import Facts, Seat, customers_of
from thereafter.journeys.models import SegmentMember
from thereafter.stores.models import Store

COLUMNS = ("country", "locale", "email", "phone", "name", "created_at")
_OF_ORDERS = frozenset(
    f"customer.{name}"
    for name in ("orders", "spent", "average_order", "first_order_at", "last_order_at", "days_since_order")
)
_OF_MONEY = frozenset({"customer.spent", "customer.average_order"})
_OF_LINES = {
    "customer.bought": "title",
    "customer.bought_skus": "sku",
    "customer.bought_categories": "product__category",
}
_OF_PERSON = frozenset({f"customer.{name}" for name in (*COLUMNS, "first_name", "tags")} | {"trait"})


@dataclass(frozen=True, slots=True)
class Bought:
    """One order as sums over them want it."""

    pk: int
    placed_at: datetime
    cancelled_at: datetime | None
    total_minor: int
    is_own_currency: bool


def load(store_id: int, seats: Sequence[Seat], names: Collection[str], facts: Sequence[Facts]) -> None:
    """Fills in `customer.…` and `trait`."""
    if _OF_PERSON & set(names):
        _person(store_id, seats, names, facts)
    if _OF_ORDERS & set(names):
        _orders(store_id, seats, facts, with_money=bool(_OF_MONEY & set(names)))
    if set(_OF_LINES) & set(names):
        _lines(store_id, seats, facts)
    if "customer.consents" in names:
        _consents(store_id, seats, facts)
    if "customer.segments" in names:
        _segments(store_id, seats, facts)


def _person(store_id: int, seats: Sequence[Seat], names: Collection[str], facts: Sequence[Facts]) -> None:
    wanted = [column for column in COLUMNS if f"customer.{column}" in names]
    with_traits = bool({"trait", "customer.tags"} & set(names))
    first_name = "customer.first_name" in names
    columns = [
        *wanted,
        *(["name"] if first_name and "name" not in wanted else []),
        *(["traits"] if with_traits else []),
    ]
    rows = Customer.objects.of(store_id).filter(pk__in=customers_of(seats)).values("pk", *columns)
    people: dict[int, dict[str, Any]] = {row["pk"]: dict(row) for row in rows}
    for seat, known in zip(seats, facts, strict=True):
        row = people.get(seat.customer_id)
        if row is None:
            continue
        known.update((f"customer.{column}", row[column]) for column in wanted)
        if first_name:
            known["customer.first_name"] = row["name"].partition(" ")[0]
        if with_traits:
            known["customer.tags"] = tags_of(row["traits"])
            known["trait"] = plain(row["traits"])


def tags_of(traits: Mapping[str, Any]) -> list[str]:
    tags = traits.get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def plain(value: Any) -> Any:
    """JSON with every number a decimal, so that they can be divided and compared alike."""
    if type(value) is int:
        return float(value)
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def _orders(store_id: int, seats: Sequence[Seat], facts: Sequence[Facts], *, with_money: bool) -> None:
    currency = Store.objects.values_list("currency", flat=True).get(pk=store_id)
    orders = _bought(store_id, customers_of(seats), currency)
    refunds = _refunds(store_id, orders) if with_money else {}
    for seat, known in zip(seats, facts, strict=True):
        theirs = [order for order in orders.get(seat.customer_id, []) if _counts(order, seat.at)]
        known["customer.orders"] = float(len(theirs))
        if with_money:
            known.update(_money(theirs, refunds, seat.at, unit(currency)))
        if theirs:
            last = max(order.placed_at for order in theirs)
            known["customer.first_order_at"] = min(order.placed_at for order in theirs)
            known["customer.last_order_at"] = last
            known["customer.days_since_order"] = float((seat.at - last).days)


def _bought(store_id: int, people: Collection[int], currency: str) -> dict[int, list[Bought]]:
    found: dict[int, list[Bought]] = defaultdict(list)
    rows = Order.objects.of(store_id).filter(customer_id__in=people)
    columns = rows.values_list("customer_id", "pk", "placed_at", "cancelled_at", "total_minor", "currency")
    for customer_id, pk, placed_at, cancelled_at, total_minor, own in columns:
        found[customer_id].append(Bought(pk, placed_at, cancelled_at, total_minor, own == currency))
    return found


def _counts(order: Bought, at: datetime) -> bool:
    return order.placed_at <= at and not (order.cancelled_at and order.cancelled_at <= at)


def _refunds(store_id: int, orders: Mapping[int, Sequence[Bought]]) -> dict[int, list[tuple[int, datetime]]]:
    ids = [order.pk for theirs in orders.values() for order in theirs if order.is_own_currency]
    found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    rows = Refund.objects.of(store_id).filter(order_id__in=ids)
    for order_id, minor, at in rows.values_list("order_id", "amount_minor", "at"):
        found[order_id].append((minor, at))
    return found


def _money(
    theirs: Sequence[Bought], refunds: Mapping[int, Sequence[tuple[int, datetime]]], at: datetime, in_one: float
) -> Facts:
    own = [order for order in theirs if order.is_own_currency]
    given_back = sum(minor for order in own for minor, when in refunds.get(order.pk, []) if when <= at)
    spent = (sum(order.total_minor for order in own) - given_back) / in_one
    return {"customer.spent": spent, **({"customer.average_order": spent / len(own)} if own else {})}


def _lines(store_id: int, seats: Sequence[Seat], facts: Sequence[Facts]) -> None:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = OrderLine.objects.of(store_id).filter(order__customer_id__in=customers_of(seats))
    columns = ("order__customer_id", "order__placed_at", "order__cancelled_at", *_OF_LINES.values())
    for customer_id, *line in rows.values_list(*columns):
        found[customer_id].append(tuple(line))
    for seat, known in zip(seats, facts, strict=True):
        theirs = [
            line
            for line in found.get(seat.customer_id, [])
            if line[0] <= seat.at and not (line[1] and line[1] <= seat.at)
        ]
        for place, name in enumerate(_OF_LINES, start=2):
            known[name] = sorted({line[place] for line in theirs if line[place]})


def _consents(store_id: int, seats: Sequence[Seat], facts: Sequence[Facts]) -> None:
    """What they allow at the moment, "email:marketing"; the newest word on each channel and purpose holds."""
    said: dict[int, list[Consent]] = defaultdict(list)
    for consent in Consent.objects.of(store_id).filter(customer_id__in=customers_of(seats)).order_by("at", "id"):
        said[consent.customer_id].append(consent)
    for seat, known in zip(seats, facts, strict=True):
        held = {
            f"{one.channel}:{one.purpose}": one.granted for one in said.get(seat.customer_id, []) if one.at <= seat.at
        }
        known["customer.consents"] = sorted(name for name, granted in held.items() if granted)


def _segments(store_id: int, seats: Sequence[Seat], facts: Sequence[Facts]) -> None:
    earliest = min(seat.at for seat in seats)
    rows = SegmentMember.objects.of(store_id).filter(customer_id__in=customers_of(seats))
    rows = rows.filter(Q(left_at__isnull=True) | Q(left_at__gt=earliest))
    stays: dict[int, list[tuple[str, datetime, datetime | None]]] = defaultdict(list)
    for customer_id, key, came, left in rows.values_list("customer_id", "segment__key", "entered_at", "left_at"):
        stays[customer_id].append((key, came, left))
    for seat, known in zip(seats, facts, strict=True):
        known["customer.segments"] = sorted(
            key
            for key, came, left in stays.get(seat.customer_id, [])
            if came <= seat.at and not (left and left <= seat.at)
        )
