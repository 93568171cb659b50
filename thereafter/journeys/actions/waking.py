"""Waking those who wait for an event when it has come."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from thereafter.events.base import ShopperEvent
from thereafter.journeys import rows
from thereafter.journeys.actions.walking import Surroundings, Walker, ear_of, gathered
from thereafter.journeys.hearing import heard, is_about
from thereafter.journeys.models import Run, Timer
from thereafter.journeys.rules.deciding import decide
from thereafter.journeys.versions import Ground, grounds


@transaction.atomic
def wake(events: Sequence[ShopperEvent], now: datetime) -> int:
    """Lets the runs that wait for such an event look up now; returns how many. What follows is decided as ever."""
    waiting = Run.objects.filter(
        waits_for__in={event.name for event in events},
        customer_id__in={event.customer_id for event in events},
        state=Run.State.WAITING,
    ).exclude(waits_for="")
    told: dict[tuple[str, int], list[ShopperEvent]] = defaultdict(list)
    for event in events:
        told[event.name, event.customer_id].append(event)
    woken = [
        pk
        for pk, name, customer_id, order_id in waiting.values_list("pk", "waits_for", "customer_id", "order_id")
        if any(is_about(name, event.order_id, order_id) for event in told[name, customer_id])
    ]
    return _wake(woken, now)


@transaction.atomic
def look_up(run_ids: Collection[int], now: datetime) -> int:
    """Wakes those of these sleepers whose event is in the log already: it came while they fell asleep, and whoever told
    of it did not see them. The decision itself says whether it is theirs."""
    asleep = [row for row in rows.some(run_ids) if row.waits_for and row.state == Run.State.WAITING]
    walkers = [Walker(row, now) for row in asleep]
    known = grounds({row.version_id for row in asleep})
    told = heard([ear_of(walker, known[walker.row.version_id].plan) for walker in walkers])
    hopeful = [walker for walker in walkers if told[walker.row.id]]
    for walker in hopeful:
        walker.heard = told[walker.row.id]
    return _wake(_stirred(hopeful, known, now), now) if hopeful else 0


def _stirred(walkers: Sequence[Walker], known: Mapping[int, Ground], now: datetime) -> list[int]:
    """Those who would go on with what was told."""
    surroundings = Surroundings([walker.row for walker in walkers], known)
    stirred = []
    for walker, facts in zip(walkers, gathered(walkers, known, now), strict=True):
        decision = decide(known[walker.row.version_id].plan, surroundings.spot(walker), facts, now)
        if decision.asleep_at != walker.node:
            stirred.append(walker.row.id)
    return stirred


def _wake(run_ids: Collection[int], now: datetime) -> int:
    return Timer.objects.filter(run_id__in=run_ids, due_at__gt=now).update(due_at=now) if run_ids else 0
