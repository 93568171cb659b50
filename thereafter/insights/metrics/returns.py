"""What comes back, why, and what becomes of the money. Plain Python."""

from ibis.expr.types import Table

from thereafter.insights.metrics.delivery import first_days
from thereafter.insights.metrics.people import measured
from thereafter.insights.metrics.tables import Scope, entries, placed, within

WINDOW = 30
CREDIT = "store_credit"
MEASURES = ("orders", "units", "value_minor", "returned_orders", "returned_units", "returned_minor")


def rates(scope: Scope, within_days: int = WINDOW) -> Table:
    """Per `month` of the order: `orders` whose `within_days` after delivery ended in the period, their `units` and
    `value_minor` (total without shipping); `returned_orders`, `returned_units` (received), `returned_minor` (as asked).

    Return rate by orders, units, value = returned / all. Orders that still may come back are in neither. Wholly
    refunded orders count: they are the returns. Units: orders, units, minor units. Source: orders, `parcel.delivered`,
    `return.requested`, `return.received`.
    """
    ripe = _ripe(scope, within_days)
    asked, received = entries(scope, "return.requested"), entries(scope, "return.received")
    all_of_them = measured(
        ripe,
        "month",
        MEASURES,
        orders=ripe.id * 0 + 1,
        units=ripe["items"],
        value_minor=ripe.total_minor - ripe.shipping_minor,
    )
    came_back = _per_order(asked.filter(asked.day < scope.until), ripe)
    units = _per_order(received.filter(received.day < scope.until), ripe)
    rows = all_of_them.union(
        measured(came_back, "month", MEASURES, returned_orders=came_back.value * 0 + 1, returned_minor=came_back.value)
    ).union(measured(units, "month", MEASURES, returned_units=units.value))
    return rows.group_by("month").agg(**{name: rows[name].sum() for name in MEASURES})


def _ripe(scope: Scope, within_days: int) -> Table:
    arrived, bought = first_days(scope), placed(scope)
    last = arrived.first_on + within_days
    arrived = arrived.filter(last >= scope.since, last < scope.until)
    bought = bought.select("id", "month", "items", "total_minor", "shipping_minor")
    return bought.inner_join(arrived, bought.id == arrived.order_id)


def _per_order(told: Table, ripe: Table) -> Table:
    summed = told.group_by("order_id").agg(value=told.value.sum())
    months = ripe.select("id", "month")
    return summed.inner_join(months, summed.order_id == months.id)


def asked_for(scope: Scope) -> Table:
    """Per `month`, `basis` (withdrawal, voluntary, non_conformity, carrier_claim, warranty, goodwill) and `reasons`
    (keys, divided by commas) of the period: `cases`, `value_minor`.

    A case with two reasons counts for both when they are shown apart. Units: cases, minor units. Source:
    `return.requested`.
    """
    rows = within(entries(scope, "return.requested"), scope)
    return rows.group_by(month=rows.month, basis=rows.kind, reasons=rows.other).agg(
        cases=rows.count(), value_minor=rows.value.sum()
    )


def resolved(scope: Scope) -> Table:
    """Per `outcome` (refund, store_credit, exchange_variant, replacement, repair ...) of cases that were resolved in
    the period: `cases`, `value_minor` (of the goods, as asked for), `refund_minor` (money that went back; store credit
    did not).

    A case that was opened again counts where it ended last, which tells all that was paid back for it. Retained revenue
    = Σ value - Σ refund, its share = that / Σ value. Units: cases, minor units. Source: `return.resolved`,
    `return.requested`.
    """
    told = entries(scope, "return.resolved")
    newest = told.group_by("ref").agg(newest=told.id.max())
    over = within(told.semi_join(newest, told.id == newest.newest), scope)
    paid = (over.other == CREDIT).ifelse(0, over.value)
    over = over.select("ref", outcome="other", refund_minor=paid)
    asked = entries(scope, "return.requested").select(case_id="ref", value_minor="value")
    rows = over.inner_join(asked, over.ref == asked.case_id)
    return rows.group_by("outcome").agg(
        cases=rows.count(), value_minor=rows.value_minor.sum(), refund_minor=rows.refund_minor.sum()
    )
