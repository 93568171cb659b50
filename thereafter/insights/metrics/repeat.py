"""Whether customers buy again, and when. Plain Python."""

from ibis.expr.types import Table

from thereafter.insights.metrics.people import as_asked, flag, histories, newcomers, numbered
from thereafter.insights.metrics.tables import Scope, within


def frequencies(scope: Scope) -> Table:
    """Per number of net `orders` up to the last day: `customers`.

    The naive repeat rate is Σ customers with two or more / Σ customers; who bought yesterday had no time yet.
    Unit: customers. Source: orders of the shop.
    """
    rows = histories(scope)
    people = rows.group_by("customer_id").agg(orders=rows.count())
    return people.group_by("orders").agg(customers=people.count())


def bought_again(scope: Scope, within_days: int = 90) -> Table:
    """Per `month` of the first order: `customers` whose `within_days` after it ended in the period, and `again`, those
    of them with another net order in these days.

    Repeat purchase rate = again / customers. Who bought later than `within_days` before the last day is in neither,
    so the rate is not pulled down by those who had no time. Unit: customers. Source: orders of the shop.
    """
    rows = histories(scope)
    ripe = rows.first_day + within_days
    rows = rows.filter(ripe >= scope.since, ripe < scope.until, rows.number <= 1)
    rows = rows.mutate(first=flag(rows.number == 0), second=flag((rows.number == 1) & (rows.gap <= within_days)))
    return rows.group_by(month=rows.first_month).agg(customers=rows["first"].sum(), again=rows["second"].sum())


def second_orders(scope: Scope) -> Table:
    """Of customers who first bought in the period, per `days` and `again` (1: the second order came after so many
    days; 0: seen for so many days without one): `customers`.

    What Kaplan and Meier's estimate of the time to the second order is made of. Units: days, customers. Source: orders
    of the shop.
    """
    rows = newcomers(scope)
    rows = rows.filter(rows.number <= 1)
    people = rows.group_by(["customer_id", "first_day"]).agg(again=rows.number.max(), gap=rows.gap.max())
    seen = scope.until - 1 - people.first_day
    people = people.mutate(days=people.again * people.gap + (1 - people.again) * seen)
    return people.group_by(["days", "again"]).agg(customers=people.count())


def gaps(scope: Scope) -> Table:
    """Per `days` between an order of the period and the one before it of the same customer: `orders`.

    Median and P90 of it are the time between orders; two orders of one day are 0 days apart. Units: days, orders.
    Source: orders of the shop.
    """
    rows = as_asked(within(numbered(scope), scope), scope)
    rows = rows.filter(rows.number > 0)
    return rows.group_by(days=rows.gap).agg(orders=rows.count())
