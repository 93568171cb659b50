"""Customers by the month of their first order, and what they did since. Plain Python.

`cohort` is that month, `age` the calendar months since it, or the days since the first order, rounded down to blocks.
Only first orders in the period make cohorts; the last day of the period is the last that is seen.
"""

from ibis.expr.types import Table

from thereafter.insights.metrics.people import down_to, newcomers
from thereafter.insights.metrics.tables import Scope

BLOCK = 30


def by_month(scope: Scope) -> Table:
    """Per `cohort` and `age` in calendar months: `customers` with a net order in it, `orders`, `total_minor`,
    `refunded_minor`, `net_minor`. The cohort's size is `customers` at age 0.

    Retention r(c, k) = customers(c, k) / customers(c, 0). Units: customers, orders, minor units. Source: orders of the
    shop; a refund counts in the month of its order.
    """
    return _cells(_aged_in_months(scope))


def by_block(scope: Scope, block: int = BLOCK) -> Table:
    """The same per `age` in days since the first order, rounded down to `block`s (0, 30, 60 ...): every customer has
    the same time in each, whatever the month's length and the day they came on. Units and source as `by_month`."""
    return _cells(_aged_in_days(scope, block))


def last_months(scope: Scope) -> Table:
    """Per `cohort` and `age` of the customer's last order in calendar months: `customers`.

    Rolling retention R(c, k) = Σ customers with last age >= k / size. Unit: customers. Source: orders of the shop.
    """
    return _lasts(_aged_in_months(scope))


def last_blocks(scope: Scope, block: int = BLOCK) -> Table:
    """The same in days since the first order, rounded down to `block`s. Unit and source as `last_months`."""
    return _lasts(_aged_in_days(scope, block))


def second_months(scope: Scope) -> Table:
    """Per `cohort` and `age` of the second order in calendar months: `customers`.

    Cumulative share of second orders C(c, k) = Σ customers with age <= k / size. Unit: customers. Source: orders of
    the shop.
    """
    return _seconds(_aged_in_months(scope))


def second_blocks(scope: Scope, block: int = BLOCK) -> Table:
    """The same in days since the first order, rounded down to `block`s. Unit and source as `second_months`."""
    return _seconds(_aged_in_days(scope, block))


def _aged_in_months(scope: Scope) -> Table:
    rows = newcomers(scope)
    return rows.mutate(cohort=rows.first_month, age=rows.month - rows.first_month)


def _aged_in_days(scope: Scope, block: int) -> Table:
    rows = newcomers(scope)
    return rows.mutate(cohort=rows.first_month, age=down_to(rows.day - rows.first_day, block))


def _cells(rows: Table) -> Table:
    people = rows.group_by(["customer_id", "cohort", "age"]).agg(
        orders=rows.count(),
        total_minor=rows.total_minor.sum(),
        refunded_minor=rows.refunded_minor.sum(),
        net_minor=rows.net_minor.sum(),
    )
    return people.group_by(["cohort", "age"]).agg(
        customers=people.count(),
        orders=people.orders.sum(),
        total_minor=people.total_minor.sum(),
        refunded_minor=people.refunded_minor.sum(),
        net_minor=people.net_minor.sum(),
    )


def _lasts(rows: Table) -> Table:
    people = rows.group_by(["customer_id", "cohort"]).agg(age=rows.age.max())
    return people.group_by(["cohort", "age"]).agg(customers=people.count())


def _seconds(rows: Table) -> Table:
    rows = rows.filter(rows.number == 1)
    return rows.group_by(["cohort", "age"]).agg(customers=rows.count())
