"""Whether customers come back, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from thereafter.insights.engine.port import Row
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.shown import (
    ENOUGH,
    ENOUGH_FOR_A_POINT,
    Figure,
    MonthShare,
    before,
    cut,
    from_day,
    histogram,
    too_few,
)
from thereafter.insights.figures.view import View, month_of
from thereafter.insights.metrics import repeat as metrics
from thereafter.insights.metrics import retention as active
from thereafter.insights.rules import percentiles, survival
from thereafter.insights.rules.intervals import Estimate, difference, other_way
from thereafter.insights.rules.survival import CurvePoint
from thereafter.kit.shares import Share, share, wilson

REPEAT = (
    "Of the customers whose {days} days after the first order ended in this period: those who ordered again within "
    "these days. Who bought later than that had no time yet and is not counted, so a growing shop does not look worse "
    "than it is. The interval is Wilson's. The naive rate beside it is customers with two or more orders among all, "
    "up to the last day. Narrowed to a country, a channel or a product, it is about customers whose first order was so."
)
GAPS = (
    "Days from each order of this period to the one before it of the same customer; two orders of one day are 0 days "
    "apart. Half come within the median, nine of ten within P90. Who has not come back is not in it: see the time to "
    "the second order."
)
SECOND = (
    "The share of customers who have ordered again so many days after their first order, of those who first bought in "
    "this period or in the year before its end. Who has not come back counts for as long as we have seen them (Kaplan "
    "and Meier); the band is of 95 % (Greenwood)."
)
RATE = (
    "Active means: ordered within {days} days, {why}. Of the customers active when the period began, the share still "
    "active at its end; churn is the rest. The usual formula, (active at the end - new) / active at the start, counts "
    "who had been away and came back as retained and can exceed 100 %; these are shown apart as reactivated. The rates "
    "are the same when nobody was."
)
# Where the days come from that make a customer active.
ASKED, DEFAULT, FROM_GAPS = "asked", "default", "P90 of gaps"
_WHY = {
    ASKED: "as asked for",
    DEFAULT: "a usual time, because there are too few orders to tell yours",
    FROM_GAPS: "within which nine of ten of your customers' next orders come (a year at most)",
}
BY_DAYS = (30, 60, 90, 180, 365)
YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class RepeatRate(Figure):
    """`trend` is by the month of the first order; `frequencies` are customers by how many orders they have."""

    rate: Share | None
    before: Share | None
    difference: Estimate | None
    naive: Share | None
    frequencies: dict[int, int]
    trend: list[MonthShare]
    within_days: int


def repeat_rate(view: View, within_days: int = 90) -> RepeatRate:
    """Unit: share of customers."""
    view = cut(view)
    part, whole = _again(ask(view, metrics.bought_again(view.scope, within_days)))
    rate, earlier = share(part, whole, ENOUGH), _rate_before(view, within_days)
    frequencies = histogram(ask(view, metrics.frequencies(view.scope)), "orders", "customers")
    everybody = sum(frequencies.values())
    return RepeatRate(
        n=whole,
        thin=too_few(whole, f"customers whose {within_days} days ended in this period"),
        definition=REPEAT.format(days=within_days),
        rate=rate,
        before=earlier,
        difference=difference(rate, earlier),
        naive=share(everybody - frequencies.get(1, 0), everybody, ENOUGH),
        frequencies=frequencies,
        trend=_trend(view, within_days),
        within_days=within_days,
    )


def _again(rows: Iterable[Row]) -> tuple[int, int]:
    pairs = [(row["again"], row["customers"]) for row in rows]
    return sum(part for part, _ in pairs), sum(whole for _, whole in pairs)


def _rate_before(view: View, within_days: int) -> Share | None:
    earlier = before(view)
    return share(*_again(ask(earlier, metrics.bought_again(earlier.scope, within_days))), ENOUGH)


def _trend(view: View, within_days: int) -> list[MonthShare]:
    """At least of a year: by month, thirty days would be one point."""
    long = from_day(view, view.days.last - YEAR)
    rows = sorted(ask(long, metrics.bought_again(long.scope, within_days)), key=lambda row: int(row["month"]))
    return [
        MonthShare(month_of(row["month"]), share(row["again"], row["customers"], ENOUGH_FOR_A_POINT)) for row in rows
    ]


@dataclass(frozen=True, kw_only=True)
class TimeBetween(Figure):
    """`histogram` is orders by days since the one before."""

    histogram: dict[int, int]
    median: int | None
    p90: int | None


def time_between_orders(view: View) -> TimeBetween:
    """Unit: days."""
    view = cut(view)
    gaps = histogram(ask(view, metrics.gaps(view.scope)), "days", "orders")
    n = sum(gaps.values())
    is_enough = n >= ENOUGH
    return TimeBetween(
        n=n,
        thin=too_few(n, "second and later orders in these days"),
        definition=GAPS,
        histogram=gaps,
        median=percentiles.median(gaps) if is_enough else None,
        p90=percentiles.p90(gaps) if is_enough else None,
    )


@dataclass(frozen=True, kw_only=True)
class SecondOrder(Figure):
    """`by_day` has the days that somebody was seen for; `median` is None while fewer than half came back."""

    curve: list[CurvePoint]
    by_day: dict[int, Estimate]
    median: int | None
    again: int


def time_to_second_order(view: View) -> SecondOrder:
    """Unit: share of customers by day."""
    view = cut(view)
    long = from_day(view, view.days.last - YEAR)
    rows = ask(long, metrics.second_orders(long.scope))
    seen = {(row["days"], row["again"]): row["customers"] for row in rows}
    n, longest = sum(seen.values()), max((days for days, _ in seen), default=0)
    thin = too_few(n, "customers who first bought in these days")
    curve = [] if thin else survival.curve(seen)
    return SecondOrder(
        n=n,
        thin=thin,
        definition=SECOND,
        curve=curve,
        by_day={day: _by(curve, day, n) for day in BY_DAYS if curve and day <= longest},
        median=survival.median(curve),
        again=sum(customers for (_, again), customers in seen.items() if again),
    )


def _by(curve: list[CurvePoint], day: int, n: int) -> Estimate:
    """Where nobody came back by then, as many as may have without our seeing one."""
    point = survival.by_day(curve, day)
    return Estimate(point.share, point.low, point.high, n) if point else Estimate(0.0, *wilson(0, n), n)


@dataclass(frozen=True, kw_only=True)
class RetentionRate(Figure):
    """Customers: active at the `start` and at the `end`, `kept` both, `new` in the period, `reactivated` the rest."""

    start: int
    end: int
    kept: int
    new: int
    reactivated: int
    rate: Share | None
    churn: Share | None
    textbook: float | None
    active_days: int
    active_from: str


def retention_rate(view: View, active_days: int | None = None) -> RetentionRate:
    """Unit: share of customers. Without `active_days` nine of ten gaps between orders of the year decide them."""
    view = cut(view)
    days, why = (active_days, ASKED) if active_days else _active_days(view)
    sets = {
        (row["at_start"], row["at_end"], row["is_new"]): row["customers"]
        for row in ask(view, active.active_sets(view.scope, days))
    }
    start, end = (sum(n for key, n in sets.items() if key[place]) for place in (0, 1))
    kept, new = sets.get((1, 1, 0), 0), sum(n for key, n in sets.items() if key[2])
    rate = share(kept, start, ENOUGH)
    return RetentionRate(
        n=start,
        thin=too_few(start, "customers active at the start of this period"),
        definition=RATE.format(days=days, why=_WHY[why]),
        start=start,
        end=end,
        kept=kept,
        new=new,
        reactivated=sets.get((0, 1, 0), 0),
        rate=rate,
        churn=other_way(rate),
        textbook=(end - new) / start if rate else None,
        active_days=days,
        active_from=why,
    )


def _active_days(view: View) -> tuple[int, str]:
    long = from_day(view, view.days.last - YEAR)
    gaps = time_between_orders(long)
    if gaps.p90 is None:
        return active.ACTIVE, DEFAULT
    return min(max(gaps.p90, 1), YEAR.days), FROM_GAPS
