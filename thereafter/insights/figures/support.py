"""How often customers need somebody, and how soon they are answered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from thereafter.insights.engine.port import Row
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.shown import (
    ENOUGH,
    ENOUGH_FOR_A_POINT,
    Counted,
    Figure,
    before,
    counted,
    cut,
    from_day,
    too_few,
)
from thereafter.insights.figures.view import View, month_of
from thereafter.insights.metrics import orders
from thereafter.insights.metrics import support as metrics
from thereafter.insights.rules import changes, percentiles
from thereafter.insights.rules.changes import Change
from thereafter.insights.rules.intervals import Estimate, rate

COUNTED = (
    "Tickets, problems reported with a delivery and follow-ups opened by hand in these days, per 100 orders placed in "
    "the same days; a ticket that a follow-up opened is not counted again. Follow-ups that were opened because of a "
    "low score or a review, and questions about products, are shown apart: nobody turned to you about an order. A "
    "contact may be about an older order, so a sudden rise of orders lowers the rate at first. The interval is of a "
    "Poisson count and too narrow where one customer calls often. Answers: whole days from a follow-up to "
    "its first reply. Narrowed to a country, a channel or a product, only contacts about an order count."
)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class MonthRate:
    month: date
    contacts: int
    orders: int
    per_hundred: float | None


@dataclass(frozen=True, kw_only=True)
class ContactRate(Figure):
    """`contacts` are by the name of the event. `own_calls` are follow-ups opened after a low score or a review;
    `answered` and `unanswered` are all follow-ups of these days."""

    per_hundred: Estimate | None
    before: Estimate | None
    change: Change
    contacts: list[Counted]
    orders: int
    own_calls: int
    questions: int
    trend: list[MonthRate]
    answered: int
    unanswered: int
    median_days: int | None
    p90_days: int | None


def contact_rate(view: View) -> ContactRate:
    """Unit: contacts per 100 orders, days."""
    view = cut(view)
    rows = ask(view, metrics.contacts(view.scope))
    contacts, placed = _sum(rows), _placed(view)
    earlier = _before(view)
    days = _waits(ask(view, metrics.days_to_answer(view.scope)))
    load = ask(view, metrics.load(view.scope))
    calls = [row for row in load if row["name"] == "follow_up.opened"]
    answered, opened = sum(days.values()), sum(row["times"] for row in calls)
    is_enough = placed >= ENOUGH
    return ContactRate(
        n=placed,
        thin=too_few(placed, "orders in these days"),
        definition=COUNTED,
        per_hundred=rate(contacts, placed) if is_enough else None,
        before=rate(*earlier) if earlier[1] >= ENOUGH else None,
        change=changes.of_rates((contacts, placed), earlier),
        contacts=_by_name(rows),
        orders=placed,
        own_calls=sum(row["times"] for row in calls if row["kind"] != metrics.BY_HAND),
        questions=sum(row["times"] for row in load if row["name"] == "question.asked"),
        trend=_trend(view),
        answered=answered,
        unanswered=max(0, opened - answered),
        median_days=percentiles.median(days),
        p90_days=percentiles.p90(days),
    )


def _waits(rows: Sequence[Row]) -> Counter[int]:
    """A reply that was noted before its follow-up was opened came on the same day."""
    found: Counter[int] = Counter()
    for row in rows:
        found[max(0, row["days"])] += row["follow_ups"]
    return found


def _sum(rows: Sequence[Row]) -> int:
    return sum(row["contacts"] for row in rows)


def _placed(view: View) -> int:
    return sum(row["orders"] for row in ask(view, orders.placed_by_month(view.scope)))


def _before(view: View) -> tuple[int, int]:
    earlier = before(view)
    return _sum(ask(earlier, metrics.contacts(earlier.scope))), _placed(earlier)


def _by_name(rows: Sequence[Row]) -> list[Counted]:
    names: Counter[str] = Counter()
    for row in rows:
        names[row["name"]] += row["contacts"]
    return counted(names)


def _trend(view: View) -> list[MonthRate]:
    """At least of a year."""
    long = from_day(view, view.days.last - YEAR)
    rows = ask(long, metrics.contacts(long.scope))
    found = []
    for row in sorted(ask(long, orders.placed_by_month(long.scope)), key=lambda row: int(row["month"])):
        contacts = _sum([one for one in rows if one["month"] == row["month"]])
        per = 100 * contacts / row["orders"] if row["orders"] >= ENOUGH_FOR_A_POINT else None
        found.append(MonthRate(month_of(row["month"]), contacts, row["orders"], per))
    return found
