"""Who a campaign is for, and by which channel it would reach them. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from thereafter.campaigns.rules.plans import Plan
from thereafter.commerce.models import Customer, Order
from thereafter.journeys.models import Segment, SegmentMember
from thereafter.journeys.selecting import customers as meeting
from thereafter.messaging import catalogue, reach, standing
from thereafter.messaging.catalogue import Template
from thereafter.messaging.models import Message
from thereafter.messaging.rules import gate
from thereafter.stores.models import Store

# Journeys answer to something a person did; a campaign can wait for them.
PRIORITY = -10


def chosen(store: Store, plan: Plan, now: datetime) -> QuerySet[Customer]:
    """Everybody in any of the segments (or all customers) who meets the condition and is in no excluded segment.

    Raises `BadCondition` when a condition cannot be asked.
    """
    people = meeting(store, plan.condition, now) if plan.condition else _all(store)
    named = {one.pk: one for one in Segment.objects.of(store).filter(pk__in=[*plan.segments, *plan.excluded])}
    if plan.segments:
        wanted = Q()
        for pk in plan.segments:
            wanted |= Q(pk__in=_members(store, named[pk], now))
        people = people.filter(wanted)
    for pk in plan.excluded:
        people = people.exclude(pk__in=_members(store, named[pk], now))
    return people


def _all(store: Store) -> QuerySet[Customer]:
    return Customer.objects.of(store).filter(merged_into__isnull=True)


def _members(store: Store, segment: Segment, now: datetime) -> QuerySet[Customer, int]:
    """Who is in a segment at this moment: by its condition, not by when it was last counted."""
    if not segment.is_list:
        return meeting(store, segment.condition, now).order_by().values_list("pk", flat=True)
    inside = SegmentMember.objects.of(store).filter(segment=segment, left_at__isnull=True).values("customer_id")
    return Customer.objects.of(store).filter(pk__in=inside).values_list("pk", flat=True)


@dataclass(frozen=True, slots=True)
class Reached:
    """One of the audience: the channel that would take the message ("" and why not), and whose clock is theirs."""

    customer_id: int
    channel: str
    why_not: str
    zone: str


def reached(store: Store, plan: Plan, people: Sequence[Customer], now: datetime) -> list[Reached]:
    """Asks the contact rules what will hold for good: addresses, consent, closed addresses, the control group.

    Night, caps and the pace of a channel are asked when it is sent: these delay, and do not decide.
    """
    template = _template(store, plan)
    orders = _last_orders(store, people) if plan.when == "local" else {}
    messages = [_message(store, plan, template, one, orders.get(one.pk), now) for one in people]
    judged = standing.gather(messages, reach.addresses(messages), now, history={})
    return [_reached(candidate, facts, now) for candidate, facts in judged]


def _template(store: Store, plan: Plan) -> Template:
    return catalogue.template(store, plan.variants[0].template)


def channels_of(plan: Plan, template: Template) -> list[str]:
    """Those wanted that the template has words for, the wanted ones first."""
    wanted = plan.channels or template.channels
    return [channel for channel in wanted if channel in template.channels]


def _message(
    store: Store, plan: Plan, template: Template, customer: Customer, order: Order | None, now: datetime
) -> Message:
    customer.store = store
    message = Message(
        pk=customer.pk,
        store=store,
        customer=customer,
        message_class=template.message_class,
        channels=channels_of(plan, template),
        topic=plan.topic,
        priority=PRIORITY,
        created_at=now,
    )
    # Where the last parcel went says in which state of a wide country they live.
    message.order = order
    return message


def _reached(candidate: gate.Candidate, facts: gate.Facts, now: datetime) -> Reached:
    verdict = gate.judge(candidate, facts, now)
    # One that has a channel and does not go at this moment may go at another.
    is_out = verdict.answer == gate.SKIP and not verdict.channel
    return Reached(candidate.customer_id, verdict.channel, verdict.why if is_out else "", facts.zones[0])


def _last_orders(store: Store, people: Sequence[Customer]) -> dict[int, Order]:
    rows = Order.objects.of(store).filter(customer__in=[one.pk for one in people]).order_by("placed_at", "pk")
    return {order.customer_id: order for order in rows.only("pk", "customer_id", "shipping_address")}
