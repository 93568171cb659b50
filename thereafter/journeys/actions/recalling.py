"""Calling back what a journey has queued and the contact rules hold (a night, a full week), when an event comes that
would have ended it: the mail about a forgotten cart does not go out in the morning after the order."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from thereafter.events.base import ShopperEvent
from thereafter.journeys.hearing import is_about
from thereafter.journeys.models import Conversion, Run
from thereafter.journeys.rules import goals
from thereafter.journeys.versions import Ground, grounds
from thereafter.messaging.actions.withdrawing import withdraw
from thereafter.messaging.models import Message, MessageClass

# What a reason begins with; the event's name follows.
OVERTAKEN = "overtaken"


@transaction.atomic
def recall(events: Sequence[ShopperEvent], now: datetime) -> int:
    """Takes back offers and questions of journeys that stop on one of these events, or whose goal was reached by one;
    returns how many. News of orders go out whatever happens."""
    queued = _queued(events)
    runs = Run.objects.select_related("version").in_bulk(set(queued.values())) if queued else {}
    if not runs:
        return 0
    known = grounds({run.version_id for run in runs.values()})
    reached = _reached(runs)
    told: dict[int, list[ShopperEvent]] = defaultdict(list)
    for event in events:
        told[event.customer_id].append(event)
    whys = {
        message_id: f"{OVERTAKEN}:{name}"
        for message_id, run_id in queued.items()
        if (run := runs.get(run_id)) and (name := _ended_by(run, told[run.customer_id], known, reached))
    }
    return withdraw(whys, now) if whys else 0


def _queued(events: Sequence[ShopperEvent]) -> dict[int, int]:
    """The run of each message that waits for one of these people."""
    rows = Message.objects.filter(
        store_id__in={event.store_id for event in events},
        customer_id__in={event.customer_id for event in events},
        state=Message.State.QUEUED,
        key__startswith="run:",
    ).exclude(message_class=MessageClass.TRANSACTIONAL)
    parts = ((pk, key.split(":")[1]) for pk, key in rows.values_list("pk", "key"))
    return {pk: int(number) for pk, number in parts if number.isdecimal()}


def _reached(runs: Mapping[int, Run]) -> set[int]:
    """Those that have reached a goal with which their journey is over."""
    over = [pk for pk, run in runs.items() if goals.stops(run.version.document)]
    return set(Conversion.objects.filter(run_id__in=over).values_list("run_id", flat=True)) if over else set()


def _ended_by(run: Run, events: Sequence[ShopperEvent], known: Mapping[int, Ground], reached: Collection[int]) -> str:
    stops_on = known[run.version_id].plan.stops_on
    name = next((one.name for one in events if one.name in stops_on and _concerns(one, run)), "")
    return name or (str(run.version.document["goal"]["event"]) if run.pk in reached else "")


def _concerns(event: ShopperEvent, run: Run) -> bool:
    """Not what started it, nor what was over before."""
    is_own_order = event.name == "order.placed" and event.order_id == run.order_id
    is_later = event.occurred_at >= run.happened_at
    return is_later and not is_own_order and is_about(event.name, event.order_id, run.order_id)
