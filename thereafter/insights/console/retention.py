"""Who comes back, when, and who is lost."""

from dataclasses import replace

from thereafter.insights.cards import Card, Fact, Page
from thereafter.insights.console import said
from thereafter.insights.console.filters import Choice, Filters
from thereafter.insights.console.spec import Spec, page
from thereafter.insights.figures.orders import Lifecycle, OrdersFigures, lifecycle, orders_figures
from thereafter.insights.figures.retention import (
    RepeatRate,
    RetentionRate,
    SecondOrder,
    TimeBetween,
    repeat_rate,
    retention_rate,
    time_between_orders,
    time_to_second_order,
)
from thereafter.kit.charts.kinds import Columns, Series, histogram, survival, trend
from thereafter.kit.charts.units import NUMBER
from thereafter.kit.pages import number, percent
from thereafter.kit.shares import share

WITHIN = Choice("within", "Bought again", {str(days): f"Within {days} days" for days in (90, 30, 60, 180, 365)})
# A histogram is drawn in stretches of so many days, up to a last one that holds the rest.
STEP, STEPS = 14, 26


def build(filters: Filters) -> Page:
    within = int(filters.own[WITHIN.name])
    again, second = repeat_rate(filters.view, within), time_to_second_order(filters.view)
    between, kept = time_between_orders(filters.view), retention_rate(filters.view)
    placed, lives = orders_figures(filters.view), lifecycle(filters.view)
    facts = [_again(again), _kept(kept), _between(between), _returning(placed)]
    cards = [_trend(again), _second(second), _gaps(between), _balance(kept), _lives(lives), _new_and_returning(placed)]
    return page(SPEC, filters, cards, facts)


def _again(again: RepeatRate) -> Fact:
    how = f"Customers whose first {again.within_days} days are over, and who ordered again in them."
    label = f"Bought again within {again.within_days} days"
    return said.shared(label, again.rate, "customers", how, again.difference)


def _kept(kept: RetentionRate) -> Fact:
    how = f"Of those who had ordered in the {kept.active_days} days before the period, those who did in its last ones."
    hint = f"{said.rate(kept.churn)} fell silent" if kept.churn else "too few at the start of the period"
    return Fact("Retention", said.rate(kept.rate), hint=hint, how=f"{how} {said.between(kept.rate)}".strip())


def _between(between: TimeBetween) -> Fact:
    hint = f"nine in ten within {said.days(between.p90)}" if between.p90 is not None else ""
    return Fact("Time between orders", said.days(between.median), hint=hint, how="Half of the next orders came sooner.")


def _returning(placed: OrdersFigures) -> Fact:
    every = placed.new + placed.returning
    part = share(placed.returning, every)
    return said.shared("Orders of returning customers", part, "orders", "Orders that were not a customer's first.")


def _trend(again: RepeatRate) -> Card:
    labels = [said.month(one.month) for one in again.trend]
    line = said.course("Bought again", [one.share for one in again.trend])
    naive = again.naive
    note = (
        f"Of all customers ever, {said.rate(naive)} ordered twice or more: the figure other programs show. It "
        "mixes who came yesterday with who had years, so it moves when you grow, not when people like you more."
        if naive
        else ""
    )
    return Card(
        "repeat",
        "Repeat purchase rate",
        f"Of those who first bought in a month, how many ordered again within {again.within_days} days",
        definition=again.definition,
        chart=trend("Repeat purchase rate by month of the first order", labels, [line]) if labels else None,
        basis=said.many(again.n, "customer"),
        thin=again.thin,
        note=note,
    )


def _second(second: SecondOrder) -> Card:
    curve = second.curve
    line = Series(
        "Bought again",
        [one.share for one in curve],
        [one.low for one in curve],
        [one.high for one in curve],
        colour="brand",
    )
    facts = [
        Fact(f"By day {day}", percent(one.value, 1), hint=f"{percent(one.low, 1)} to {percent(one.high, 1)}")
        for day, one in second.by_day.items()
    ]
    return Card(
        "second-order",
        "Time to the second order",
        "How many new customers have ordered again by each day after their first order",
        definition=second.definition,
        chart=replace(
            survival("Share who ordered again, by days since the first order", [one.day for one in curve], [line]),
            x_title="Days since the first order",
        )
        if curve
        else None,
        facts=facts,
        basis=f"{said.many(second.n, 'new customer')}, {number(second.again)} of them came back",
        thin=second.thin,
    )


def _gaps(between: TimeBetween) -> Card:
    counts = [0] * STEPS
    for gap, orders in between.histogram.items():
        counts[min(gap // STEP, STEPS - 1)] += orders
    used = max((n for n, count in enumerate(counts) if count), default=0) + 1
    labels = [f"{n * STEP}–{n * STEP + STEP - 1}" for n in range(used)]
    if used == STEPS:
        labels[-1] = f"{(STEPS - 1) * STEP}+"
    return Card(
        "gaps",
        "Time between orders",
        f"How many days lie between one order and the next of the same customer, {STEP} days to a column",
        definition=between.definition,
        chart=histogram("Orders by days since the one before", labels, counts[:used], "Days", "Orders"),
        facts=[Fact("Median", said.days(between.median)), Fact("Nine in ten within", said.days(between.p90))],
        basis=said.many(between.n, "repeat order"),
        thin=between.thin,
        note="Write to people a little before the median, and count them as lost after the second figure.",
    )


def _balance(kept: RetentionRate) -> Card:
    chosen = (
        "nine in ten next orders come by then" if kept.active_from != "default" else "too few repeat orders to tell"
    )
    textbook = percent(kept.textbook, 1)
    return Card(
        "retention",
        "Kept, lost and won back",
        f"Active customers at both ends of the period. Active: an order in the last {kept.active_days} days ({chosen})",
        definition=kept.definition,
        facts=[
            Fact("Active at the start", number(kept.start)),
            Fact("Stayed", number(kept.kept), hint=said.rate(kept.rate)),
            Fact("Fell silent", number(kept.start - kept.kept), hint=said.rate(kept.churn)),
            Fact("New", number(kept.new)),
            Fact("Won back", number(kept.reactivated)),
            Fact("Active at the end", number(kept.end)),
        ]
        if not kept.thin
        else [],
        basis=said.many(kept.n, "customer"),
        thin=kept.thin,
        note=f"The textbook formula would say {textbook}: it counts those who were won back as if they had never gone."
        if kept.textbook is not None and kept.reactivated
        else "",
    )


def _lives(lives: Lifecycle) -> Card:
    labels = [said.month(one.month) + (" (so far)" if one.is_running else "") for one in lives.months]
    series = [
        Series("New", [one.new for one in lives.months], colour="brand"),
        Series("Came again", [one.returning for one in lives.months], colour="good"),
        Series("Won back", [one.reactivated for one in lives.months], colour="warn"),
        Series("Fell silent", [-one.dormant for one in lives.months], colour="neutral"),
    ]
    return Card(
        "lifecycle",
        "Your customers month by month",
        f"Who bought: new, again, or after more than {lives.quiet_months} quiet months. Below: who fell silent",
        definition=lives.definition,
        chart=Columns("Customers by month", labels, series, NUMBER) if labels else None,
        basis=said.many(lives.n, "customer"),
        thin=lives.thin,
    )


def _new_and_returning(placed: OrdersFigures) -> Card:
    labels = [said.month(one.month) for one in placed.months]
    series = [
        Series("First orders", [one.new for one in placed.months], colour="brand"),
        Series("Orders of returning customers", [one.returning for one in placed.months], colour="good"),
    ]
    return Card(
        "new-returning",
        "New and returning",
        "Orders by month: first orders, and those of customers who had bought before",
        definition=placed.definition,
        chart=Columns("Orders by month", labels, series, NUMBER) if labels else None,
        basis=said.many(placed.n, "order"),
        thin=placed.thin,
    )


SPEC = Spec("retention", "Retention", "Who comes back, when, and who is lost.", build, (WITHIN,))
