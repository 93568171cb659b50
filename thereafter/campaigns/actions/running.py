"""A campaign on its way, first half: its moment comes, and people are chosen.

Each step is one short transaction on the campaign's locked row, and leaves a cursor behind: a worker that dies has
done a whole step or none, and the next one goes on.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Max

from thereafter.campaigns import audience
from thereafter.campaigns.models import Campaign, Recipient
from thereafter.campaigns.rules import drawing, timing
from thereafter.campaigns.rules.plans import Plan
from thereafter.commerce.models import Customer
from thereafter.timeline.rows import insert

State = Campaign.State
Part = Recipient.Part
PEOPLE_AT_ONCE = 5_000


def mine(campaign_id: int, state: str = State.SENDING) -> Campaign | None:
    """The row, locked, when nobody else works on it and it is still to go on."""
    rows = Campaign.objects.filter(pk=campaign_id, state=state)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows.select_related("store").first()


@transaction.atomic
def begin(campaign_id: int, now: datetime) -> bool:
    """Its moment has come."""
    rows = Campaign.objects.filter(pk=campaign_id, state=State.SCHEDULED, launch_at__lte=now)
    return bool(rows.update(state=State.SENDING, next_slot_at=F("launch_at")))


@transaction.atomic
def choose_people(campaign_id: int, now: datetime) -> int:
    """Looks at the next few thousand of the audience; returns how many, 0 when all were looked at."""
    campaign = mine(campaign_id)
    if campaign is None or campaign.chosen_at is not None:
        return 0
    launched = campaign.launch_at or now
    everybody = audience.chosen(campaign.store, campaign.settings, launched).filter(pk__gt=campaign.cursor)
    people = list(everybody.order_by("pk")[:PEOPLE_AT_ONCE])
    if people:
        _take(campaign, people, launched)
    else:
        _all_are_chosen(campaign, now)
    return len(people)


def _take(campaign: Campaign, people: Sequence[Customer], launched: datetime) -> None:
    plan = campaign.settings
    known = audience.reached(campaign.store, plan, people, launched)
    left_out = Counter(one.why_not for one in known if one.why_not)
    insert(_recipient(campaign, plan, one, launched) for one in known if not one.why_not)
    campaign.left_out = dict(Counter(campaign.left_out) + left_out)
    campaign.cursor = people[-1].pk
    campaign.save(update_fields=["left_out", "cursor"])


def _recipient(campaign: Campaign, plan: Plan, one: audience.Reached, launched: datetime) -> Recipient:
    part, variant = drawing.part_of(plan, campaign.pk, one.customer_id)
    return Recipient(
        store_id=campaign.store_id,
        campaign_id=campaign.pk,
        customer_id=one.customer_id,
        part=part,
        variant=variant,
        lot=drawing.lot("most", campaign.pk, one.customer_id),
        due_at=timing.due_at(plan, zone=one.zone, launched_at=launched),
    )


def _all_are_chosen(campaign: Campaign, now: datetime) -> None:
    plan, rows = campaign.settings, Recipient.objects.of(campaign.store_id).filter(campaign=campaign)
    if plan.most_people is not None:
        last = rows.order_by("lot", "pk").values_list("lot", flat=True)[plan.most_people : plan.most_people + 1]
        for lot in last:
            rows.filter(lot__gte=lot).delete()
    if plan.waits_for_winner:
        tested = rows.filter(part=Part.TEST).aggregate(last=Max("due_at"))["last"]
        campaign.decide_at = (tested or now) + timedelta(hours=plan.winner_hours)
    campaign.chosen_at = now
    campaign.save(update_fields=["chosen_at", "decide_at"])
