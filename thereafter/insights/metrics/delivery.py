"""Parcels: whether promises were kept, and how long it took. Plain Python."""

from ibis.expr.types import Table

from thereafter.insights.metrics.tables import Scope, entries, placed, within

TROUBLES = ("parcel.late", "parcel.exception", "parcel.problem_reported")


def delivered(scope: Scope) -> Table:
    """Per `month` of delivery in the period, `late` (1 late, 0 on time, -1 no day had been promised) and `carrier`:
    `parcels`.

    On-time share = on time / (on time + late). Unit: parcels. Source: `parcel.delivered`.
    """
    rows = within(entries(scope, "parcel.delivered"), scope)
    return rows.group_by(month=rows.month, late=rows.flag, carrier=rows.kind).agg(parcels=rows.count())


def days_to_deliver(scope: Scope) -> Table:
    """Per `days` from the order to the first parcel's delivery, of deliveries in the period: `orders`.

    Units: days, orders. Source: `parcel.delivered`, orders of the shop, also those that came back.
    """
    return _days_after_order(scope, "parcel.delivered")


def days_to_ship(scope: Scope) -> Table:
    """Per `days` from the order to the first parcel handed to a carrier, in the period: `orders`.

    Units: days, orders. Source: `parcel.shipped`, orders of the shop.
    """
    return _days_after_order(scope, "parcel.shipped")


def trouble(scope: Scope) -> Table:
    """Per `month` and `name` (`parcel.late`, `parcel.exception`, `parcel.problem_reported`) and `kind` of it in the
    period: `parcels` or reports. Unit: entries of the log. Source: these events."""
    rows = within(entries(scope, *TROUBLES), scope)
    return rows.group_by(["month", "name", "kind"]).agg(parcels=rows.count())


def first_days(scope: Scope, name: str = "parcel.delivered") -> Table:
    """Per `order_id`: the `first_on` day with this event up to the last day. Unit: days since 1970. Source: the log."""
    rows = entries(scope, name)
    rows = rows.filter(rows.order_id > 0, rows.day < scope.until)
    return rows.group_by("order_id").agg(first_on=rows.day.min())


def _days_after_order(scope: Scope, name: str) -> Table:
    arrived, bought = first_days(scope, name), placed(scope).select("id", "day")
    arrived = arrived.filter(arrived.first_on >= scope.since)
    both = arrived.inner_join(bought, arrived.order_id == bought.id)
    # News may be older than the order where a shop sends its orders late.
    both = both.filter(both.first_on >= both.day)
    both = both.mutate(days=both.first_on - both.day)
    return both.group_by("days").agg(orders=both.count())
