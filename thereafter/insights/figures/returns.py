"""What comes back, why, and what becomes of the money."""

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
    before,
    counted,
    cut,
    from_day,
    too_few,
)
from thereafter.insights.figures.view import View, month_of
from thereafter.insights.metrics import returns as metrics
from thereafter.insights.rules.intervals import Estimate, difference
from thereafter.kit.shares import Share, share

COUNTED = (
    "Of orders delivered whose {days} days after delivery ended in this period: those for which a return, an exchange "
    "or a claim was asked for by now. Later deliveries can still come back and are not counted. By units: what was "
    "received back among all units of these orders. By value: what the returned goods cost, among what these orders "
    "cost without shipping. Reasons and outcomes are of cases asked for and resolved in these days; a case with two "
    "reasons counts for both. Retained revenue is the value of resolved cases less the money that went back: what "
    "exchanges, store credit and repairs kept."
)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Reason:
    """By the key of the reason; `value_minor` is of the whole cases."""

    key: str
    cases: int
    value_minor: int


@dataclass(frozen=True)
class OutcomeMoney:
    outcome: str
    cases: int
    value_minor: int
    refund_minor: int

    @property
    def kept_minor(self) -> int:
        return max(0, self.value_minor - self.refund_minor)


@dataclass(frozen=True, kw_only=True)
class Returns(Figure):
    """Rates are of 1. `cases` were asked for in these days; `bases` are cases by legal ground."""

    by_orders: Share | None
    by_units: float | None
    by_value: float | None
    before: Share | None
    difference: Estimate | None
    orders: int
    units: int
    value_minor: int
    returned_orders: int
    returned_units: int
    returned_minor: int
    trend: list[MonthShare]
    cases: int
    reasons: list[Reason]
    bases: list[Counted]
    outcomes: list[OutcomeMoney]
    kept_minor: int
    kept_share: float | None
    within_days: int


def returns(view: View, within_days: int = metrics.WINDOW) -> Returns:
    """Unit: shares of orders, units and value; cases; minor units."""
    view = cut(view)
    sums, by_orders = _rates(view, within_days)
    earlier, asked = _rates(before(view), within_days)[1], ask(view, metrics.asked_for(view.scope))
    outcomes = _outcomes(ask(view, metrics.resolved(view.scope)))
    kept, value = sum(one.kept_minor for one in outcomes), sum(one.value_minor for one in outcomes)
    is_enough = by_orders is not None
    return Returns(
        n=sums["orders"],
        thin=too_few(sums["orders"], f"delivered orders whose {within_days} days ended in this period"),
        definition=COUNTED.format(days=within_days),
        by_orders=by_orders,
        by_units=sums["returned_units"] / sums["units"] if is_enough and sums["units"] else None,
        by_value=sums["returned_minor"] / sums["value_minor"] if is_enough and sums["value_minor"] else None,
        before=earlier,
        difference=difference(by_orders, earlier),
        **sums,
        trend=_trend(view, within_days),
        cases=sum(row["cases"] for row in asked),
        reasons=_reasons(asked),
        bases=_bases(asked),
        outcomes=outcomes,
        kept_minor=kept,
        kept_share=kept / value if value else None,
        within_days=within_days,
    )


def _rates(view: View, within_days: int) -> tuple[dict[str, int], Share | None]:
    rows = ask(view, metrics.rates(view.scope, within_days))
    sums = {name: sum(row[name] for row in rows) for name in metrics.MEASURES}
    return sums, share(sums["returned_orders"], sums["orders"], ENOUGH)


def _trend(view: View, within_days: int) -> list[MonthShare]:
    """At least of a year, by the month of the order."""
    long = from_day(view, view.days.last - YEAR)
    rows = sorted(ask(long, metrics.rates(long.scope, within_days)), key=lambda row: int(row["month"]))
    return [
        MonthShare(month_of(row["month"]), share(row["returned_orders"], row["orders"], ENOUGH_FOR_A_POINT))
        for row in rows
    ]


def _reasons(asked: Sequence[Row]) -> list[Reason]:
    sums: dict[str, tuple[int, int]] = {}
    for row in asked:
        for key in filter(None, row["reasons"].split(",")):
            cases, minor = sums.get(key, (0, 0))
            sums[key] = (cases + row["cases"], minor + row["value_minor"])
    found = [Reason(key, cases, minor) for key, (cases, minor) in sums.items()]
    return sorted(found, key=lambda reason: (-reason.cases, reason.key))


def _bases(asked: Sequence[Row]) -> list[Counted]:
    bases: Counter[str] = Counter()
    for row in asked:
        bases[row["basis"]] += row["cases"]
    return counted(bases)


def _outcomes(rows: Sequence[Row]) -> list[OutcomeMoney]:
    ordered = sorted(rows, key=lambda row: (-row["cases"], row["outcome"]))
    return [OutcomeMoney(row["outcome"], row["cases"], row["value_minor"], row["refund_minor"]) for row in ordered]
