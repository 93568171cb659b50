"""What orders can be narrowed to, and how many are left then. Plain Python."""

from ibis.expr.types import Table

from thereafter.insights.metrics.tables import Scope, orders, within


def places(scope: Scope) -> Table:
    """`country`, `channel`, `orders`: net orders of all time by where they went and where they were placed.

    Unit: orders. Source: orders of the shop.
    """
    rows = orders(scope)
    return rows.group_by(["country", "channel"]).agg(orders=rows.count())


def sizes(scope: Scope) -> Table:
    """`orders`, `customers`: how many customers placed so many net orders each in the period.

    Units: orders, customers. Source: orders of the shop.
    """
    rows = within(orders(scope), scope)
    people = rows.group_by("customer_id").agg(orders=rows.count())
    return people.group_by("orders").agg(customers=people.count())
