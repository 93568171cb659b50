"""When a wait is over. Plain Python.

Settings of a wait, all of which may be left out: `days`, `hours`, `minutes`, `working_days` (Monday to Friday); then on
to `weekdays` (["mon", "fri"]), to an hour `at` ("10:00") or into a window `between` (["09:00", "18:00"]). `until` names
a day that is known of the order or customer; the span then counts from it and may be negative.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SATURDAY = 5
UNITS = ("days", "working_days", "hours", "minutes")


class Wait(NamedTuple):
    """The settings of a wait, read once; `weekdays` are numbers from 0, Monday."""

    days: int
    working_days: int
    span: timedelta
    weekdays: frozenset[int]
    at: time | None
    between: tuple[time, time] | None


def read(settings: Mapping[str, Any]) -> Wait:
    between = settings.get("between")
    return Wait(
        settings.get("days") or 0,
        settings.get("working_days") or 0,
        timedelta(hours=settings.get("hours") or 0, minutes=settings.get("minutes") or 0),
        frozenset(WEEKDAYS.index(name) for name in settings.get("weekdays") or ()),
        time.fromisoformat(settings["at"]) if settings.get("at") else None,
        (time.fromisoformat(between[0]), time.fromisoformat(between[1])) if between else None,
    )


@lru_cache(maxsize=8192)
def wake_at(now: datetime, zone: ZoneInfo, wait: Wait) -> datetime:
    """When a wait that began at `now` is over, in the zone of `now`. Days are those of the calendar in `zone`, over
    clock changes too.

    With `at`, whole days end at that hour of the last day; otherwise the wait goes on to the next such hour.
    """
    local = now.astimezone(zone)
    last_day = _working(local.date() + timedelta(days=wait.days), wait.working_days)
    on_that_day = datetime.combine(last_day, local.time(), tzinfo=zone)
    over = (on_that_day.astimezone(now.tzinfo) + wait.span).astimezone(zone)
    is_whole_days = not wait.span and last_day != local.date()
    return _next_fit(over, wait, is_whole_days=is_whole_days).astimezone(now.tzinfo)


def from_day(told: Any, zone: ZoneInfo) -> datetime | None:
    """The moment that a fact names: a moment, or a day (its beginning in `zone`); None when it is neither."""
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told)
        except ValueError:
            return None
    if isinstance(told, datetime):
        return told if told.tzinfo else told.replace(tzinfo=zone)
    return datetime.combine(told, time(), tzinfo=zone) if isinstance(told, date) else None


def _working(day: date, count: int) -> date:
    for _ in range(count):
        day += timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
    return day


def _next_fit(over: datetime, wait: Wait, *, is_whole_days: bool) -> datetime:
    """The first moment from `over` on that is one of the weekdays, at the hour, within the window."""
    for days in range(15):
        day = over.date() + timedelta(days=days)
        if wait.weekdays and day.weekday() not in wait.weekdays:
            continue
        start = over if days == 0 else datetime.combine(day, time(), tzinfo=over.tzinfo)
        fit = _on_day(start, wait, is_whole_days=is_whole_days and days == 0)
        if fit is not None:
            return fit
    return over


def _on_day(start: datetime, wait: Wait, *, is_whole_days: bool) -> datetime | None:
    """The moment of this day that fits, not before `start`; None when it has passed."""
    if wait.at is not None:
        wanted = datetime.combine(start.date(), wait.at, tzinfo=start.tzinfo)
        return wanted if wanted >= start or is_whole_days else None
    if wait.between is None:
        return start
    begins, ends = (datetime.combine(start.date(), hour, tzinfo=start.tzinfo) for hour in wait.between)
    if begins >= ends:  # over midnight: in the window before `ends` or from `begins` on
        return start if start < ends else max(start, begins)
    return max(start, begins) if start < ends else None


@lru_cache(maxsize=4096)
def moment_in_words(at: datetime, zone: ZoneInfo) -> str:
    return format_datetime(at.astimezone(zone), "d MMM y, HH:mm", locale="en")
