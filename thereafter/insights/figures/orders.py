"""Orders and money: how many, how much, from whom."""

from dataclasses import dataclass
from datetime import date

from thereafter.insights.engine.port import Row
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.shown import Figure, cut, too_few, with_before
from thereafter.insights.figures.view import View, day_number, month_of
from thereafter.insights.metrics import orders as metrics
from thereafter.insights.rules import changes
from thereafter.insights.rules.changes import Change
from thereafter.insights.rules.lifecycle import lives
from thereafter.insights.rules.months import first_day_of
from thereafter.insights.rules.months import month_of as month_with

ORDERS = (
    "Net orders: not cancelled and not wholly refunded, on the day they were placed in the shop's time zone. Revenue "
    "is what was paid with shipping and tax, less refunds, which count on the day of their order. Orders in other "
    "currencies count as orders, without their amounts; the average leaves them out. A customer is new with their "
    "first net order ever. A change is called more than noise when the days of both periods, taken in pairs, would "
    "differ so by chance in fewer than 5 of 100 cases (paired t, at least as wide as a Poisson count)."
)
LIFECYCLE = (
    "Customers by calendar month: new bought for the first time ever; returning bought in it and in one of the "
    "{months} months before; reactivated had been away for longer; dormant bought {months} months ago and not since, "
    "and are shown below the line, in the month in which their quiet months ended."
)


@dataclass(frozen=True)
class DayOfOrders:
    day: date
    orders: int
    net_minor: int


@dataclass(frozen=True)
class Totals:
    """Sums of a period. `foreign` orders, in another currency, are in `orders` and `units` and in no amount."""

    orders: int
    foreign: int
    units: int
    total_minor: int
    net_minor: int
    refunded_minor: int
    discount_minor: int
    shipping_minor: int

    @property
    def average_minor(self) -> float | None:
        """Average order value: net / orders in the shop's currency."""
        own = self.orders - self.foreign
        return self.net_minor / own if own else None

    @property
    def units_per_order(self) -> float | None:
        return self.units / self.orders if self.orders else None


@dataclass(frozen=True)
class MonthOfOrders:
    month: date
    new: int
    returning: int
    new_minor: int
    returning_minor: int


@dataclass(frozen=True, kw_only=True)
class OrdersFigures(Figure):
    days: list[DayOfOrders]
    now: Totals
    before: Totals
    orders_change: Change
    revenue_change: Change
    months: list[MonthOfOrders]

    @property
    def new(self) -> int:
        return sum(month.new for month in self.months)

    @property
    def returning(self) -> int:
        return sum(month.returning for month in self.months)


def orders_figures(view: View) -> OrdersFigures:
    """Unit: orders, minor units; beside as many days just before."""
    view = cut(view)
    both = with_before(view)
    by_day = {row["day"]: row for row in ask(both, metrics.by_day(both.scope))}
    now, before = _days(by_day, view), _days(by_day, both)[: len(view.days)]
    totals = _totals(by_day, view.scope.since, view.scope.until)
    return OrdersFigures(
        n=totals.orders,
        thin=too_few(totals.orders, "orders in these days", 1),
        definition=ORDERS,
        days=now,
        now=totals,
        before=_totals(by_day, both.scope.since, view.scope.since),
        orders_change=changes.of_counts([day.orders for day in now], [day.orders for day in before]),
        revenue_change=changes.of_amounts([day.net_minor for day in now], [day.net_minor for day in before]),
        months=_months(ask(view, metrics.new_and_returning(view.scope)), view),
    )


def _days(by_day: dict[int, Row], view: View) -> list[DayOfOrders]:
    nothing: Row = {"orders": 0, "net_minor": 0}
    rows = [(day, by_day.get(day_number(day), nothing)) for day in view.days]
    return [DayOfOrders(day, row["orders"], row["net_minor"]) for day, row in rows]


def _totals(by_day: dict[int, Row], since: int, until: int) -> Totals:
    rows = [row for day, row in by_day.items() if since <= day < until]
    return Totals(**{name: sum(row[name] for row in rows) for name in Totals.__dataclass_fields__})


def _months(rows: list[Row], view: View) -> list[MonthOfOrders]:
    cells = {(row["month"], row["is_new"]): row for row in rows}
    nothing: Row = {"orders": 0, "net_minor": 0}
    found = []
    for month in months_of(view):
        new, again = cells.get((month, 1), nothing), cells.get((month, 0), nothing)
        found.append(
            MonthOfOrders(month_of(month), new["orders"], again["orders"], new["net_minor"], again["net_minor"])
        )
    return found


def months_of(view: View) -> range:
    """The months that the period touches."""
    return range(month_with(view.scope.since), month_with(view.scope.until - 1) + 1)


@dataclass(frozen=True)
class LifecycleMonth:
    """Customers. `is_running`: the month is not over, so returning is low and dormant high."""

    month: date
    new: int
    returning: int
    reactivated: int
    dormant: int
    is_running: bool


@dataclass(frozen=True, kw_only=True)
class Lifecycle(Figure):
    months: list[LifecycleMonth]
    quiet_months: int


def lifecycle(view: View, quiet_months: int = 3) -> Lifecycle:
    """Unit: customers, by the calendar months that the period touches."""
    view = cut(view)
    rows = ask(view, metrics.active_months(view.scope))
    active = {(row["month"], row["gap"]): row["customers"] for row in rows}
    found = lives(active, months_of(view), quiet_months)
    n = sum(month.new + month.returning + month.reactivated for month in found.values())
    return Lifecycle(
        n=n,
        thin=too_few(n, "customers with an order in these months", 1),
        definition=LIFECYCLE.format(months=quiet_months),
        months=[
            LifecycleMonth(
                month_of(month),
                one.new,
                one.returning,
                one.reactivated,
                one.dormant,
                is_running=first_day_of(month + 1) > view.scope.until,
            )
            for month, one in found.items()
        ],
        quiet_months=quiet_months,
    )
