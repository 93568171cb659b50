"""Tiers by the calendar: once in each shop's day who has too little falls, and who soon will is told."""

from datetime import datetime

from thereafter.kit import clock
from thereafter.loyalty.actions import tiers
from thereafter.loyalty.models import Programme


def look_after(now: datetime) -> int:
    """Judges and warns in shops whose day has begun since the last time; returns how many fell or were told."""
    done = 0
    for row in Programme.objects.select_related("store").order_by("pk"):
        zone = row.store.time_zone
        if row.reviewed_until and clock.day_in(row.reviewed_until, zone) >= clock.day_in(now, zone):
            continue
        done += tiers.review(row.store_id, now) + tiers.warn(row.store_id, now)
        Programme.objects.of(row.store_id).filter(pk=row.pk).update(reviewed_until=now)
    return done
