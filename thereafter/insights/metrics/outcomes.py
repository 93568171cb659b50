"""Customers by what happened after their first order, and whether they bought again. Plain Python.

What only a house knows that keeps parcels, returns, answers and orders on one timeline.
"""

import ibis
from ibis.expr.types import Table

from thereafter.insights.metrics.delivery import first_days
from thereafter.insights.metrics.feelings import UNSCORED, standing
from thereafter.insights.metrics.people import flag, in_turn, measured
from thereafter.insights.metrics.support import NEEDS, is_contact
from thereafter.insights.metrics.tables import Scope, entries, placed

# Bases of a return that say that something was wrong; the others change their minds.
CLAIMS = ("non_conformity", "carrier_claim", "warranty")
_MOST = ("late", "on_time", "returned", "claimed", "low", "middle", "high", "contacted")
_SUMMED = ("customers", "later_orders", "later_net_minor")
_MEASURES = (*_MOST, *_SUMMED)
_GROUPS = ("delivery", "returned", "claimed", "score", "contacted")


def after_first_order(scope: Scope, within_days: int = 90) -> Table:
    """Per `delivery` (1 late, 0 on time, -1 not known), `returned`, `claimed`, `contacted` (1, 0) and `score` (0 low, 1
    middle, 2 high, -1 none) of a first order: `customers` whose `within_days` after it ended in the period, `again`
    (with another net order in these days), their `later_orders` and `later_net_minor`.

    Only what happened on that order within the same days counts. A first order that came back wholly is one too. No
    proof of a cause: who returns differs from who does not. Units: customers, orders, minor units. Source: orders,
    `parcel.delivered`, `return.requested`, `survey.answered`, `ticket.opened`, `follow_up.opened`,
    `parcel.problem_reported`.
    """
    firsts = _firsts(scope, within_days)
    begun = measured(firsts, "who", _MEASURES, customers=firsts.first_day * 0 + 1)
    heard = _happened(scope, firsts, within_days).union(_answered(scope, firsts, within_days))
    rows = begun.union(_later(scope, firsts, within_days)).union(heard)
    people = rows.group_by("who").agg(
        **{name: rows[name].max() for name in _MOST}, **{name: rows[name].sum() for name in _SUMMED}
    )
    people = people.mutate(
        delivery=ibis.cases((people.late == 1, 1), (people.on_time == 1, 0), else_=-1),
        score=ibis.cases((people.low == 1, 0), (people.middle == 1, 1), (people.high == 1, 2), else_=-1),
        again=flag(people.later_orders > 0),
    )
    return people.group_by(list(_GROUPS)).agg(
        again=people.again.sum(), **{name: people[name].sum() for name in _SUMMED}
    )


def _firsts(scope: Scope, within_days: int) -> Table:
    """`who`, `first_id`, `first_day` of first orders that were net or delivered, whose days ended in the period."""
    everywhere = Scope(scope.store_id, scope.since, scope.until, in_segment=scope.in_segment)
    rows, arrived = placed(everywhere), first_days(everywhere)
    real = rows.filter(rows.counts == 1).select("id").union(arrived.select(id="order_id")).distinct()
    rows = in_turn(rows.semi_join(real, rows.id == real.id), "customer_id", "day", "id")
    rows = _in_scope(rows.filter(rows.number == 0), scope)
    ripe = rows.day + within_days
    rows = rows.filter(ripe >= scope.since, ripe < scope.until)
    return rows.select(who="customer_id", first_id="id", first_day="day")


def _in_scope(rows: Table, scope: Scope) -> Table:
    kept = placed(scope)
    return rows.semi_join(kept, rows.id == kept.id)


def _on_first(told: Table, firsts: Table, within_days: int) -> Table:
    """Entries about these first orders, of the days that are looked at."""
    rows = told.inner_join(firsts, told.order_id == firsts.first_id)
    return rows.filter(rows.day <= rows.first_day + within_days)


def _happened(scope: Scope, firsts: Table, within_days: int) -> Table:
    told = entries(Scope(scope.store_id, scope.since, scope.until), "parcel.delivered", "return.requested", *NEEDS)
    rows = _on_first(told, firsts, within_days)
    arrived, came_back = rows.name == "parcel.delivered", rows.name == "return.requested"
    is_claim = rows.kind.isin(CLAIMS)
    return measured(
        rows,
        "who",
        _MEASURES,
        late=flag(arrived & (rows.flag == 1)),
        on_time=flag(arrived & (rows.flag == 0)),
        claimed=flag(came_back & is_claim),
        returned=flag(came_back & ~is_claim),
        contacted=flag(is_contact(rows)),
    )


def _answered(scope: Scope, firsts: Table, within_days: int) -> Table:
    """The bands are the surveys' own: CSAT 1-2, 3, 4-5; NPS 0-6, 7-8, 9-10; CES 1-3, 4, 5-7."""
    told = standing(Scope(scope.store_id, scope.since, scope.until))
    rows = _on_first(told.filter(told.score > UNSCORED), firsts, within_days)
    low = ibis.cases((rows.kind == "nps", 6), (rows.kind == "ces", 3), else_=2)
    high = ibis.cases((rows.kind == "nps", 9), (rows.kind == "ces", 5), else_=4)
    is_low, is_high = rows.score <= low, rows.score >= high
    return measured(rows, "who", _MEASURES, low=flag(is_low), high=flag(is_high), middle=flag(~is_low & ~is_high))


def _later(scope: Scope, firsts: Table, within_days: int) -> Table:
    rows = placed(Scope(scope.store_id, scope.since, scope.until))
    rows = rows.filter(rows.counts == 1)
    rows = rows.inner_join(firsts, rows.customer_id == firsts.who)
    is_later = (rows.day > rows.first_day) | ((rows.day == rows.first_day) & (rows.id > rows.first_id))
    rows = rows.filter(is_later, rows.day <= rows.first_day + within_days)
    return measured(rows, "who", _MEASURES, later_orders=rows.day * 0 + 1, later_net_minor=rows.net_minor)
