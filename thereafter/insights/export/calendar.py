"""Moments to days and months on the store's calendar, whole columns at once.

The beginnings of days are asked of Python's own zones (Arrow would need the system's, which small containers lack); a
moment's day is then the last beginning before it.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

EPOCH = date(1970, 1, 1)
_DAY_SECONDS = 86_400
Numbers = NDArray[np.int64]


def seconds(moments: pa.ChunkedArray) -> Numbers:
    """Seconds since 1970 in UTC, of numbers of seconds or of the texts in which SQLite keeps moments."""
    if pa.types.is_string(moments.type):
        moments = pc.cast(pc.utf8_slice_codeunits(moments, 0, 19), pa.timestamp("s"))
    found: Numbers = moments.cast(pa.int64()).to_numpy()
    return found


def days_of(at: Numbers, zone: ZoneInfo) -> Numbers:
    """Days since 1970-01-01 where the store is."""
    if not len(at):
        return at
    first, last = (int(each) // _DAY_SECONDS for each in (at.min(), at.max()))
    begins = _beginnings(first - 1, last + 2, zone)
    return first - 2 + np.searchsorted(begins, at, side="right")


def months_of(days: Numbers) -> Numbers:
    """Year * 12 + month - 1 of each day."""
    if not len(days):
        return days
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12


@lru_cache(maxsize=64)
def _beginnings(first: int, last: int, zone: ZoneInfo) -> Numbers:
    """When each day began, in UTC; a day that a zone left out begins with the next."""
    days = (EPOCH + timedelta(days=number) for number in range(first, last + 1))
    return np.array([int(datetime.combine(day, time(), zone).timestamp()) for day in days], dtype=np.int64)


def month_bounds(month: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the month's first moment to the next one's, in UTC."""
    begins = (datetime(at // 12, at % 12 + 1, 1, tzinfo=zone) for at in (month, month + 1))
    first, end = (moment.astimezone(UTC) for moment in begins)
    return first, end


def month_at(moment: datetime, zone: ZoneInfo) -> int:
    there = moment.astimezone(zone)
    return there.year * 12 + there.month - 1
