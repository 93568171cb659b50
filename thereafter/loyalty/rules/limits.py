"""How often an action may earn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from thereafter.loyalty.rules.programme import Action


@dataclass(frozen=True, slots=True)
class Done:
    at: datetime
    order_id: int | None = None


def has_any(action: Action) -> bool:
    limits = (action.per_day, action.per_week, action.per_month, action.per_year, action.per_order, action.total)
    return any(limit is not None for limit in limits)


def is_reached(action: Action, past: Sequence[Done], done: Done, zone: ZoneInfo) -> bool:
    """Whether one more would be too many; days, weeks, months and years are those of the programme's calendar."""
    day = _day(done.at, zone)
    days = [_day(one.at, zone) for one in past]
    counts = (
        (action.per_day, sum(one == day for one in days)),
        (action.per_week, sum(_week(one) == _week(day) for one in days)),
        (action.per_month, sum((one.year, one.month) == (day.year, day.month) for one in days)),
        (action.per_year, sum(one.year == day.year for one in days)),
        (action.per_order, sum(done.order_id is not None and one.order_id == done.order_id for one in past)),
        (action.total, len(past)),
    )
    return any(limit is not None and count >= limit for limit, count in counts)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _week(day: date) -> date:
    """Its Monday."""
    return day - timedelta(days=day.weekday())
