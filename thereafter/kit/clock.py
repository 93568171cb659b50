"""The one place that asks what time it is.

Entry points (views, the worker loop, commands) call `now()` once and pass the answer on; rules never ask.
A replay or a test sets the clock with `at`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("fixed_now", default=None)


def now() -> datetime:
    """The present moment, aware and in UTC, or the moment set by `at`."""
    return _fixed.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within the block the clock stands at `moment`, which must be aware."""
    if moment.tzinfo is None:
        raise ValueError("the clock needs an aware moment: give it a time zone")
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def day_in(moment: datetime, zone_name: str) -> date:
    """The calendar day of a moment as people in that zone see it."""
    return moment.astimezone(zone(zone_name)).date()
