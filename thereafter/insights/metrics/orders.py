"""Orders and money of a period, and who placed them. Net orders: not cancelled, not wholly refunded. Plain Python."""

from ibis.expr.types import Table

from thereafter.insights.metrics.people import as_asked, flag, histories, in_turn, numbered
from thereafter.insights.metrics.tables import Scope, orders, placed, within


def by_day(scope: Scope) -> Table:
    """Per `day` of the period: `orders`, `foreign` (in another currency, their amounts are nought), `units`,
    `total_minor`, `net_minor` = total - refunds, `refunded_minor`, `discount_minor`, `shipping_minor`.

    Average order value = Σ net / (orders - foreign). Units: orders, units, minor units. Source: orders of the shop.
    """
    rows = within(orders(scope), scope)
    return rows.group_by("day").agg(
        orders=rows.count(),
        foreign=rows.foreign.sum(),
        units=rows["items"].sum(),
        total_minor=rows.total_minor.sum(),
        net_minor=rows.net_minor.sum(),
        refunded_minor=rows.refunded_minor.sum(),
        discount_minor=rows.discount_minor.sum(),
        shipping_minor=rows.shipping_minor.sum(),
    )


def new_and_returning(scope: Scope) -> Table:
    """Per `month` of the period and `is_new` (1: a customer's first net order ever): `orders`, `foreign`, `net_minor`.

    Narrowed, it counts the orders that are so, whatever the customer's first one was. Units: orders, minor units.
    Source: orders of the shop.
    """
    rows = as_asked(within(numbered(scope), scope), scope)
    rows = rows.mutate(is_new=flag(rows.number == 0))
    return rows.group_by(["month", "is_new"]).agg(
        orders=rows.count(), foreign=rows.foreign.sum(), net_minor=rows.net_minor.sum()
    )


def placed_by_month(scope: Scope) -> Table:
    """Per `month` of the period: `orders` placed, also those that were cancelled or came back.

    What contacts and problems are counted among. Unit: orders. Source: orders of the shop.
    """
    rows = within(placed(scope), scope)
    return rows.group_by("month").agg(orders=rows.count())


def active_months(scope: Scope) -> Table:
    """Per `month` up to the last day and `gap` (months since the customer's active month before it; 0: the first):
    `customers` with a net order in it.

    What is new, returning, reactivated and dormant follows from it for any number of quiet months
    (`rules/lifecycle.py`). Unit: customers. Source: orders of the shop.
    """
    rows = histories(scope).select("customer_id", "month").distinct()
    rows = in_turn(rows, "customer_id", "month")
    return rows.group_by(["month", "gap"]).agg(customers=rows.count())
