"""Goals: writing down what a journey is for when it happens, to who is in it and to who is held out alike."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from thereafter.events.base import ShopperEvent
from thereafter.events.journeys import JourneyGoalReached
from thereafter.events.orders import OrderPlaced
from thereafter.journeys import facts
from thereafter.journeys.actions import moving
from thereafter.journeys.models import Conversion, JourneyVersion, Run
from thereafter.journeys.rules import goals
from thereafter.journeys.rules.plans import Condition
from thereafter.journeys.versions import grounds
from thereafter.timeline.log import record


@dataclass(frozen=True)
class _Hit:
    run: Run
    event: ShopperEvent

    @property
    def key(self) -> tuple[int, str]:
        return self.run.pk, goals.event_key(self.event)


@transaction.atomic
def reach(events: Sequence[ShopperEvent], now: datetime) -> None:
    """Writes down each goal that these events reach, once per run and event, and ends the runs that end with it."""
    versions = _versions(events)
    hits = _sound(_within(_runs(events, versions), events, versions)) if versions else []
    known = _known(hits)
    new = list({hit.key: hit for hit in hits if hit.key not in known}.values())
    Conversion.objects.bulk_create([_conversion(hit) for hit in new], ignore_conflicts=True)
    first = _first(new, {run_id for run_id, _ in known})
    record(*(_reached(hit) for hit in first))
    ended = [hit.run for hit in first if hit.run.state == Run.State.WAITING and goals.stops(hit.run.version.document)]
    moving.end(ended, "goal", now)


def _versions(events: Iterable[ShopperEvent]) -> dict[int, JourneyVersion]:
    """The versions whose goal one of these events may reach."""
    rows = JourneyVersion.objects.filter(
        store_id__in={event.store_id for event in events},
        document__goal__event__in=sorted({event.name for event in events}),
    )
    return {version.pk: version for version in rows}


def _runs(events: Sequence[ShopperEvent], versions: Mapping[int, JourneyVersion]) -> list[Run]:
    longest = max(goals.window(version.document) for version in versions.values())
    rows = Run.objects.filter(
        store_id__in={event.store_id for event in events},
        customer_id__in={event.customer_id for event in events},
        version_id__in=versions,
        started_at__gte=min(event.occurred_at for event in events) - longest,
    )
    return list(rows.select_for_update(of=("self",)).select_related("journey", "version", "order").order_by("id"))


def _within(runs: Iterable[Run], events: Iterable[ShopperEvent], versions: Mapping[int, JourneyVersion]) -> list[_Hit]:
    told: dict[tuple[int, int, str], list[ShopperEvent]] = defaultdict(list)
    for event in events:
        told[event.store_id, event.customer_id, event.name].append(event)
    return [
        _Hit(run, event)
        for run in runs
        for event in told[run.store_id, run.customer_id, versions[run.version_id].document["goal"]["event"]]
        if goals.is_within(event.occurred_at, run.started_at, versions[run.version_id].document)
    ]


def _sound(hits: Sequence[_Hit]) -> list[_Hit]:
    """Those for which the goal's condition holds."""
    known = grounds({hit.run.version_id for hit in hits})
    by_version: dict[int, list[_Hit]] = defaultdict(list)
    for hit in hits:
        by_version[hit.run.version_id].append(hit)
    return [
        hit
        for version_id, group in by_version.items()
        for hit, holds in zip(group, _hold(group, known[version_id].plan.condition("goal")), strict=True)
        if holds
    ]


def _hold(hits: Sequence[_Hit], condition: Condition | None) -> Sequence[bool]:
    if condition is None:
        return [True] * len(hits)
    seats = [
        facts.Seat(one.store_id, one.customer_id, one.order_id, one.occurred_at, one.payload())
        for one in (hit.event for hit in hits)
    ]
    return [condition.holds(told) for told in facts.gather(seats, condition.names)]


def _known(hits: Iterable[_Hit]) -> set[tuple[int, str]]:
    """What these runs had reached before, by run and event."""
    runs = {hit.run.pk for hit in hits}
    return set(Conversion.objects.filter(run_id__in=runs).values_list("run_id", "event")) if runs else set()


def _first(hits: Iterable[_Hit], before: Collection[int]) -> list[_Hit]:
    """A run reaches its goal once; what follows is counted, not told again."""
    earliest: dict[int, _Hit] = {}
    for hit in sorted(hits, key=lambda hit: hit.event.occurred_at):
        if hit.run.pk not in before:
            earliest.setdefault(hit.run.pk, hit)
    return list(earliest.values())


def _conversion(hit: _Hit) -> Conversion:
    run = hit.run
    return Conversion(
        store_id=run.store_id,
        journey_id=run.journey_id,
        run=run,
        customer_id=run.customer_id,
        event=goals.event_key(hit.event),
        amount_minor=_amount(hit.event),
        at=hit.event.occurred_at,
    )


def _amount(event: ShopperEvent) -> int:
    return event.total_minor if isinstance(event, OrderPlaced) else 0


def _reached(hit: _Hit) -> JourneyGoalReached:
    run = hit.run
    return JourneyGoalReached(
        store_id=run.store_id,
        customer_id=run.customer_id,
        order_id=hit.event.order_id,
        occurred_at=hit.event.occurred_at,
        run_id=run.pk,
        journey=run.journey.name,
        held_out=run.state == Run.State.HELD,
        amount_minor=_amount(hit.event),
    )
