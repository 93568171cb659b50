"""The shop's figures as tiles of the overview."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from babel.numbers import format_currency

from thereafter.console.nav import nav_item
from thereafter.console.tiles import Period, Tile, tile
from thereafter.insights import (
    dashboard_panels,  # noqa: F401 it adds its own when it is read
    outlook_panels,  # noqa: F401 as well
    queries,
    sharing_panels,  # noqa: F401 as above
)
from thereafter.insights.rules import days as rules
from thereafter.insights.rules.days import Days
from thereafter.kit.money import Money
from thereafter.kit.pages import number, percent
from thereafter.stores.models import Store

nav_item("Overview", url_name="insights_console:overview", icon="home", verb="insights.read", place=0)


@tile(place=10)
def orders(store: Store, period: Period) -> Tile:
    days = queries.days_of(store, period)
    by_day = queries.orders(store, days.with_before())
    return _counted("Orders", by_day, days)


@tile(place=20)
def revenue(store: Store, period: Period) -> Tile:
    days = queries.days_of(store, period)
    by_day = queries.revenue(store, days.with_before())
    now, before = rules.total(by_day, days), rules.total(by_day, days.before)
    foreign = queries.foreign_orders(store, days)
    return Tile(
        "Revenue",
        _whole_money(now, store.currency),
        delta=_relative(now, before),
        good=_welcome(now, before),
        hint=f"and {number(foreign)} orders in other currencies" if foreign else "after refunds",
        spark=_spark(by_day, days),
    )


@tile(place=30)
def on_time(store: Store, period: Period) -> Tile:
    days = queries.days_of(store, period)
    punctual, known = queries.on_time(store, days.with_before())
    return _shared("Delivered on time", punctual, known, days, of="parcels")


@tile(place=50)
def repeat_rate(store: Store, period: Period) -> Tile:
    days = queries.days_of(store, period)
    again, everybody = queries.repeat_customers(store)
    within, within_all = queries.repeat_customers(store, days)
    hint = f"{percent(rules.share(within, within_all), 1)} twice within the period" if within_all else "all time"
    return Tile("Bought again", percent(rules.share(again, everybody), 1), hint=hint)


@tile(place=60)
def messages(store: Store, period: Period) -> Tile:
    days = queries.days_of(store, period)
    by_day = queries.messages_sent(store, days.with_before())
    shown = _counted("Messages sent", by_day, days)
    return Tile(shown.label, shown.value, delta=shown.delta, spark=shown.spark)


@tile(place=70)
def points(store: Store, period: Period) -> Tile:
    days = queries.days_of(store, period)
    by_day = queries.points_awarded(store, days.with_before())
    shown = _counted("Points awarded", by_day, days)
    return Tile(shown.label, shown.value, delta=shown.delta, spark=shown.spark)


def _counted(label: str, by_day: Mapping[date, int], days: Days) -> Tile:
    now, before = rules.total(by_day, days), rules.total(by_day, days.before)
    return Tile(
        label,
        number(now),
        delta=_relative(now, before),
        good=_welcome(now, before),
        hint=f"{number(before)} before" if before else "",
        spark=_spark(by_day, days),
    )


def _shared(label: str, part: Mapping[date, int], whole: Mapping[date, int], days: Days, *, of: str) -> Tile:
    now = rules.share(rules.total(part, days), rules.total(whole, days))
    before = rules.share(rules.total(part, days.before), rules.total(whole, days.before))
    points = (now - before) * 100 if now is not None and before is not None else 0.0
    weeks = rules.by_week(whole, days)
    shares = [rules.share(n, weeks[week]) for week, n in rules.by_week(part, days).items()]
    return Tile(
        label,
        percent(now, 1),
        delta=f"{points:+.1f} pts".replace("-", "\N{MINUS SIGN}") if abs(points) >= 0.05 else "",  # noqa: PLR2004 shown
        good=None if abs(points) < 0.05 else points > 0,  # noqa: PLR2004 as shown
        hint=f"of {number(rules.total(whole, days))} {of}",
        spark=[one for one in shares if one is not None],
    )


def _whole_money(minor: int, currency: str) -> str:
    """Without cents: a tile is read at a glance."""
    amount = Money(minor, currency).amount.quantize(Decimal(1))
    return format_currency(amount, currency, "¤#,##0", locale="en", currency_digits=False)


def _relative(now: float, before: float) -> str:
    grown = rules.change(now, before)
    if grown is None or abs(grown) < 0.005:  # noqa: PLR2004 rounds to nothing
        return ""
    return f"{grown * 100:+.0f}%".replace("-", "\N{MINUS SIGN}")


def _welcome(now: float, before: float) -> bool | None:
    return None if now == before or not before else now > before


def _spark(by_day: Mapping[date, int], days: Days) -> list[int]:
    if len(days) > rules.MOST_DAYS_DRAWN:
        return list(rules.by_week(by_day, days).values())
    return [by_day.get(day, 0) for day in days]
