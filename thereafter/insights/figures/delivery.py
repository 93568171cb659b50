"""Parcels: promises kept, days taken, trouble on the way."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from thereafter.insights.engine.port import Row
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.shown import (
    ENOUGH,
    ENOUGH_FOR_A_POINT,
    Counted,
    Figure,
    MonthShare,
    NamedShare,
    before,
    counted,
    cut,
    from_day,
    histogram,
    named_shares,
    too_few,
)
from thereafter.insights.figures.view import View, month_of
from thereafter.insights.metrics import delivery as metrics
from thereafter.insights.rules import percentiles
from thereafter.insights.rules.intervals import Estimate, difference
from thereafter.kit.shares import Share, share

COUNTED = (
    "Parcels delivered in these days. On time: on or before the last day that had been promised; parcels without a "
    "promise are in neither part. Days to deliver run from the order to its first parcel's delivery, so days in the "
    "warehouse and weekends are in them. Intervals are Wilson's."
)
YEAR = timedelta(days=365)
LATE, ON_TIME, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, kw_only=True)
class Delivery(Figure):
    """`days` is orders by days from order to delivery; `troubles` parcels by the name of the event."""

    on_time: Share | None
    late: int
    on_time_parcels: int
    without_promise: int
    before: Share | None
    difference: Estimate | None
    trend: list[MonthShare]
    carriers: list[NamedShare]
    days: dict[int, int]
    median: int | None
    p90: int | None
    days_to_ship: int | None
    troubles: dict[str, int]
    problems: list[Counted]


def delivery(view: View) -> Delivery:
    """Unit: share of parcels, days."""
    view = cut(view)
    rows, earlier_view = ask(view, metrics.delivered(view.scope)), before(view)
    on_time, earlier = _on_time(rows), _on_time(ask(earlier_view, metrics.delivered(earlier_view.scope)))
    by_late = Counter({late: sum(row["parcels"] for row in rows if row["late"] == late) for late in (1, 0, -1)})
    days = histogram(ask(view, metrics.days_to_deliver(view.scope)), "days", "orders")
    shipped = histogram(ask(view, metrics.days_to_ship(view.scope)), "days", "orders")
    troubles = ask(view, metrics.trouble(view.scope))
    return Delivery(
        n=by_late.total(),
        thin=too_few(by_late.total(), "parcels delivered in these days"),
        definition=COUNTED,
        on_time=on_time,
        late=by_late[LATE],
        on_time_parcels=by_late[ON_TIME],
        without_promise=by_late[UNKNOWN],
        before=earlier,
        difference=difference(on_time, earlier),
        trend=_trend(view),
        carriers=_carriers(rows),
        days=days,
        median=_middle(days, 0.5),
        p90=_middle(days, 0.9),
        days_to_ship=_middle(shipped, 0.5),
        troubles={name: sum(row["parcels"] for row in troubles if row["name"] == name) for name in metrics.TROUBLES},
        problems=_problems(troubles),
    )


def _on_time(rows: Sequence[Row], enough: int = ENOUGH) -> Share | None:
    known = {late: sum(row["parcels"] for row in rows if row["late"] == late) for late in (LATE, ON_TIME)}
    return share(known[ON_TIME], sum(known.values()), enough)


def _middle(days: dict[int, int], at: float) -> int | None:
    return percentiles.at(days, at) if sum(days.values()) >= ENOUGH else None


def _trend(view: View) -> list[MonthShare]:
    """At least of a year."""
    long = from_day(view, view.days.last - YEAR)
    rows = ask(long, metrics.delivered(long.scope))
    months = sorted({row["month"] for row in rows})
    return [
        MonthShare(month_of(month), _on_time([row for row in rows if row["month"] == month], ENOUGH_FOR_A_POINT))
        for month in months
    ]


def _carriers(rows: Sequence[Row]) -> list[NamedShare]:
    parts: dict[str, tuple[int, int]] = {}
    for row in rows:
        if row["late"] != UNKNOWN:
            part, whole = parts.get(row["carrier"], (0, 0))
            on_time = row["parcels"] if row["late"] == ON_TIME else 0
            parts[row["carrier"]] = (part + on_time, whole + row["parcels"])
    return named_shares(parts)


def _problems(rows: Sequence[Row]) -> list[Counted]:
    kinds: Counter[str] = Counter()
    for row in rows:
        if row["name"] == "parcel.problem_reported":
            kinds[row["kind"]] += row["parcels"]
    return counted(kinds)
