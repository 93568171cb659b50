"""What is known of the order a seat is about."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Min

from thereafter.commerce.models import Fulfilment, Order, OrderLine, Refund
from thereafter.journeys.loading.seats import Facts, Seat
from thereafter.kit.money import UnknownCurrency, exponent

OF_LINES = frozenset({"order.items", "order.skus", "order.categories", "order.item_count"})
Row = dict[str, Any]
Extra = Callable[[Row, datetime], Facts]
# What every question about the order's past wants, and the columns of each field beyond that.
_ALWAYS = ("pk", "customer_id", "status", "placed_at", "cancelled_at", "currency")
_COLUMNS = {
    "order.number": "number",
    "order.channel": "channel",
    "order.total": "total_minor",
    "order.subtotal": "subtotal_minor",
    "order.country": "shipping_address",
    "order.codes": "discount_codes",
}
_SAID: dict[str, Callable[[Row], Any]] = {
    "order.number": lambda row: row["number"],
    "order.channel": lambda row: row["channel"],
    "order.currency": lambda row: row["currency"],
    "order.placed_at": lambda row: row["placed_at"],
    "order.total": lambda row: major(row["total_minor"], row["currency"]),
    "order.subtotal": lambda row: major(row["subtotal_minor"], row["currency"]),
    "order.country": lambda row: _country(row["shipping_address"]),
    "order.codes": lambda row: [str(code) for code in row["discount_codes"]],
}


def load(store_id: int, seats: Sequence[Seat], names: Collection[str], facts: Sequence[Facts]) -> None:
    """Fills in `order.…`; what is about no order, or one of another store, knows nothing of it."""
    ids = {seat.order_id for seat in seats if seat.order_id}
    columns = (*_ALWAYS, *(column for name, column in _COLUMNS.items() if name in names))
    rows = Order.objects.of(store_id).filter(pk__in=ids).values(*columns) if ids else ()
    orders: dict[int, Row] = {row["pk"]: dict(row) for row in rows}
    plain = [(name, say) for name, say in _SAID.items() if name in names]
    extras = [make(store_id, orders) for needs, make in _EXTRAS if needs & set(names)]
    for seat, known in zip(seats, facts, strict=True):
        row = orders.get(seat.order_id or 0)
        if row is not None:
            known.update((name, say(row)) for name, say in plain)
            for extra in extras:
                known.update(extra(row, seat.at))


def major(minor: int, currency: str) -> float:
    """Cents as whole money, 1999 as 19.99."""
    return minor / unit(currency)


def unit(currency: str) -> float:
    """How many minor units make one; 100 for a currency nobody knows."""
    try:
        return float(10 ** exponent(currency))
    except UnknownCurrency:
        return 100.0


def _country(address: Any) -> str:
    return str(address.get("country") or "") if isinstance(address, dict) else ""


def _statuses(store_id: int, orders: Collection[int]) -> Extra:
    """The status at a moment: what was handed over or cancelled later is still open."""
    shipped = _shipped(store_id, orders)

    def status(row: Row, at: datetime) -> Facts:
        if row["cancelled_at"] and row["cancelled_at"] <= at:
            return {"order.status": Order.Status.CANCELLED.value}
        first = shipped.get(row["pk"])
        was_fulfilled = row["status"] == Order.Status.FULFILLED and (first is None or first <= at)
        return {"order.status": (Order.Status.FULFILLED if was_fulfilled else Order.Status.OPEN).value}

    return status


def _given_back(store_id: int, orders: Collection[int]) -> Extra:
    refunds = _refunds(store_id, orders)

    def refunded(row: Row, at: datetime) -> Facts:
        minor = sum(minor for minor, when in refunds.get(row["pk"], []) if when <= at)
        return {"order.refunded": major(minor, row["currency"])}

    return refunded


def _first_ones(store_id: int, orders: Mapping[int, Row]) -> Extra:
    all_theirs = _of_people(store_id, {row["customer_id"] for row in orders.values()})

    def is_first(row: Row, at: datetime) -> Facts:
        own = (row["placed_at"], row["pk"])
        before = (one for one in all_theirs.get(row["customer_id"], []) if one[:2] < own)
        return {"order.is_first": not any(not (one[2] and one[2] <= at) for one in before)}

    return is_first


def _contents(store_id: int, orders: Collection[int]) -> Extra:
    lines = _lines(store_id, orders)
    return lambda row, _at: _of_lines(lines.get(row["pk"], []))


def _shipped(store_id: int, orders: Collection[int]) -> dict[int, datetime]:
    rows = Fulfilment.objects.of(store_id).filter(order_id__in=orders).values("order_id")
    return {row["order_id"]: row["first"] for row in rows.annotate(first=Min("shipped_at"))}


def _refunds(store_id: int, orders: Collection[int]) -> dict[int, list[tuple[int, datetime]]]:
    found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    rows = Refund.objects.of(store_id).filter(order_id__in=orders)
    for order_id, minor, at in rows.values_list("order_id", "amount_minor", "at"):
        found[order_id].append((minor, at))
    return found


def _of_people(store_id: int, people: Collection[int]) -> dict[int, list[tuple[datetime, int, datetime | None]]]:
    """All orders of these customers: placed when, which, cancelled when."""
    found: dict[int, list[tuple[datetime, int, datetime | None]]] = defaultdict(list)
    rows = Order.objects.of(store_id).filter(customer_id__in=people)
    for customer_id, placed_at, pk, cancelled_at in rows.values_list("customer_id", "placed_at", "pk", "cancelled_at"):
        found[customer_id].append((placed_at, pk, cancelled_at))
    return found


def _lines(store_id: int, orders: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = OrderLine.objects.of(store_id).filter(order_id__in=orders).order_by("id")
    for row in rows.values("order_id", "title", "sku", "quantity", "product__category"):
        found[row["order_id"]].append(dict(row))
    return found


def _of_lines(lines: Sequence[dict[str, Any]]) -> Facts:
    return {
        "order.items": [line["title"] for line in lines],
        "order.skus": [line["sku"] for line in lines if line["sku"]],
        "order.categories": sorted({line["product__category"] for line in lines if line["product__category"]}),
        "order.item_count": float(sum(line["quantity"] for line in lines)),
    }


_EXTRAS: tuple[tuple[frozenset[str], Callable[[int, dict[int, Row]], Extra]], ...] = (
    (OF_LINES, _contents),
    (frozenset({"order.status"}), _statuses),
    (frozenset({"order.refunded"}), _given_back),
    (frozenset({"order.is_first"}), _first_ones),
)
