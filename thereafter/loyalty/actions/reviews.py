"""Tiers by the calendar: once in each shop's day who has too little falls, and who soon will is told."""

from datetime import datetime, timedelta

from django.db import transaction

from thereafter.events.loyalty import TierEndsSoon
from thereafter.kit import clock
from thereafter.loyalty.actions import tiers
from thereafter.loyalty.models import Member, Programme
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries.programmes import Version
from thereafter.loyalty.queries.tiers import metrics
from thereafter.loyalty.rules import tiers as rules
from thereafter.timeline.log import record

BATCH = 500


def look_after(now: datetime) -> int:
    """Judges and warns in shops whose day has begun since the last time; returns how many fell or were told."""
    done = 0
    for row in Programme.objects.select_related("store").order_by("pk"):
        zone = row.store.time_zone
        if row.reviewed_until and clock.day_in(row.reviewed_until, zone) >= clock.day_in(now, zone):
            continue
        done += tiers.review(row.store_id, now) + warn(row.store_id, now)
        Programme.objects.of(row.store_id).filter(pk=row.pk).update(reviewed_until=now)
    return done


@transaction.atomic
def warn(store_id: int, now: datetime) -> int:
    """Tells members whose tier ends within the days of notice and who do not have enough to keep it; each end once."""
    version = programmes.programme_now(store_id)
    terms = version.programme.tier
    if not version.programme.tiers or not terms.notice_days:
        return 0
    until = now + timedelta(days=terms.notice_days)
    rows = Member.objects.of(store_id).filter(left_at=None, tier_until__gt=now, tier_until__lte=until).exclude(tier="")
    members = [one for one in rows.order_by("pk") if one.warned_for != one.tier_until]
    enough = metrics(store_id, [one.customer_id for one in members], version, now)
    events = [event for one in members if (event := _ends_soon(version, one, enough[one.customer_id], now))]
    for member in members:
        member.warned_for = member.tier_until
    Member.objects.bulk_update(members, ["warned_for"], batch_size=BATCH)
    record(*events)
    return len(events)


def _ends_soon(version: Version, member: Member, metric: int, now: datetime) -> TierEndsSoon | None:
    tier = version.programme.tier_of(member.tier)
    missing = rules.entry(tier, version.programme.tier) - metric if tier else 0
    if tier is None or missing <= 0 or member.tier_until is None:
        return None
    return TierEndsSoon(
        store_id=member.store_id,
        occurred_at=now,
        customer_id=member.customer_id,
        member_id=member.pk,
        tier=tier.id,
        tier_name=tier.name,
        on=(member.tier_until - rules.MOMENT).astimezone(version.zone).date(),
        missing=missing,
        metric=version.programme.tier.metric,
    )
