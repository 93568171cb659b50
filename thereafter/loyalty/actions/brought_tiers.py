"""Tiers that members had in another programme: many at once, and no word to anybody: it is no news to them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from thereafter.commerce.actions.customers import set_traits
from thereafter.loyalty.actions import tiers
from thereafter.loyalty.models import Member, TierChange
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.rules import tiers as rules
from thereafter.timeline.rows import insert


def rewrite(members: Collection[Member], fields: list[str]) -> None:
    """Writes these fields of members that are there; several times as fast as `bulk_update`."""
    Member.objects.bulk_create(members, update_conflicts=True, unique_fields=["id"], update_fields=fields)


@transaction.atomic
def bring(store_id: int, wanted: Mapping[int, str], *, actor: str, now: datetime) -> int:
    """Gives these members (by their id) the tiers they had, where ours is lower; kept like one given by hand."""
    version = programmes.programme_now(store_id)
    rank, terms = version.programme.rank, version.programme.tier
    rows = Member.objects.of(store_id).filter(pk__in=wanted, left_at=None).select_for_update().order_by("pk")
    rising = [one for one in rows if rank(wanted[one.pk]) > rank(one.tier)]
    insert(
        TierChange(
            store_id=store_id,
            member_id=one.pk,
            from_tier=one.tier,
            to_tier=wanted[one.pk],
            why=TierChange.Why.HAND,
            at=now,
            actor=actor,
        )
        for one in rising
    )
    for one in rising:
        one.tier, one.tier_since, one.qualified_at = wanted[one.pk], now, now
        one.tier_until = rules.kept_until(terms, now, version.zone)
    rewrite(rising, ["tier", "tier_since", "tier_until", "qualified_at"])
    set_traits(store_id, {one.customer_id: tiers.traits(version, one.tier) for one in rising})
    return len(rising)
