"""Points on birthdays: on the day in the member's own zone, once in a calendar year."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from thereafter.kit import clock
from thereafter.loyalty.actions.milestones import Reached, reach, taking_part
from thereafter.loyalty.models import Member
from thereafter.loyalty.queries.programmes import Version, programme_now
from thereafter.loyalty.rules import birthdays as rules
from thereafter.loyalty.rules.milestones import BIRTHDAY, birthday_key
from thereafter.loyalty.rules.programme import Birthday, Programme

# The first and the last zone of the world are not further from UTC than this.
_WORLD = timedelta(hours=14)
_COLUMNS = ("pk", "customer_id", "tier", "birth_month", "birth_day", "birthday_set_at", "time_zone")


def run(store_id: int, now: datetime, since: datetime | None = None) -> int:
    """Gives for birthdays that came since then, without it for those of today; returns the points given.

    Whoever told of it too late is given from the next year on; who changes it gets nothing twice in a year.
    """
    version = programme_now(store_id)
    if not _most(version.programme):
        return 0
    return reach(store_id, _coming(store_id, version, since or now, now), now=now)


def _most(programme: Programme) -> int:
    given = [programme.birthday.points] if programme.birthday else []
    return max([*given, *(tier.benefits.birthday_points for tier in programme.tiers)], default=0)


def _coming(store_id: int, version: Version, since: datetime, now: datetime) -> Iterator[Reached]:
    first, last = (since - _WORLD).date(), (now + _WORLD).date()
    days = (Q(birth_month=month, birth_day=day) for month, day in rules.days_between(first, last))
    members: Any = taking_part(store_id).filter(reduce(or_, days)).only(*_COLUMNS)
    for member in members.order_by("pk"):
        one = _reached(member, version, since, now)
        if one and one.points:
            yield one


def _reached(member: Member, version: Version, since: datetime, now: datetime) -> Reached | None:
    zone = clock.zone(member.time_zone) if member.time_zone else version.zone
    first, last = (moment.astimezone(zone).date() for moment in (since, now))
    month, day, told_at = member.birth_month, member.birth_day, member.birthday_set_at
    on = rules.came(month, day, first, last) if month and day else None
    notice = (version.programme.birthday or Birthday(points=0)).min_notice_days
    # Who brought it from another programme told of it there.
    if on is None or (
        told_at and not rules.is_in_time(told_on=told_at.astimezone(zone).date(), on=on, notice_days=notice)
    ):
        return None
    return Reached(
        member_id=member.pk,
        customer_id=member.customer_id,
        key=birthday_key(on.year),
        points=_points(version.programme, member.tier),
        reason=BIRTHDAY,
        snapshot={"programme": version.number, "on": on.isoformat()},
    )


def _points(programme: Programme, key: str) -> int:
    """The programme's, or those of the tier where it gives more."""
    tier = programme.tier_of(key)
    usual = programme.birthday.points if programme.birthday else 0
    return max(usual, tier.benefits.birthday_points if tier else 0)
