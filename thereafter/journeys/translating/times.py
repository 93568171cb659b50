"""Moments and spans of a query: at most one moment of the database on each side, the rest worked out beforehand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DurationField, ExpressionWrapper, Value
from django.db.models.functions import (
    ExtractDay,
    ExtractHour,
    ExtractMinute,
    ExtractMonth,
    ExtractSecond,
    ExtractWeekDay,
    ExtractYear,
)

from thereafter.journeys.translating.sql import MOMENT, compared, flag

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# CEL's parts of a moment: Django's, and what is taken off, because CEL counts months and weekdays from 0.
_PARTS = {
    "getFullYear": (ExtractYear, 0),
    "getMonth": (ExtractMonth, 1),
    "getDate": (ExtractDay, 0),
    "getDayOfMonth": (ExtractDay, 1),
    "getDayOfWeek": (ExtractWeekDay, 1),
    "getHours": (ExtractHour, 0),
    "getMinutes": (ExtractMinute, 0),
    "getSeconds": (ExtractSecond, 0),
}
PARTS = frozenset(_PARTS)
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


class TooMany(ValueError):
    """More moments of the database in one comparison than one query compares."""


@dataclass(frozen=True)
class Time:
    """`plus` - `minus` + `rest`, where a fixed moment is a span since 1970. Both a moment and a span are such a sum."""

    kind: str
    plus: Any = None
    minus: Any = None
    rest: timedelta = timedelta()

    @property
    def is_fixed(self) -> bool:
        return self.plus is None and self.minus is None

    @property
    def moment(self) -> datetime:
        return EPOCH + self.rest


def fixed(moment: datetime) -> Time:
    return Time("moment", rest=moment - EPOCH)


def added(one: Time, two: Time, kind: str) -> Time:
    """Raises `TooMany`, and OverflowError beyond the calendar."""
    if (one.plus is not None and two.plus is not None) or (one.minus is not None and two.minus is not None):
        raise TooMany
    plus = one.plus if one.plus is not None else two.plus
    minus = one.minus if one.minus is not None else two.minus
    total = Time(kind, plus, minus, one.rest + two.rest)
    if kind == "moment" and total.is_fixed:
        _ = total.moment
    return total


def negative(one: Time) -> Time:
    return Time(one.kind, one.minus, one.plus, -one.rest)


def compare(sign: str, one: Time, two: Time) -> Any:
    difference = added(one, negative(two), "span")
    plus, minus, rest = difference.plus, difference.minus, difference.rest
    if plus is None and minus is None:
        zero = timedelta()
        return flag(
            {"<": rest < zero, "<=": rest <= zero, ">": rest > zero, ">=": rest >= zero, "=": rest == zero}[sign]
        )
    if minus is None:
        return compared(sign, plus, Value(EPOCH - rest, MOMENT))
    if plus is None:
        return compared(_TURNED[sign], minus, Value(EPOCH + rest, MOMENT))
    if rest:
        minus = ExpressionWrapper(minus + Value(-rest, DurationField()), MOMENT)
    return compared(sign, plus, minus)


def part(name: str, time: Time, zone_name: str) -> Any:
    """A whole number for a fixed moment, else an expression; raises KeyError for an unknown zone."""
    zone = zone_of(zone_name)
    extract, off = _PARTS[name]
    if time.is_fixed:
        local = time.moment.astimezone(zone)
        weekday = local.isoweekday() % 7
        found = {"Year": local.year, "Month": local.month, "Day": local.day, "WeekDay": weekday + 1}
        found |= {"Hour": local.hour, "Minute": local.minute, "Second": local.second}
        return found[extract.__name__.removeprefix("Extract")] - off
    if time.minus is not None or time.rest:
        raise TooMany
    return extract(ExpressionWrapper(time.plus, MOMENT), tzinfo=zone) - off


def zone_of(name: str) -> tzinfo:
    return ZoneInfo(name) if name else UTC
