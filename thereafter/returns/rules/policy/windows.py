"""Until which day something may come back by the shop's own policy. Plain Python.

A window of N days includes its last day; the day it counts from does not count. The law's own days are a floor that
`deciding` lays under it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

From = Literal["order", "fulfilment", "delivery"]
# As long as most parcels take; used where nobody tells of the delivery.
BUFFER_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`days` from an event; without a known delivery from the fulfilment and `buffer_days`. `until`: a fixed last day
    instead, never earlier than the days."""

    days: int
    since: From = "delivery"
    buffer_days: int = BUFFER_DAYS
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Holiday:
    """Orders placed from `first` to `last`, both included, may come back until a fixed day, or longer by the window."""

    name: str
    first: date
    last: date
    until: date


@dataclass(frozen=True, slots=True)
class Days:
    """The days of one item that windows are counted from; None is not known or not yet."""

    placed_on: date
    fulfilled_on: date | None = None
    delivered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """`since` is the day it counts from, `until` the last day; both None while the item is under way. `estimated`: the
    day of delivery is not known. `holiday` names the season that made it longer."""

    since: date | None
    until: date | None
    estimated: bool = False
    holiday: str = ""

    def is_open(self, today: date) -> bool:
        return self.until is None or today <= self.until


def span(window: Window, days: Days, holidays: Iterable[Holiday] = ()) -> Span:
    """The window of one item."""
    since, estimated = counts_from(window, days)
    if since is None:
        return Span(None, None)
    until = since + timedelta(days=window.days)
    if window.until:
        until = max(until, window.until)
    longest = max((one for one in holidays if one.first <= days.placed_on <= one.last), key=_until, default=None)
    if longest and longest.until > until:
        return Span(since, longest.until, estimated, longest.name)
    return Span(since, until, estimated)


def counts_from(window: Window, days: Days) -> tuple[date | None, bool]:
    """The day a window counts from, and whether it was estimated; None before it has come."""
    if window.since == "order":
        return days.placed_on, False
    if window.since == "fulfilment":
        return days.fulfilled_on, False
    if days.delivered_on or days.fulfilled_on is None:
        return days.delivered_on, False
    return days.fulfilled_on + timedelta(days=window.buffer_days), True


def _until(holiday: Holiday) -> date:
    return holiday.until
