"""Campaigns as the marketer handles them: drafted, sent off, held, called off."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from thereafter.campaigns.actions.queueing import waiting_messages
from thereafter.campaigns.models import Campaign, Recipient
from thereafter.campaigns.queries import known_segments, known_templates
from thereafter.campaigns.rules import plans, timing
from thereafter.campaigns.rules.plans import Plan, Problem
from thereafter.messaging.models import Message
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

State = Campaign.State


class NotReady(ValueError):
    """The campaign cannot go out as it is; `problems` say what to do."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = problems


class TooLate(ValueError):
    """The campaign has gone on since; the text says where it is."""


@transaction.atomic
def draft(store: Store, name: str, plan: Plan, *, now: datetime, by: Staff | None = None) -> Campaign:
    campaign = Campaign.objects.create(
        store=store, name=name.strip()[:100] or "Campaign", plan=plans.write(plan), created_at=now, created_by=by
    )
    audit(store, by=by, verb="campaigns.draft", now=now, subject=campaign.name)
    return campaign


@transaction.atomic
def change(campaign: Campaign, *, name: str, plan: Plan) -> None:
    """Raises `TooLate` when it is no draft any more."""
    wanted = {"name": name.strip()[:100] or campaign.name, "plan": plans.write(plan)}
    won = Campaign.objects.of(campaign.store_id).filter(pk=campaign.pk, state=State.DRAFT).update(**wanted)
    if not won:
        raise TooLate("It was sent off already. Take it back first to change it.")
    campaign.name, campaign.plan = wanted["name"], wanted["plan"]  # type: ignore[assignment]  # as written above


@transaction.atomic
def copy(campaign: Campaign, *, now: datetime, by: Staff | None = None) -> Campaign:
    """A new draft that says the same to the same people; its day is to be set."""
    plan = plans.write(campaign.settings) | {"at": ""}
    return draft(campaign.store, f"{campaign.name[:90]} (copy)", plans.read(plan), now=now, by=by)


@transaction.atomic
def delete(campaign: Campaign, *, now: datetime, by: Staff | None = None) -> bool:
    """Only what never went to anybody."""
    gone, _ = Campaign.objects.of(campaign.store_id).filter(pk=campaign.pk, state=State.DRAFT).delete()
    if gone:
        audit(campaign.store, by=by, verb="campaigns.delete", now=now, subject=campaign.name)
    return bool(gone)


@transaction.atomic
def launch(campaign: Campaign, *, now: datetime, by: Staff | None = None) -> datetime:
    """Sends it off: at once, or when its moment comes. Raises `NotReady` or `TooLate`; returns when it begins."""
    plan, store = campaign.settings, campaign.store
    found = list(plans.problems(plan, templates=known_templates(store), segments=known_segments(store)))
    if found:
        raise NotReady(found)
    at = timing.launch_at(plan, now=now, shop_zone=store.time_zone)
    rows = Campaign.objects.of(store).filter(pk=campaign.pk, state=State.DRAFT)
    if not rows.update(state=State.SCHEDULED, launch_at=at, cursor=0, left_out={}, chosen_at=None):
        raise TooLate("It was sent off already.")
    campaign.state, campaign.launch_at = State.SCHEDULED, at
    audit(store, by=by, verb="campaigns.launch", now=now, subject=campaign.name, detail={"begins": at.isoformat()})
    return at


@transaction.atomic
def take_back(campaign: Campaign, *, now: datetime, by: Staff | None = None) -> None:
    """A campaign that waits for its moment is a draft again; raises `TooLate` once it began."""
    rows = Campaign.objects.of(campaign.store_id).filter(pk=campaign.pk, state=State.SCHEDULED)
    if not rows.update(state=State.DRAFT, launch_at=None):
        raise TooLate("It has begun already: pause or cancel it instead.")
    audit(campaign.store, by=by, verb="campaigns.take_back", now=now, subject=campaign.name)


@transaction.atomic
def pause(campaign: Campaign, *, now: datetime, by: Staff | None = None) -> int:
    """Nothing more goes out until it is resumed; returns how many messages were called back in time."""
    rows = Campaign.objects.of(campaign.store_id).filter(pk=campaign.pk, state=State.SENDING)
    if not rows.update(state=State.PAUSED, paused_at=now):
        raise TooLate("Only a campaign that is being sent can be paused.")
    called_back = _call_back(campaign)
    audit(campaign.store, by=by, verb="campaigns.pause", now=now, subject=campaign.name)
    return called_back


@transaction.atomic
def resume(campaign: Campaign, *, now: datetime, by: Staff | None = None) -> None:
    """It goes on where it was; those whose turn has passed get it now."""
    rows = Campaign.objects.of(campaign.store_id).filter(pk=campaign.pk, state=State.PAUSED)
    if not rows.update(state=State.SENDING, paused_at=None, next_slot_at=now):
        raise TooLate("Only a paused campaign can go on.")
    audit(campaign.store, by=by, verb="campaigns.resume", now=now, subject=campaign.name)


@transaction.atomic
def cancel(campaign: Campaign, *, now: datetime, by: Staff | None = None) -> int:
    """Nobody else gets it, ever; returns how many messages were called back in time."""
    rows = Campaign.objects.of(campaign.store_id).filter(pk=campaign.pk, state__in=Campaign.RUNNING)
    if not rows.update(state=State.CANCELLED, finished_at=now):
        raise TooLate("It is over already.")
    called_back = _call_back(campaign)
    audit(campaign.store, by=by, verb="campaigns.cancel", now=now, subject=campaign.name)
    return called_back


def _call_back(campaign: Campaign) -> int:
    """What is queued and not yet handed over waits again. A worker that has one in its hands finds it gone."""
    queued = waiting_messages(campaign).filter(state=Message.State.QUEUED)
    people = list(queued.values_list("customer_id", flat=True))
    queued.filter(customer_id__in=people).delete()
    left = set(
        Message.objects.of(campaign.store_id)
        .filter(origin=campaign.origin, customer_id__in=people)
        .values_list("customer_id", flat=True)
    )
    back = Recipient.objects.of(campaign.store_id).filter(campaign=campaign, customer_id__in=set(people) - left)
    return back.update(queued_at=None)


@transaction.atomic
def move_to(keep_id: int, merged_id: int, store_id: int) -> None:
    """A customer who turned out to be another one is in a campaign once, and gets it once."""
    rows = Recipient.objects.of(store_id)
    there = dict(rows.filter(customer_id=keep_id).values_list("campaign_id", "queued_at"))
    twice = rows.filter(customer_id=merged_id, campaign_id__in=there).select_related("campaign")
    for one in twice.exclude(queued_at=None):
        if there[one.campaign_id] is None:
            kept = rows.filter(customer_id=keep_id, campaign_id=one.campaign_id)
            kept.exclude(part=Recipient.Part.HELD).update(queued_at=one.queued_at)
        else:
            mine = Message.objects.of(store_id).filter(key=f"{one.campaign.origin}:{merged_id}")
            mine.filter(state=Message.State.QUEUED).delete()
    twice.delete()
    rows.filter(customer_id=merged_id).update(customer_id=keep_id)


def labels(plan: Plan, templates: Mapping[str, str]) -> list[str]:
    """What each variant is called in lists."""
    return [variant.subject or templates.get(variant.template, "No template yet") for variant in plan.variants]
