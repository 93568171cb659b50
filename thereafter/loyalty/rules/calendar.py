"""When points become active and when they end, by the programme's own calendar. Moments come and go in UTC."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from thereafter.loyalty.rules.programme import Expiry

MIDNIGHT = time(0)


def days_later(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day on the clock on the wall, `days` later: a change of clocks does not move it."""
    local = at.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return local.replace(tzinfo=zone).astimezone(UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MIDNIGHT, zone).astimezone(UTC)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last one: six months after 31 August is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def year_start(at: datetime, zone: ZoneInfo, years: int = 0) -> datetime:
    """The first moment of the year that `at` is in, or of one some years later."""
    return midnight(date(at.astimezone(zone).year + years, 1, 1), zone)


def end_of_lot(expiry: Expiry, earned_at: datetime, zone: ZoneInfo) -> datetime | None:
    """When points earned then end; None: not by themselves. They can be used until just before."""
    day = earned_at.astimezone(zone).date()
    if expiry.mode == "days":
        return midnight(day + timedelta(days=(expiry.n or 0) + 1), zone)
    if expiry.mode == "months":
        return midnight(months_later(day, expiry.n or 0) + timedelta(days=1), zone)
    if expiry.mode == "end_of_month":
        return midnight(months_later(day.replace(day=1), 1), zone)
    if expiry.mode == "end_of_year":
        return midnight(date(day.year + 1, 1, 1), zone)
    return None


def end_of_rest(expiry: Expiry, active_at: datetime, zone: ZoneInfo) -> datetime | None:
    """When the whole balance of who was last active then ends; None where the programme knows no such end."""
    if expiry.mode != "inactivity" or expiry.length is None:
        return None
    day = active_at.astimezone(zone).date()
    return midnight(months_later(day, expiry.length) + timedelta(days=1), zone)
