"""A week of a shop beside the one before and the usual: what the weekly summary tells."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from thereafter.insights.figures.asking import as_of
from thereafter.insights.figures.delivery import delivery
from thereafter.insights.figures.feelings import Satisfaction, satisfaction
from thereafter.insights.figures.orders import DayOfOrders, OrdersFigures, orders_figures
from thereafter.insights.figures.support import ContactRate, contact_rate
from thereafter.insights.figures.view import View
from thereafter.insights.rules import changes
from thereafter.insights.rules.changes import Change
from thereafter.insights.rules.days import Days, is_happy
from thereafter.insights.rules.summary import USUAL_WEEKS, Line, Usual, headline, told, usual
from thereafter.kit.charts.units import DECIMAL, FINE_SHARE, NUMBER, Unit, money
from thereafter.kit.shares import Share, share
from thereafter.stores.models import Store

WEEK = timedelta(days=7)
# Shares of fewer things are not told.
ENOUGH, ENOUGH_ANSWERS = 20, 10


@dataclass(frozen=True)
class WeekOfOrders:
    monday: date
    orders: int


@dataclass(frozen=True)
class Weekly:
    """`weeks` are orders by week, oldest first, the told one last; `is_quiet` when there was none in all of them."""

    store: Store
    monday: date
    lines: list[Line]
    weeks: list[WeekOfOrders]
    as_of: datetime | None

    @property
    def days(self) -> Days:
        return Days(self.monday, self.monday + timedelta(days=6))

    @property
    def is_quiet(self) -> bool:
        return not any(week.orders for week in self.weeks)

    @property
    def headline(self) -> str:
        return headline(self.lines)


def weekly(store: Store, monday: date) -> Weekly:
    """The week that began on this Monday, on the shop's calendar.

    Whether a figure is more than noise is judged once: beside the eight weeks before, or where there are too few of
    them beside the week before. Two tests for one line would call twice as many accidents news.
    """
    now = View(store, Days(monday, monday + timedelta(days=6)))
    past = View(store, Days(monday - USUAL_WEEKS * WEEK, monday - timedelta(days=1)))
    placed, earlier = orders_figures(now), orders_figures(past)
    lines = [
        *_orders(placed, earlier, store),
        *_returning(now, placed, earlier),
        *_on_time(now, past),
        *_satisfaction(now, past),
        *_contacts(now, past),
    ]
    weeks = [*_weeks(earlier.days, monday), WeekOfOrders(monday, placed.now.orders)]
    return Weekly(store, monday, told(lines), weeks, as_of(store))


def _weeks(days: list[DayOfOrders], monday: date) -> list[WeekOfOrders]:
    """The weeks before this Monday, from the one with the first order on."""
    sums = dict.fromkeys((monday - back * WEEK for back in range(USUAL_WEEKS, 0, -1)), 0)
    for day in days:
        sums[day.day - timedelta(days=day.day.weekday())] += day.orders
    weeks = [WeekOfOrders(first, orders) for first, orders in sums.items()]
    first = next((at for at, week in enumerate(weeks) if week.orders), len(weeks))
    return weeks[first:]


def _orders(placed: OrdersFigures, earlier: OrdersFigures, store: Store) -> Iterator[Line]:
    """A shop younger than eight weeks is measured by those that it has."""
    known = {week.monday for week in _weeks(earlier.days, placed.days[0].day)} if placed.days else set()
    orders, amounts = _sums(earlier.days, known)
    was = usual(orders, counts=True)
    yield _line(("orders", "Orders", "retention"), placed.orders_change, NUMBER, was)
    was = usual(amounts)
    yield _line(("revenue", "Revenue", "retention"), placed.revenue_change, money(store.currency), was)


def _sums(days: list[DayOfOrders], weeks: set[date]) -> tuple[list[float], list[float]]:
    orders, amounts = dict.fromkeys(sorted(weeks), 0.0), dict.fromkeys(sorted(weeks), 0.0)
    for day in days:
        week = day.day - timedelta(days=day.day.weekday())
        if week in weeks:
            orders[week] += day.orders
            amounts[week] += day.net_minor
    return list(orders.values()), list(amounts.values())


def _line(about: tuple[str, str, str], change: Change, unit: Unit, was: Usual | None) -> Line:
    key, title, page = about
    parts = [_than_before(change, unit)]
    if was:
        parts.append(f"usually {unit.say(round(was.low))} to {unit.say(round(was.high))} a week")
    is_real = _verdict(change) if was is None else not was.has(change.now)
    rose = change.now > (change.before if was is None else was.mean)
    return Line(key, title, unit.say(change.now), ", ".join(parts), is_real, rose, page)


def _verdict(change: Change) -> bool | None:
    return None if change.p is None else change.is_real


def _than_before(change: Change, unit: Unit) -> str:
    if change.relative is None:
        return f"after {unit.say(change.before)} the week before"
    if abs(change.relative) < 0.005:  # noqa: PLR2004 less than the whole percent shown
        return "as in the week before"
    word = "more" if change.relative > 0 else "less"
    return f"{abs(change.relative):.0%} {word} than the week before ({unit.say(change.before)})"


def _returning(now: View, placed: OrdersFigures, earlier: OrdersFigures) -> Iterator[Line]:
    before = orders_figures(View(now.store, now.days.before))
    parts = [share(one.returning, one.returning + one.new, ENOUGH) for one in (placed, before, earlier)]
    yield from _share_line(("returning", "Orders of returning customers", "retention"), parts)


def _on_time(now: View, past: View) -> Iterator[Line]:
    this = delivery(now)
    yield from _share_line(
        ("on_time", "Delivered on time", "delivery"), [this.on_time, this.before, delivery(past).on_time]
    )


def _share_line(about: tuple[str, str, str], parts: list[Share | None]) -> Iterator[Line]:
    """Of this week, the one before and the eight before."""
    this, before, long = parts
    if this is None:
        return
    change = changes.of_shares(this, long) or changes.of_shares(this, before)
    said = [f"{FINE_SHARE.say(before.value)} the week before"] if before else []
    said += [f"usually {FINE_SHARE.say(long.value)}"] if long else []
    said.append(f"of {NUMBER.say(this.whole)}")
    is_real, rose = (_verdict(change), change.now > change.before) if change else (None, False)
    yield Line(about[0], about[1], FINE_SHARE.say(this.value), ", ".join(said), is_real, rose, about[2])


def _satisfaction(now: View, past: View) -> Iterator[Line]:
    this, long = satisfaction(now), satisfaction(past)
    if this.value is None:
        return
    said = [f"{this.before:.1f}% the week before"] if this.before is not None else []
    said += [f"usually {long.value:.1f}%"] if long.value is not None else []
    said.append(f"of {NUMBER.say(this.n)} answers")
    change = changes.of_shares(_satisfied(this), _satisfied(long))
    is_real, rose = (_verdict(change), change.now > change.before) if change else (None, False)
    yield Line("csat", "Satisfied customers", f"{this.value:.1f}%", ", ".join(said), is_real, rose, "experience")


def _satisfied(found: Satisfaction) -> Share | None:
    """Answers of 4 and 5 of all on five points."""
    return share(sum(n for score, n in found.counts.items() if is_happy(score)), found.n, ENOUGH_ANSWERS)


def _contacts(now: View, past: View) -> Iterator[Line]:
    this, long = contact_rate(now), contact_rate(past)
    if this.per_hundred is None:
        return
    said = [f"{DECIMAL.say(this.before.value)} the week before"] if this.before else []
    said += [f"usually {DECIMAL.say(long.per_hundred.value)}"] if long.per_hundred else []
    change = changes.of_rates(_events(this), _events(long)) if long.per_hundred else this.change
    yield Line(
        "contacts",
        "Contacts per 100 orders",
        DECIMAL.say(this.per_hundred.value),
        ", ".join(said),
        _verdict(change),
        change.now > change.before,
        "experience",
        more_is_better=False,
    )


def _events(found: ContactRate) -> tuple[int, int]:
    return sum(one.n for one in found.contacts), found.orders
