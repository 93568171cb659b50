"""The calendar day of an entry where the shop is, computed by the database.

Django's own truncation calls Python for each row on SQLite; there we add the offset of the zone in SQL instead, one
branch per change of clocks.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Case, DateField, Expression, F, Func, Value, When
from django.db.models.functions import TruncDate

from thereafter.insights.rules.days import Days


def bounds(days: Days, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first midnight (included) to the one after the last day (not included), in UTC."""
    first = datetime.combine(days.first, time(), zone)
    end = datetime.combine(days.last + timedelta(days=1), time(), zone)
    return first.astimezone(UTC), end.astimezone(UTC)


def day_of(field: str, days: Days, zone: ZoneInfo) -> Expression:
    if connection.vendor != "sqlite":
        return TruncDate(field, tzinfo=zone)
    *earlier, (_, last) = offsets(days, zone)
    if not earlier:
        return _shifted(field, last)
    branches = [When(**{f"{field}__lt": until}, then=_shifted(field, minutes)) for until, minutes in earlier]
    return Case(*branches, default=_shifted(field, last), output_field=DateField())


def _shifted(field: str, minutes: int) -> Func:
    return Func(F(field), Value(f"{minutes:+d} minutes"), function="date", output_field=DateField())


@lru_cache(maxsize=256)
def offsets(days: Days, zone: ZoneInfo) -> tuple[tuple[datetime, int], ...]:
    """(end in UTC, offset in minutes) of each stretch of time in which the zone keeps one offset."""
    return tuple(_offsets(days, zone))


def _offsets(days: Days, zone: ZoneInfo) -> Iterator[tuple[datetime, int]]:
    start, end = bounds(days, zone)
    while start < end:
        before, upto = _minutes(start, zone), min(start + timedelta(days=1), end)
        if _minutes(upto, zone) != before:
            upto = _switch(start, upto, zone)
            if upto < end:
                yield upto, before
        start = upto
    yield end, _minutes(end - timedelta(minutes=1), zone)


def _minutes(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds() // 60)


def _switch(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """The minute in which the offset changes between the two."""
    before, minutes = _minutes(start, zone), int((end - start).total_seconds() // 60)
    low, high = 0, minutes
    while low < high:
        middle = (low + high) // 2
        if _minutes(start + timedelta(minutes=middle), zone) == before:
            low = middle + 1
        else:
            high = middle
    return start + timedelta(minutes=low)
