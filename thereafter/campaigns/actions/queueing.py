"""A campaign on its way, second half: messages are queued a little before their turn, and the rest gets the winner.

What is queued carries the key of campaign and customer, which the database takes once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from thereafter.campaigns import audience
from thereafter.campaigns.actions.running import mine
from thereafter.campaigns.models import Campaign, Recipient
from thereafter.campaigns.rules import timing
from thereafter.campaigns.rules.coupon_facts import coupon_facts
from thereafter.campaigns.rules.plans import NAMES, Plan
from thereafter.campaigns.rules.winners import SURE, Choice
from thereafter.commerce.actions.coupons import Wanted, issue_many
from thereafter.commerce.queries import coupon_pools
from thereafter.kit import clock
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.messaging.models import Message
from thereafter.stores.models import StoreQuerySet

State = Campaign.State
Part = Recipient.Part
MESSAGES_AT_ONCE = 1_000
# Queued so long before their turn, and never more of one campaign: others' messages must not stand behind a million.
AHEAD = timedelta(minutes=2)
MOST_QUEUED = 4_000


@transaction.atomic
def queue_next(campaign_id: int, now: datetime) -> int:
    """Queues those whose turn is near; returns how many."""
    campaign = mine(campaign_id)
    if campaign is None or campaign.chosen_at is None:
        return 0
    room = min(MESSAGES_AT_ONCE, MOST_QUEUED - waiting_messages(campaign).count())
    plan = campaign.settings
    first = max(campaign.next_slot_at or now, now)
    turns = [at for at in timing.slots(plan, max(room, 0), next_slot=first) if at <= now + AHEAD]
    rows = Recipient.objects.of(campaign.store_id).filter(
        campaign=campaign, queued_at=None, variant__isnull=False, due_at__lte=now + AHEAD
    )
    batch = list(rows.order_by("due_at", "pk").select_related("customer")[: len(turns)])
    if batch:
        _queue(campaign, plan, batch, turns, now)
    return len(batch)


def waiting_messages(campaign: Campaign) -> StoreQuerySet[Message]:
    rows = Message.objects.of(campaign.store_id)
    return rows.filter(origin=campaign.origin, state__in=[Message.State.QUEUED, Message.State.SENDING])


def _queue(
    campaign: Campaign, plan: Plan, batch: Sequence[Recipient], turns: Sequence[datetime], now: datetime
) -> None:
    codes = _codes(campaign, plan, batch, now)
    send_many(
        [
            _request(campaign, plan, one, max(one.due_at, turn), codes.get(one.customer_id))
            for one, turn in zip(batch, turns, strict=False)
        ],
        now,
    )
    Recipient.objects.of(campaign.store_id).filter(pk__in=[one.pk for one in batch]).update(queued_at=now)
    if plan.per_minute is not None:
        campaign.next_slot_at = turns[len(batch) - 1] + timedelta(minutes=1) / plan.per_minute
        campaign.save(update_fields=["next_slot_at"])


def _request(
    campaign: Campaign, plan: Plan, one: Recipient, due_at: datetime, coupon: dict[str, Any] | None
) -> SendRequest:
    variant = plan.variants[one.variant or 0]
    facts: dict[str, Any] = {"campaign": {"name": campaign.name}}
    if variant.subject:
        facts["subject_line"] = variant.subject
    utm = {f"utm_{name}": getattr(plan.utm, name) for name in ("source", "medium", "campaign")}
    if any(utm.values()):
        facts["utm"] = {name: value for name, value in utm.items() if value}
    if coupon:
        facts["coupon"] = coupon
    return SendRequest(
        store_id=campaign.store_id,
        customer_id=one.customer_id,
        template=variant.template,
        key=f"{campaign.origin}:{one.customer_id}",
        due_at=due_at,
        facts=facts,
        channels=plan.channels,
        origin=campaign.origin,
        topic=plan.topic,
        priority=audience.PRIORITY,
    )


def _codes(campaign: Campaign, plan: Plan, batch: Sequence[Recipient], now: datetime) -> dict[int, dict[str, Any]]:
    """What each one's message says of their own code, by customer; nothing without a pool."""
    pool = coupon_pools(campaign.store_id).filter(key=plan.pool).first() if plan.pool else None
    if pool is None:
        return {}
    pool.store = campaign.store
    wanted = [Wanted(one.customer_id, f"{campaign.origin}:{one.customer_id}") for one in batch]
    zone = clock.zone(campaign.store.time_zone)
    return {
        coupon.customer_id: coupon_facts(pool.terms, coupon.code, coupon.expires_at, zone)
        for coupon in issue_many(pool, wanted, now=now).values()
        if coupon.customer_id
    }


@transaction.atomic
def crown(campaign_id: int, choice: Choice, why: str, now: datetime) -> bool:
    """The rest gets the variant that did best; False when it was decided already."""
    campaign = mine(campaign_id)
    if campaign is None or campaign.winner is not None:
        return False
    campaign.winner, campaign.winner_why = choice.variant, why[:300]
    campaign.save(update_fields=["winner", "winner_why"])
    rest = Recipient.objects.of(campaign.store_id).filter(campaign=campaign, part=Part.REST, variant=None)
    is_local = campaign.settings.when == "local"
    # As many moments as there are time zones, at most.
    for due in list(rest.order_by().values_list("due_at", flat=True).distinct()):
        turn = timing.later(due, now, is_local=is_local)
        rest.filter(due_at=due).update(variant=choice.variant, due_at=turn)
    return True


def told_of(choice: Choice, *, by: str, by_hand: bool = False) -> str:
    """Why this variant, as the report says it."""
    name = NAMES[choice.variant]
    if by_hand:
        return f"{name} was chosen by hand."
    if choice.is_tie:
        return f"{name} goes on: no variant had more {by} than the others."
    sure = "clearly" if choice.confidence >= SURE else "not by much; it may be chance"
    return f"{name} had the most {by} for those who got it, {sure} ({choice.confidence:.0%} sure)."


@transaction.atomic
def finish(campaign_id: int, now: datetime) -> bool:
    """Nobody is left to be written to."""
    campaign = mine(campaign_id)
    if campaign is None or campaign.chosen_at is None:
        return False
    rows = Recipient.objects.of(campaign.store_id).filter(campaign=campaign, queued_at=None).exclude(part=Part.HELD)
    if rows.exists() or waiting_messages(campaign).exists():
        return False
    return bool(Campaign.objects.filter(pk=campaign.pk).update(state=State.SENT, finished_at=now))
