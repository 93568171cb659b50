"""Customers by the month of their first order: who came back, and what they were worth."""

from dataclasses import dataclass, replace
from datetime import date

from thereafter.insights.engine.port import Row
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.orders import months_of
from thereafter.insights.figures.shown import ENOUGH, Figure, cut, too_few
from thereafter.insights.figures.view import View, month_of
from thereafter.insights.metrics import cohorts as metrics
from thereafter.insights.metrics.value import spending
from thereafter.insights.rules import cohorts as rules
from thereafter.insights.rules.cohorts import DONE, RUNNING, UNRIPE, Ages, Cell
from thereafter.insights.rules.days import Days

__all__ = ["DONE", "RUNNING", "UNRIPE", "Cell", "CohortMatrix", "CohortRow", "PastValue", "cohort_matrix", "past_value"]

# A page of thirty days would have one cohort that nobody had time to come back from.
LEAST_MONTHS = 12
MODES = {
    "in_period": "Of the customers who first ordered in a month: who ordered in each {age} after it.",
    "rolling": "Of the customers who first ordered in a month: who ordered in each {age} after it or later still. "
    "The newest columns are low, because later orders are yet to come.",
    "second": "Of the customers who first ordered in a month: who had placed a second order by each {age} after it.",
}
MEASURES = {
    "customers": "Numbers are shares of the cohort.",
    "orders": "Numbers are orders per customer of the cohort.",
    "net": "Numbers are revenue of that time less refunds.",
    "net_per_customer": "Numbers are revenue of that time less refunds, per customer of the cohort.",
    "refunds": "Numbers are refunds of that time's orders.",
}
AGES = {
    "month": ("calendar month", "The first column is the month of the first order, the newest one is not over yet."),
    "block": (
        "thirty days",
        "Ages are counted from each customer's own first order; a column is empty until all of the cohort reached it.",
    ),
}
# Shown as they are, not per customer.
_SUMS = ("net", "refunds")
_COLUMNS = {"customers": "customers", "orders": "orders", "refunds": "refunded_minor"}
VALUE = (
    "Revenue less refunds of all a customer's orders so far, per customer, up to the last day: all who ever ordered. "
    "The curve is what customers had spent by so many days after their first order, of the cohorts that reached it in "
    "the last twelve months or this period. Costs are not taken off."
)


@dataclass(frozen=True)
class CohortRow:
    month: date | None
    size: int
    cells: list[Cell]


@dataclass(frozen=True, kw_only=True)
class CohortMatrix(Figure):
    """`total` has all cohorts together where they are ripe, its month is None. `ages` are months, or days of blocks."""

    rows: list[CohortRow]
    total: CohortRow
    ages: list[int]
    mode: str
    measure: str
    by: str

    @property
    def is_share(self) -> bool:
        return self.measure == "customers"

    @property
    def is_money(self) -> bool:
        return self.measure in ("net", "net_per_customer", "refunds")


def cohort_matrix(view: View, mode: str = "in_period", measure: str = "customers", by: str = "month") -> CohortMatrix:
    """Unit: share of customers, orders per customer, or minor units. `rolling` and `second` count customers only."""
    view = _whole_months(cut(view))
    measure = measure if mode == "in_period" else "customers"
    sizes, counts = _counts(view, mode, measure, by)
    ages = Ages(0 if by == "month" else metrics.BLOCK, view.scope.until)
    months = [month for month in months_of(view) if sizes.get(month)]
    width = max((ages.most(month) for month in months), default=0)
    rows = [_row(month, sizes[month], _cells(mode, counts, ages, month), measure) for month in months]
    n = sum(sizes.get(month, 0) for month in months)
    each = measure not in _SUMS
    total = CohortRow(None, n, rules.together([(row.size, row.cells) for row in rows], width, each=each))
    age, about = AGES[by]
    return CohortMatrix(
        n=n,
        thin=too_few(n, "customers who first ordered in these months"),
        definition=" ".join((MODES[mode].format(age=age), MEASURES[measure], about)),
        rows=rows,
        total=total,
        ages=[age * (ages.step or 1) for age in range(width)],
        mode=mode,
        measure=measure,
        by=by,
    )


def _whole_months(view: View) -> View:
    """From the first day of a month on, at least of the last twelve."""
    last = view.days.last
    year = month_of(last.year * 12 + last.month - LEAST_MONTHS)
    return replace(view, days=Days(min(view.days.first.replace(day=1), year), last))


def _counts(view: View, mode: str, measure: str, by: str) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    """Sizes of the cohorts, and what the mode counts by (cohort, age), ages in steps of the columns."""
    scope, is_month = view.scope, by == "month"
    rows = ask(view, metrics.by_month(scope) if is_month else metrics.by_block(scope))
    sizes = {row["cohort"]: row["customers"] for row in rows if row["age"] == 0}
    column = "customers"
    if mode == "rolling":
        rows = ask(view, metrics.last_months(scope) if is_month else metrics.last_blocks(scope))
    elif mode == "second":
        rows = ask(view, metrics.second_months(scope) if is_month else metrics.second_blocks(scope))
    else:
        column = _COLUMNS.get(measure, "net_minor")
    step = 1 if is_month else metrics.BLOCK
    return sizes, {(row["cohort"], row["age"] // step): row[column] for row in rows}


_COUNT = {"in_period": rules.in_period, "rolling": rules.rolling, "second": rules.cumulative}


def _cells(mode: str, counts: dict[tuple[int, int], int], ages: Ages, month: int) -> list[tuple[int, str]]:
    count = _COUNT[mode]
    return [(count(counts, month, age), ages.state(month, age)) for age in range(ages.most(month))]


def _row(month: int, size: int, counted: list[tuple[int, str]], measure: str) -> CohortRow:
    each = 1 if measure in _SUMS else size
    return CohortRow(month_of(month), size, [Cell(count / each, count, state) for count, state in counted])


@dataclass(frozen=True)
class ValuePoint:
    """What had been spent per customer by so many days after the first order; `customers` had that time."""

    days: int
    per_customer_minor: float
    customers: int


@dataclass(frozen=True, kw_only=True)
class PastValue(Figure):
    per_customer_minor: float | None
    customers: int
    net_minor: int
    curve: list[ValuePoint]


def past_value(view: View) -> PastValue:
    """Lifetime value so far. Unit: minor units per customer."""
    view = cut(view)
    customers, net = _so_far(view)
    cohorts = cohort_matrix(view, measure="net", by="block")
    thin = too_few(customers, "customers")
    return PastValue(
        n=customers,
        thin=thin,
        definition=VALUE,
        per_customer_minor=None if thin else net / customers,
        customers=customers,
        net_minor=net,
        curve=_curve(cohorts),
    )


def _so_far(view: View) -> tuple[int, int]:
    rows: list[Row] = ask(view, spending(view.scope))
    return sum(row["customers"] for row in rows), sum(row["net_minor"] for row in rows)


def _curve(cohorts: CohortMatrix) -> list[ValuePoint]:
    """Each age of the cohorts that reached it, added up: every step is of as many customers as it says."""
    points, spent = [], 0.0
    for place, age in enumerate(cohorts.ages):
        cell = cohorts.total.cells[place]
        size = sum(row.size for row in cohorts.rows if len(row.cells) > place and row.cells[place].state == DONE)
        if size < ENOUGH:
            break
        spent += cell.count / size
        points.append(ValuePoint(age + metrics.BLOCK, spent, size))
    return points
