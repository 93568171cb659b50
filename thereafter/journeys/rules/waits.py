"""When a wait is over. Plain Python."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo


def wake_at(now: datetime, zone: ZoneInfo, settings: Mapping[str, Any]) -> datetime:
    """When a wait is over, in the zone of `now`. Days are those of the shop's calendar, over clock changes too.

    With `at`, whole days end at that hour of the last day; otherwise the wait goes on to the next such hour.
    """
    days, span = settings.get("days", 0), timedelta(hours=settings.get("hours", 0), minutes=settings.get("minutes", 0))
    local = now.astimezone(zone)
    on_that_day = datetime.combine(local.date() + timedelta(days=days), local.time(), tzinfo=zone)
    over = (on_that_day.astimezone(now.tzinfo) + span).astimezone(zone)
    if "at" not in settings:
        return over.astimezone(now.tzinfo)
    wanted = datetime.combine(over.date(), time.fromisoformat(settings["at"]), tzinfo=zone)
    if wanted < over and (span or not days):
        wanted = datetime.combine(over.date() + timedelta(days=1), wanted.timetz())
    return wanted.astimezone(now.tzinfo)
