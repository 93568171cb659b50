"""What is sold, what is bought together, and what customers buy next. Plain Python."""

from ibis.expr.types import Table

from thereafter.insights.metrics.people import flag, histories
from thereafter.insights.metrics.tables import Scope, orders, table, within

SUPPORT = 5
# An order of a wholesaler with hundreds of products would make tens of thousands of pairs and say nothing.
LARGEST_BASKET = 50


def sold(scope: Scope) -> Table:
    """Per `product_id` bought in the period: `orders`, `units`, `net_minor` (after discounts). Units: orders, units,
    minor units. Source: order lines of net orders."""
    rows = _lines(scope)
    return rows.group_by("product_id").agg(
        orders=rows.count(), units=rows.quantity.sum(), net_minor=rows.net_minor.sum()
    )


def baskets(scope: Scope) -> Table:
    """Per `product_id`: `orders` of the period with at most 50 products that hold it; and in all, under product 0.

    Lift(a, b) = orders(a, b) * orders(0) / (orders(a) * orders(b)). Unit: orders. Source: order lines of net orders.
    """
    rows = _small(_lines(scope))
    every = rows.select("order_id").distinct()
    every = every.mutate(product_id=every.order_id * 0)
    both = rows.select("order_id", "product_id").union(every.select("order_id", "product_id"))
    return both.group_by("product_id").agg(orders=both.count())


def pairs(scope: Scope, support: int = SUPPORT) -> Table:
    """Per `product_id` < `other_id` in at least `support` orders of the period: these `orders`.

    Orders with more than 50 products are left out. Unit: orders. Source: order lines of net orders.
    """
    rows = _small(_lines(scope))
    others = rows.select(other_order="order_id", other_id="product_id")
    both = rows.inner_join(others, [rows.order_id == others.other_order, rows.product_id < others.other_id])
    counted = both.group_by(["product_id", "other_id"]).agg(orders=both.count())
    return counted.filter(counted.orders >= support)


def repeat_by_first(scope: Scope, within_days: int = 90) -> Table:
    """Per `product_id` in the first order: `customers` whose `within_days` after it ended in the period, and `again`,
    those of them with another net order in these days.

    Who began with two products counts for both. Unit: customers. Source: orders and order lines.
    """
    rows = histories(scope)
    ripe = rows.first_day + within_days
    rows = rows.filter(ripe >= scope.since, ripe < scope.until, rows.number <= 1)
    rows = rows.mutate(second=flag((rows.number == 1) & (rows.gap <= within_days)))
    people = rows.group_by(["customer_id", "first_id"]).agg(again=rows.second.max())
    lines = _every_line(scope).select("order_id", "product_id")
    both = people.inner_join(lines, people.first_id == lines.order_id)
    return both.group_by("product_id").agg(customers=both.count(), again=both.again.sum())


def second_contents(scope: Scope, support: int = SUPPORT) -> Table:
    """Per `product_id` in the first and `next_id` in the second order: `customers`, at least `support`, of second
    orders in the period. The same product again counts as well. Unit: customers. Source: orders and order lines."""
    begun, lines = _begun_with(scope), _every_line(scope)
    lines = lines.select(next_order="order_id", next_id="product_id")
    both = begun.inner_join(lines, begun.second_id == lines.next_order)
    counted = both.group_by(["product_id", "next_id"]).agg(customers=both.count())
    return counted.filter(counted.customers >= support)


def second_beginnings(scope: Scope) -> Table:
    """Per `product_id` in the first order of customers whose second order lies in the period: `customers`; and all of
    them under product 0. What `second_contents` is a share of. Unit: customers. Source: orders and order lines."""
    begun = _begun_with(scope).select("second_id", "product_id")
    every = _seconds(scope).select("second_id")
    every = every.mutate(product_id=every.second_id * 0)
    both = begun.union(every)
    return both.group_by("product_id").agg(customers=both.count())


def _seconds(scope: Scope) -> Table:
    rows = histories(scope)
    rows = within(rows.filter(rows.number == 1), scope)
    return rows.select("first_id", second_id="id")


def _begun_with(scope: Scope) -> Table:
    """Second orders of the period, with each product of the customer's first."""
    seconds, lines = _seconds(scope), _every_line(scope)
    lines = lines.select(first_order="order_id", product_id="product_id")
    return seconds.inner_join(lines, seconds.first_id == lines.first_order)


def _every_line(scope: Scope) -> Table:
    rows = table("lines")
    return rows.filter(rows.store_id == scope.store_id, rows.counts == 1, rows.product_id > 0)


def _lines(scope: Scope) -> Table:
    """Lines of net orders of the period that are in the scope."""
    rows, kept = within(_every_line(scope), scope), within(orders(scope), scope)
    return rows.semi_join(kept, rows.order_id == kept.id)


def _small(rows: Table) -> Table:
    sizes = rows.group_by("order_id").agg(products=rows.count())
    kept = sizes.filter(sizes.products <= LARGEST_BASKET)
    return rows.semi_join(kept, rows.order_id == kept.order_id)
