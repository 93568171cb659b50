"""Customers by when they first bought, and what they did since."""

from thereafter.insights.cards import Card, Fact, Page
from thereafter.insights.console import said
from thereafter.insights.console.filters import Choice, Filters
from thereafter.insights.console.spec import Spec, page
from thereafter.insights.figures.cohorts import (
    Cell,
    CohortMatrix,
    CohortRow,
    PastValue,
    cohort_matrix,
    past_value,
)
from thereafter.kit.charts.kinds import Heat, HeatCell, HeatRow, Lines, Series
from thereafter.kit.charts.units import DAYS, FINE_SHARE, NUMBER, Unit, money

WHAT = Choice(
    "what",
    "What is counted",
    {
        "customers": "Share of customers",
        "net": "Revenue",
        "net_per_customer": "Revenue per customer",
        "orders": "Orders",
        "refunds": "Refunds",
    },
)
MODE = Choice(
    "mode",
    "How",
    {
        "in_period": "Came back in the month",
        "rolling": "Came back then or later",
        "second": "Had come back by then",
    },
)
BY = Choice("by", "Time since the first order", {"month": "By calendar month", "block": "By 30 days"})
SHARES = {
    "in_period": "The share of each month's new customers who ordered in a later month",
    "rolling": "The share of each month's new customers who ordered in a later month or after it",
    "second": "The share of each month's new customers whose second order had come by then",
}
SEEN = {
    "net": "What each month's new customers spent, after refunds",
    "net_per_customer": "What each month's new customers spent a head, after refunds",
    "orders": "How many orders each month's new customers placed",
    "refunds": "What was refunded to each month's new customers, in the month of the order",
}


def build(filters: Filters) -> Page:
    what, mode, by = (filters.own[choice.name] for choice in (WHAT, MODE, BY))
    # Only people can come back later or for a second time; money and orders are counted where they fall.
    mode = mode if what == "customers" else "in_period"
    matrix, value = cohort_matrix(filters.view, mode, what, by), past_value(filters.view)
    return page(SPEC, filters, [_map(filters, matrix), _value(filters, value)])


def _map(filters: Filters, matrix: CohortMatrix) -> Card:
    # Everybody orders in their first month: that column says nothing but the size.
    skipped = 1 if matrix.is_share and matrix.mode != "second" else 0
    ages = matrix.ages[skipped:]
    chosen = filters.own[MODE.name]
    note = "Blank: not everybody in that row has had the time yet."
    if matrix.measure != "customers" and chosen != "in_period":
        note = f"“{MODE.options[chosen]}” is for customers; money and orders are shown where they fall. {note}"
    return Card(
        "cohorts",
        "Cohorts",
        SEEN.get(matrix.measure) or SHARES[matrix.mode],
        definition=matrix.definition,
        chart=Heat(
            "Customers by the month of their first order",
            [_age(matrix.by, age) for age in ages],
            [_row(row, skipped) for row in matrix.rows],
            _unit(filters, matrix),
            by="First order",
            top=_top(matrix, skipped),
            summary=_row(matrix.total, skipped),
        )
        if matrix.rows and ages
        else None,
        basis=said.many(matrix.n, "new customer"),
        thin=matrix.thin or ("" if ages else "Nobody has had a month's time yet to come back."),
        note=note,
        wide=True,
    )


def _unit(filters: Filters, matrix: CohortMatrix) -> Unit:
    if matrix.is_share:
        return FINE_SHARE
    return money(filters.view.store.currency) if matrix.is_money else NUMBER


def _age(by: str, age: int) -> str:
    if by == "month":
        return "Month 0" if age == 0 else f"+{age}"
    return f"{age}–{age + 29}"


def _row(row: CohortRow, skipped: int) -> HeatRow:
    return HeatRow(
        said.month(row.month) if row.month else "All together", row.size, [_cell(cell) for cell in row.cells[skipped:]]
    )


def _cell(cell: Cell) -> HeatCell | None:
    if cell.value is None or cell.state == "unripe":
        return None
    return HeatCell(cell.value, running=cell.state == "running")


def _top(matrix: CohortMatrix, skipped: int) -> float | None:
    """The fullest tint is the largest cell but those of a handful, which jump about."""
    most = max((row.size for row in matrix.rows), default=0)
    cells = (cell for row in matrix.rows if row.size * 10 >= most for cell in row.cells[skipped:])
    return max((cell.value for cell in cells if cell.value is not None), default=0) or None


def _value(filters: Filters, value: PastValue) -> Card:
    unit = money(filters.view.store.currency)
    points = value.curve
    line = Series(
        "Revenue per customer",
        [one.per_customer_minor for one in points],
        counts=[one.customers for one in points],
        colour="brand",
    )
    return Card(
        "past-value",
        "What a customer has brought so far",
        "Revenue per new customer by days since their first order, after refunds",
        definition=value.definition,
        chart=Lines(
            "Revenue per customer by days since the first order",
            [said.days(one.days) for one in points],
            [line],
            unit,
            by="Days",
            at=[one.days for one in points],
            x_unit=DAYS,
            x_title="Days since the first order",
        )
        if len(points) > 1
        else None,
        facts=[
            Fact("Per customer so far", said.whole_money(value.per_customer_minor, unit)),
            Fact("In all", said.whole_money(value.net_minor, unit)),
        ],
        basis=said.many(value.customers, "new customer"),
        thin=value.thin,
        wide=True,
    )


SPEC = Spec(
    "cohorts", "Cohorts", "Customers by when they first bought, and what they did since.", build, (WHAT, MODE, BY)
)
