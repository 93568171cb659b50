"""The tables that figures are written on: what the export leaves, the same on every engine. Plain Python.

Days are whole numbers, days since 1970-01-01 on the store's calendar; months are year * 12 + month - 1 of that day.
Money is in minor units of the store's currency; flags are 0 and 1, -1 where it is not known. So a metric needs no date,
money or boolean arithmetic that engines do differently.
"""

from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanColumn, Table

UNKNOWN = -1

# One row per order. `counts` is 1 for a net order: not cancelled, not wholly refunded. `foreign` is 1 where it was paid
# in another currency; its amounts are then 0. `net_minor` is `total_minor` less what was refunded.
ORDERS = {
    "store_id": "int64",
    "id": "int64",
    "customer_id": "int64",
    "day": "int64",
    "month": "int64",
    "counts": "int64",
    "foreign": "int64",
    "total_minor": "int64",
    "refunded_minor": "int64",
    "net_minor": "int64",
    "discount_minor": "int64",
    "shipping_minor": "int64",
    "items": "int64",
    "country": "string",
    "channel": "string",
    "coupon": "string",
}
# One row per product of an order (lines of one product are added up). `net_minor` is after discounts.
LINES = {
    "store_id": "int64",
    "order_id": "int64",
    "customer_id": "int64",
    "day": "int64",
    "month": "int64",
    "counts": "int64",
    "product_id": "int64",
    "quantity": "int64",
    "net_minor": "int64",
}
PRODUCTS = {"store_id": "int64", "id": "int64", "title": "string", "category": "string", "is_active": "int64"}
CUSTOMERS = {"store_id": "int64", "id": "int64", "country": "string", "created_day": "int64"}
# One row per line of the log. What `value`, `flag`, `kind`, `other` and `ref` hold is told event by event in
# `engine/entries.py`; 0, UNKNOWN, "", "" and 0 where it has no such thing. `customer_id` and `order_id` are 0 for
# nobody's.
ENTRIES = {
    "store_id": "int64",
    "id": "int64",
    "name": "string",
    "day": "int64",
    "month": "int64",
    "customer_id": "int64",
    "order_id": "int64",
    "value": "int64",
    "flag": "int64",
    "kind": "string",
    "other": "string",
    "ref": "int64",
}
# Customers of one segment, given with the question; empty where no segment is asked for.
MEMBERS = {"customer_id": "int64"}

SCHEMAS = {
    "orders": ORDERS,
    "lines": LINES,
    "products": PRODUCTS,
    "customers": CUSTOMERS,
    "entries": ENTRIES,
    "members": MEMBERS,
}
# Written a month at a time; the others whole.
BY_MONTH = ("orders", "lines", "entries")


@dataclass(frozen=True)
class Scope:
    """Whose orders a figure is about. Days are on the store's calendar, `until` not included; "" and 0 are everything.

    `product_id` keeps orders with that product; `in_segment` keeps customers in the table `members`.
    """

    store_id: int
    since: int
    until: int
    country: str = ""
    channel: str = ""
    product_id: int = 0
    in_segment: bool = False


def table(name: str) -> Table:
    return ibis.table(SCHEMAS[name], name=name)


def orders(scope: Scope) -> Table:
    """Net orders of the scope, of all time: a first order may lie before the period."""
    rows = placed(scope)
    return rows.filter(rows.counts == 1)


def placed(scope: Scope) -> Table:
    """The same with those that were cancelled or wholly refunded: what came back was an order too."""
    rows = table("orders")
    rows = rows.filter(*_asked(rows, scope))
    if scope.product_id:
        lines = table("lines")
        bought = lines.filter(lines.store_id == scope.store_id, lines.product_id == scope.product_id)
        rows = rows.semi_join(bought, rows.id == bought.order_id)
    if scope.in_segment:
        members = table("members")
        rows = rows.semi_join(members, rows.customer_id == members.customer_id)
    return rows


def _asked(rows: Table, scope: Scope) -> list[BooleanColumn]:
    asked = [rows.store_id == scope.store_id]
    if scope.country:
        asked.append(rows.country == scope.country)
    if scope.channel:
        asked.append(rows.channel == scope.channel)
    return asked


def within(rows: Table, scope: Scope) -> Table:
    """Those whose day lies in the period."""
    return rows.filter(rows.day >= scope.since, rows.day < scope.until)


def entries(scope: Scope, *names: str) -> Table:
    """Lines of the log with these names, of all time; of orders in the scope where it is narrowed."""
    rows = table("entries")
    rows = rows.filter(rows.store_id == scope.store_id, rows.name.isin(names))
    if scope.country or scope.channel or scope.product_id:
        kept = placed(scope)
        rows = rows.semi_join(kept, rows.order_id == kept.id)
    if scope.in_segment:
        members = table("members")
        rows = rows.semi_join(members, rows.customer_id == members.customer_id)
    return rows
