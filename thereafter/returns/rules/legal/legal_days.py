"""How the law counts days: Regulation (EEC, Euratom) 1182/71. Plain Python.

The day of the event does not count. A period of months ends on the same day of the month, or the last of it. One that
ends on a Saturday, Sunday or public holiday ends with the next working day.
"""

import calendar
from datetime import date, timedelta
from functools import lru_cache

import holidays

DAY = timedelta(days=1)
_SATURDAY = 5
_MONTHS = 12


def after_days(event: date, days: int, country: str, *, rolls: bool = True, region: str = "") -> date:
    """The last day of a period of `days` that an event on `event` began."""
    last = event + timedelta(days=days)
    return working_day(last, country, region) if rolls else last


def after_months(event: date, months: int, country: str = "", *, rolls: bool = False, region: str = "") -> date:
    """The last day of a period of whole months."""
    last = add_months(event, months)
    return working_day(last, country, region) if rolls else last


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last one: 31 January and a month is 28 February."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def working_day(day: date, country: str, region: str = "") -> date:
    """The day itself, or the next one that is no Saturday, Sunday or public holiday."""
    while day.weekday() >= _SATURDAY or day in public_holidays(country, region, day.year):
        day += DAY
    return day


@lru_cache(maxsize=512)
def public_holidays(country: str, region: str, year: int) -> frozenset[date]:
    """Public holidays of one year; none for a country that is not known, the whole country's for such a region."""
    if not country:
        return frozenset()
    try:
        return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
    except NotImplementedError:
        return public_holidays(country, "", year) if region else frozenset()
