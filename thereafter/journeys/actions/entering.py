"""Letting people in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from thereafter.events.base import Event, ShopperEvent
from thereafter.journeys.models import Journey, JourneyVersion, Run
from thereafter.journeys.rules import conditions, entries


@transaction.atomic
def start(events: Sequence[ShopperEvent], now: datetime) -> None:
    """Lets the customers of these events into the live journeys they trigger; the engine takes them on from there."""
    journeys = _triggered(events)
    runs = [
        _run(journey, event, now)
        for event in events
        for journey in journeys[event.store_id, event.name]
        if _may_enter(journey, event, now)
    ]
    Run.objects.bulk_create(runs, ignore_conflicts=True)


def _triggered(events: Iterable[Event]) -> Mapping[tuple[int, str], list[Journey]]:
    wanted = {(event.store_id, event.name) for event in events}
    live = Journey.objects.filter(
        store_id__in={store_id for store_id, _ in wanted}, live=True, version__trigger__in={name for _, name in wanted}
    )
    found: dict[tuple[int, str], list[Journey]] = defaultdict(list)
    for journey in live.select_related("version"):
        found[journey.store_id, _version(journey).trigger].append(journey)
    return found


def _version(journey: Journey) -> JourneyVersion:
    if journey.version is None:
        raise LookupError(f"journey {journey.key} was never published")
    return journey.version


def _may_enter(journey: Journey, event: ShopperEvent, now: datetime) -> bool:
    """What we heard of late, or what lies long back, starts nothing."""
    trigger, fact = _version(journey).document["trigger"], event.payload()
    if fact.get("old") or not entries.is_fresh(event.occurred_at, now, trigger):
        return False
    return conditions.holds(trigger.get("if"), {"fact": fact})


def _run(journey: Journey, event: ShopperEvent, now: datetime) -> Run:
    version, payload = _version(journey), event.payload()
    key = entries.entry_key(
        version.document["trigger"], customer_id=event.customer_id, order_id=event.order_id, payload=payload
    )
    return Run(
        store_id=journey.store_id,
        journey=journey,
        version=version,
        customer_id=event.customer_id,
        order_id=event.order_id,
        entry_key=key,
        facts=payload,
        node=version.document["steps"][0]["id"],
        due_at=now,
        started_at=now,
    )
