"""On which day a birthday is kept, and whether it was told early enough. Plain Python."""

from collections.abc import Iterator
from datetime import date, timedelta

# Of people born on 29 February: in common years a day earlier.
_LEAP, _EVE = (2, 29), (2, 28)


def kept_on(month: int, day: int, year: int) -> date:
    """The day of that year on which a birthday (or another yearly day) is kept."""
    if (month, day) == _LEAP and not _is_leap(year):
        month, day = _EVE
    return date(year, month, day)


def is_day(month: int, day: int) -> bool:
    """Whether there is such a day at all; 29 February is one."""
    try:
        kept_on(month, day, 2024)
    except ValueError:
        return False
    return True


def came(month: int, day: int, first: date, last: date) -> date | None:
    """The newest time that the day came from `first` to `last`, both included."""
    for year in range(last.year, first.year - 1, -1):
        on = kept_on(month, day, year)
        if first <= on <= last:
            return on
    return None


def is_in_time(*, told_on: date, on: date, notice_days: int) -> bool:
    """Whoever tells of a birthday fewer than so many days ahead is given for it from the next year on."""
    return (on - told_on).days >= notice_days


def days_between(first: date, last: date) -> Iterator[tuple[int, int]]:
    """Month and day of people whose day is kept from `first` to `last`, both included."""
    for number in range(min((last - first).days, 365) + 1):
        on = last - timedelta(days=number)
        yield on.month, on.day
        if (on.month, on.day) == _EVE and not _is_leap(on.year):
            yield _LEAP


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
