"""Working days of warehouses and carriers: weekends, public holidays and closed days, in their own time zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

import holidays
import numpy as np
import numpy.typing as npt

DAY = timedelta(days=1)
_YEARS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Calendar:
    """`country` and `subdivision` as ISO 3166 name them; an unknown or empty country keeps no holidays."""

    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    country: str = ""
    subdivision: str = ""
    closed: tuple[date, ...] = ()


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    """Days off of one year; a subdivision that is not known counts as the whole country."""
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError:
        return public_holidays(country, "", year) if subdivision else frozenset()


@lru_cache(maxsize=512)
def busdays(calendar: Calendar, year: int) -> np.busdaycalendar:
    """Numpy's calendar around a year; making one costs a third of a second the first time, an offset microseconds."""
    off: set[date] = set(calendar.closed)
    if calendar.country:
        for one in range(year - 1, year + _YEARS_AHEAD):
            off |= public_holidays(calendar.country, calendar.subdivision, one)
    mask = [day in calendar.weekdays for day in range(7)] if calendar.weekdays else [True] * 7
    return np.busdaycalendar(weekmask=mask, holidays=sorted(off))


def is_working(day: date, calendar: Calendar) -> bool:
    return bool(np.is_busday(day, busdaycal=busdays(calendar, day.year)))


def add_working_days(day: date, days: int, calendar: Calendar) -> date:
    """`days` working days after `day`; a day off counts as the next working day. With 0 the next working day itself."""
    found: date = np.busday_offset(day, days, roll="forward", busdaycal=busdays(calendar, day.year)).astype(object)
    return found


def add_working_days_to(days: Iterable[date], offsets: npt.NDArray[np.int64], calendar: Calendar) -> list[date]:
    """The same for many days at once, each with its offset; the days lie within a year of the first."""
    array = np.array(list(days), dtype="datetime64[D]")
    if not array.size:
        return []
    known = busdays(calendar, array[0].astype(object).year)
    moved: list[date] = np.busday_offset(array, offsets, roll="forward", busdaycal=known).astype(object).tolist()
    return moved


def after_working_hours(since: datetime, hours: int, calendar: Calendar, zone: tzinfo) -> datetime:
    """When `hours` have passed of which only those on working days count, 24 to a day, on the clock of `zone`."""
    at = since.astimezone(zone)
    if not is_working(at.date(), calendar):
        at = _midnight(add_working_days(at.date(), 0, calendar), zone)
    days, rest = divmod(hours, 24)
    landed = add_working_days(at.date(), days, calendar)
    at = datetime.combine(landed, at.timetz().replace(tzinfo=None), zone) + timedelta(hours=rest)
    if rest and not is_working(at.date(), calendar):
        at = datetime.combine(add_working_days(at.date(), 0, calendar), at.timetz().replace(tzinfo=None), zone)
    return at


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
