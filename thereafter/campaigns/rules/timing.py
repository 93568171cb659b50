"""When a campaign reaches whom: at once, at a moment of the shop, or at an hour of each reader's own clock."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from thereafter.campaigns.rules.plans import Plan

# The first clocks on earth to show an hour stand at UTC+14 (Kiritimati), the last ones at UTC-12.
FIRST_OFFSET = timedelta(hours=14)


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def launch_at(plan: Plan, *, now: datetime, shop_zone: str) -> datetime:
    """When it begins: for the readers' own hour, when the first of them has it."""
    if plan.when == "now":
        return now
    wall = datetime.fromisoformat(plan.at)
    moment = wall.replace(tzinfo=UTC) - FIRST_OFFSET if plan.when == "local" else wall.replace(tzinfo=_zone(shop_zone))
    return max(moment.astimezone(UTC), now)


def due_at(plan: Plan, *, zone: str, launched_at: datetime) -> datetime:
    """When it is a reader's turn. Where the hour had passed already at the launch, it is the next day's."""
    if plan.when != "local":
        return launched_at
    wall = datetime.fromisoformat(plan.at)
    moment = wall.replace(tzinfo=_zone(zone)).astimezone(UTC)
    while moment < launched_at:
        wall += timedelta(days=1)
        moment = wall.replace(tzinfo=_zone(zone)).astimezone(UTC)
    return moment


def later(due: datetime, now: datetime, *, is_local: bool) -> datetime:
    """The turn of somebody who had to wait for the winner: now, or the next day at the same hour of theirs."""
    if due >= now or not is_local:
        return max(due, now)
    days = -((due - now) // timedelta(days=1))
    return due + timedelta(days=days)


def slots(plan: Plan, count: int, *, next_slot: datetime) -> list[datetime]:
    """When each of `count` messages may go, so that no more than the throttle go in a minute."""
    if plan.per_minute is None:
        return [next_slot] * count
    pause = timedelta(minutes=1) / plan.per_minute
    return [next_slot + pause * at for at in range(count)]
