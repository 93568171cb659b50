"""What customers are worth so far: how recently, how often, for how much. Plain Python.

Money of a customer is Σ net of their net orders up to the last day; below nought it counts as nought.
"""

import ibis
from ibis.expr.types import IntegerValue, Table

from thereafter.insights.metrics.people import down_to, histories
from thereafter.insights.metrics.tables import Scope

# Minor units: amounts are put into steps of one whole, so that a histogram of a million customers stays short.
STEP = 100
Cuts = tuple[int, ...]


def customers(scope: Scope) -> Table:
    """Per `customer_id`: `recency` (days from the last net order to the last day), `orders`, `net_minor`.

    For traits and for the rest of this file; not an aggregate. Units: days, orders, minor units. Source: orders of the
    shop.
    """
    rows = histories(scope)
    people = rows.group_by("customer_id").agg(last=rows.day.max(), orders=rows.count(), net_minor=rows.net_minor.sum())
    spent = ibis.cases((people.net_minor > 0, people.net_minor), else_=0)
    return people.select("customer_id", "orders", recency=scope.until - 1 - people["last"], net_minor=spent)


def recencies(scope: Scope) -> Table:
    """Per `recency` in days: `customers`. Unit: customers. Source: orders of the shop."""
    people = customers(scope)
    return people.group_by("recency").agg(customers=people.count())


def spending(scope: Scope, step: int = STEP) -> Table:
    """Per `spent` (net of a customer rounded down to `step` minor units): `customers` and their exact `net_minor`.

    Pareto share, Lorenz curve, Gini and the money cut points of RFM follow from it (`rules/concentration.py`). Units:
    customers, minor units. Source: orders of the shop.
    """
    people = customers(scope)
    people = people.mutate(spent=down_to(people.net_minor, step))
    return people.group_by("spent").agg(customers=people.count(), net_minor=people.net_minor.sum())


def cells(scope: Scope, recency: Cuts = (90, 180), frequency: Cuts = (2, 3), money: Cuts = (5_000, 15_000)) -> Table:
    """Per `r`, `f`, `m` from 1 to (cut points + 1): `customers`, `orders`, `net_minor`.

    f and m are 1 + how many cut points are reached (value >= cut); r the other way round: the best is below the first
    of `recency` (days). Equal values share a score, as they must. Cut points come from the histograms
    (`rules/rfm.py`). Units: customers, orders, minor units. Source: orders of the shop.
    """
    people = _scored(customers(scope), recency, frequency, money)
    return people.group_by(["r", "f", "m"]).agg(
        customers=people.count(), orders=people.orders.sum(), net_minor=people.net_minor.sum()
    )


def scores(scope: Scope, recency: Cuts = (90, 180), frequency: Cuts = (2, 3), money: Cuts = (5_000, 15_000)) -> Table:
    """`customers` with `r`, `f`, `m` as in `cells`, one row per customer: for traits. Units and source as there."""
    return _scored(customers(scope), recency, frequency, money)


def moves(scope: Scope, recency: Cuts = (90, 180), frequency: Cuts = (2, 3), money: Cuts = (5_000, 15_000)) -> Table:
    """Per `r`, `f`, `m` at the end and `r_before`, `f_before`, `m_before` the day before the period, by the same cut
    points: `customers` who had bought by then. Unit: customers. Source: orders of the shop."""
    from_day = Scope(
        scope.store_id, scope.since, scope.since, scope.country, scope.channel, scope.product_id, scope.in_segment
    )
    now = _scored(customers(scope), recency, frequency, money)
    before = _scored(customers(from_day), recency, frequency, money)
    before = before.select(who="customer_id", r_before="r", f_before="f", m_before="m")
    both = now.inner_join(before, now.customer_id == before.who)
    return both.group_by(["r", "f", "m", "r_before", "f_before", "m_before"]).agg(customers=both.count())


def _scored(people: Table, recency: Cuts, frequency: Cuts, money: Cuts) -> Table:
    return people.mutate(
        r=len(recency) + 2 - _level(people.recency, recency),
        f=_level(people.orders, frequency),
        m=_level(people.net_minor, money),
    )


def _level(value: IntegerValue, cuts: Cuts) -> IntegerValue:
    """1 + how many of the rising cut points are reached."""
    if not cuts:
        return ibis.literal(1)
    below = ((value < cut, level) for level, cut in enumerate(cuts, start=1))
    return ibis.cases(*below, else_=len(cuts) + 1)


def ages(scope: Scope) -> Table:
    """Per `x` (days with an order after the first), `t_x` (days from the first to the last of them) and `T` (days from
    the first order to the last day): `customers`.

    All that BG/NBD needs; grouping is exact. Orders of one day are one purchase. Units: days, customers. Source:
    orders of the shop.
    """
    people = lives(scope)
    return people.group_by(["x", "t_x", "T"]).agg(customers=people.count())


def repeat_spending(scope: Scope) -> Table:
    """Per `x` and `repeat_minor` (net of all days after the first): `customers`, of those with x >= 1.

    All that Gamma-Gamma needs (mean = repeat / x). Units: days, minor units, customers. Source: orders of the shop.
    """
    people = lives(scope)
    people = people.filter(people.x > 0)
    return people.group_by(["x", "repeat_minor"]).agg(customers=people.count())


def lives(scope: Scope) -> Table:
    """Per `customer_id`: `x`, `t_x`, `T` and `repeat_minor` as above, and `net_minor` of all their orders.

    Units: days, minor units. Source: orders of the shop.
    """
    rows = histories(scope)
    days = rows.group_by(["customer_id", "first_day", "day"]).agg(net_minor=rows.net_minor.sum())
    later = ibis.cases((days.day > days.first_day, days.net_minor), else_=0)
    days = days.mutate(later=later)
    people = days.group_by(["customer_id", "first_day"]).agg(
        days=days.count(), last=days.day.max(), repeat_minor=days.later.sum(), net_minor=days.net_minor.sum()
    )
    return people.select(
        "customer_id",
        "repeat_minor",
        "net_minor",
        x=people.days - 1,
        t_x=people["last"] - people.first_day,
        T=scope.until - 1 - people.first_day,
    )
