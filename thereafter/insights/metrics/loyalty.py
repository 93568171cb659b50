"""Members, points and coupons beside what their owners buy. None of it says what caused what. Plain Python."""

from ibis.expr.types import Table

from thereafter.insights.metrics.people import as_asked, flag, measured, numbered
from thereafter.insights.metrics.tables import Scope, entries, orders, within

POINTS = ("points.awarded", "points.taken_back", "points.spent", "points.returned", "points.expired")
_TAKES_PART = ("loyalty.joined", "points.awarded", "points.spent")
_MEASURES = ("orders", "repeat_orders", "net_minor", "is_member", "has_earned", "has_spent")


def buyers(scope: Scope) -> Table:
    """Per `is_member`, `has_earned` and `has_spent` (1: joined, was given points, used points *before* the period):
    `customers` who bought in it, their `orders`, `repeat_orders` (not their first ever) and `net_minor`.

    Who joins buys more anyway: a difference is no effect of the programme. Only a holdout can say that. Units:
    customers, orders, minor units. Source: orders, `loyalty.joined`, `points.awarded`, `points.spent`.
    """
    bought = as_asked(within(numbered(scope), scope), scope)
    did = entries(Scope(scope.store_id, scope.since, scope.until, in_segment=scope.in_segment), *_TAKES_PART)
    did = did.filter(did.day < scope.since, did.customer_id > 0)
    rows = measured(
        bought,
        "customer_id",
        _MEASURES,
        orders=bought.number * 0 + 1,
        repeat_orders=flag(bought.number > 0),
        net_minor=bought.net_minor,
    ).union(
        measured(
            did,
            "customer_id",
            _MEASURES,
            is_member=flag(did.name == "loyalty.joined"),
            has_earned=flag(did.name == "points.awarded"),
            has_spent=flag(did.name == "points.spent"),
        )
    )
    summed, most = ("orders", "repeat_orders", "net_minor"), ("is_member", "has_earned", "has_spent")
    people = rows.group_by("customer_id").agg(
        **{name: rows[name].sum() for name in summed}, **{name: rows[name].max() for name in most}
    )
    people = people.filter(people.orders > 0)
    return people.group_by(list(most)).agg(customers=people.count(), **{name: people[name].sum() for name in summed})


def points(scope: Scope) -> Table:
    """Per `month` and `name` (`points.awarded`, `.taken_back`, `.spent`, `.returned`, `.expired`): `times` and Σ
    `points` of the period. Unit: points. Source: these events."""
    rows = within(entries(scope, *POINTS), scope)
    return rows.group_by(["month", "name"]).agg(times=rows.count(), points=rows.value.sum())


def coupons(scope: Scope) -> Table:
    """Per `pool` and `name` (`coupon.issued`, `coupon.redeemed`): `coupons` of the period.

    Redeemed / issued is of the same days: a code may be used months later. Unit: coupons. Source: these events.
    """
    rows = within(entries(scope, "coupon.issued", "coupon.redeemed"), scope)
    return rows.group_by(pool=rows.kind, name=rows.name).agg(coupons=rows.count())


def discounted(scope: Scope) -> Table:
    """Per `has_coupon` (1: with a code) of net orders of the period: `orders`, `net_minor`, `discount_minor`.

    Units: orders, minor units. Source: orders of the shop.
    """
    rows = within(orders(scope), scope)
    rows = rows.mutate(has_coupon=flag(rows.coupon != ""))
    return rows.group_by("has_coupon").agg(
        orders=rows.count(), net_minor=rows.net_minor.sum(), discount_minor=rows.discount_minor.sum()
    )
