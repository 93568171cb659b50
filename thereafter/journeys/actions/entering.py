"""Letting people in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from thereafter.events.base import Event, ShopperEvent
from thereafter.journeys import facts, rows
from thereafter.journeys.models import Journey, JourneyVersion, Run
from thereafter.journeys.queries import is_marketing
from thereafter.journeys.rules import entries
from thereafter.journeys.rules.entries import Before
from thereafter.journeys.rules.plans import HELD, Plan, share
from thereafter.journeys.versions import grounds
from thereafter.messaging.queries import in_control_group
from thereafter.timeline.rows import insert_new

# Known for long, done by a machine, or somebody else's matter.
_NOT_FOR_THEM = ("old", "machine", "is_gift")


@dataclass(slots=True)
class Entry:
    """An event at the door of a journey."""

    journey: Journey
    version: JourneyVersion
    plan: Plan
    event: ShopperEvent
    payload: dict[str, Any]
    key: str = ""
    turn: int = 1
    is_held: bool = False


@transaction.atomic
def start(events: Sequence[ShopperEvent], now: datetime) -> None:
    """Lets the customers of these events into the live journeys they trigger; the engine takes them on from there."""
    welcome = _with_turns(_welcome(_meant(events, now), now), now)
    if welcome:
        _hold_out(welcome)
        _let_in(welcome, now)


def _meant(events: Sequence[ShopperEvent], now: datetime) -> list[Entry]:
    """Each event with each journey whose trigger means it; what we heard of late, or lies long back, starts nothing."""
    triggered = _triggered(events)
    known = grounds({journey.version_id or 0 for group in triggered.values() for journey in group})
    found = []
    for event in events:
        for journey in triggered.get((event.store_id, event.name), ()):
            version = _version(journey)
            # As the database will give it back.
            payload = msgspec.json.decode(msgspec.json.encode(event.payload()))
            trigger = version.document["trigger"]
            if any(payload.get(no) for no in _NOT_FOR_THEM) or not entries.is_fresh(event.occurred_at, now, trigger):
                continue
            if entries.matches(trigger, payload, journey.key):
                found.append(Entry(journey, version, known[version.pk].plan, event, payload))
    return found


def _triggered(events: Iterable[Event]) -> Mapping[tuple[int, str], list[Journey]]:
    wanted = {(event.store_id, event.name) for event in events}
    live = Journey.objects.filter(
        store_id__in={store_id for store_id, _ in wanted},
        live=True,
        archived_at=None,
        version__trigger__in={name for _, name in wanted},
    )
    found: dict[tuple[int, str], list[Journey]] = defaultdict(list)
    for journey in live.select_related("version", "store").order_by("pk"):
        found[journey.store_id, _version(journey).trigger].append(journey)
    return found


def _version(journey: Journey) -> JourneyVersion:
    if journey.version is None:
        raise LookupError(f"journey {journey.key} was never published")
    return journey.version


def _welcome(at_the_door: Sequence[Entry], now: datetime) -> list[Entry]:
    """Those of whom the conditions of the trigger and of entry hold, journey by journey."""
    by_version: dict[int, list[Entry]] = defaultdict(list)
    for entry in at_the_door:
        by_version[entry.version.pk].append(entry)
    found = []
    for group in by_version.values():
        wanted = list(filter(None, (group[0].plan.condition("trigger"), group[0].plan.condition("entry"))))
        if not wanted:
            found += group
            continue
        names = frozenset[str]().union(*(condition.names for condition in wanted))
        seats = [facts.Seat(e.event.store_id, e.event.customer_id, e.event.order_id, now, e.payload) for e in group]
        for entry, told in zip(group, facts.gather(seats, names), strict=True):
            if all(condition.holds(told) for condition in wanted):
                found.append(entry)
    return found


def _with_turns(welcome: Sequence[Entry], now: datetime) -> list[Entry]:
    """Those who may enter for what they come for: once, or again when the last time is over."""
    returning = [entry for entry in welcome if entries.again_of(entry.version.document) != entries.NEVER]
    for entry in welcome:
        event = entry.event
        entry.key = entries.entry_key(
            entry.version.document["trigger"],
            customer_id=event.customer_id,
            order_id=event.order_id,
            payload=entry.payload,
        )
    before = _before(returning)
    for entry in returning:
        known = before[entry.journey.pk, entry.key]
        this = Before(0, is_active=True, started_at=now, happened_at=entry.event.occurred_at, facts=entry.payload)
        entry.turn = entries.next_turn(entries.again_of(entry.version.document), known, event=this, now=now)
        if entry.turn:
            known.append(Before(entry.turn, True, now, this.happened_at, this.facts))
    return [entry for entry in welcome if entry.turn]


def _before(returning: Sequence[Entry]) -> dict[tuple[int, str], list[Before]]:
    found: dict[tuple[int, str], list[Before]] = defaultdict(list)
    if returning:
        runs = Run.objects.filter(
            journey_id__in={entry.journey.pk for entry in returning}, entry_key__in={entry.key for entry in returning}
        )
        for run in runs.only("journey_id", "entry_key", "turn", "state", "started_at", "happened_at", "facts"):
            found[run.journey_id, run.entry_key].append(
                Before(run.turn, run.state == Run.State.WAITING, run.started_at, run.happened_at, run.facts)
            )
    return found


def _hold_out(welcome: Sequence[Entry]) -> None:
    """Whoever is held out of this journey, or of all marketing, is kept to be compared with and sent nothing."""
    marketing = {entry.version.pk: entry for entry in welcome}
    marketing = {pk: entry for pk, entry in marketing.items() if is_marketing(entry.journey.store_id, entry.plan)}
    control: dict[int, set[int]] = {}
    for entry in welcome:
        if entry.version.pk in marketing and entry.journey.store_id not in control:
            people = {one.event.customer_id for one in welcome if one.journey.store_id == entry.journey.store_id}
            control[entry.journey.store_id] = in_control_group(entry.journey.store, people)
    for entry in welcome:
        in_control = entry.version.pk in marketing and entry.event.customer_id in control[entry.journey.store_id]
        entry.is_held = in_control or is_held_out(entry.journey.pk, entry.version.document, entry.event.customer_id)


def is_held_out(journey_id: int, document: Mapping[str, Any], customer_id: int) -> bool:
    """Drawn by the customer's number, always alike for a journey: a larger holdout holds the same people and more."""
    return bool(share("holdout", journey_id, customer_id) * 100 < document.get("holdout", 0))


_FIELDS = (
    "store_id",
    "journey_id",
    "version_id",
    "customer_id",
    "order_id",
    "entry_key",
    "turn",
    "facts",
    "happened_at",
    "state",
    "node",
    "due_at",
    "entered_at",
    "started_at",
    "ended_at",
)


def _let_in(welcome: Sequence[Entry], now: datetime) -> None:
    """The database decides who is first: an entry that is there already stays the only one."""
    inserted = insert_new(Run, _FIELDS, [_values(entry, now) for entry in welcome])
    let_in = [(entry, run_id) for entry, run_id in zip(welcome, inserted, strict=True) if run_id]
    rows.add_timers({run_id: _due_at(entry, now) for entry, run_id in let_in if not entry.is_held})
    rows.count_passages(
        (
            (entry.journey.store_id, entry.version.pk, [("", HELD if entry.is_held else entry.plan.first)])
            for entry, _ in let_in
        ),
        now,
    )


def _values(entry: Entry, now: datetime) -> tuple[Any, ...]:
    event = entry.event
    return (
        event.store_id,
        entry.journey.pk,
        entry.version.pk,
        event.customer_id,
        event.order_id,
        entry.key,
        entry.turn,
        entry.payload,
        event.occurred_at,
        Run.State.HELD.value if entry.is_held else Run.State.WAITING.value,
        "" if entry.is_held else entry.plan.first,
        _due_at(entry, now),
        event.occurred_at,
        now,
        now if entry.is_held else None,
    )


def _due_at(entry: Entry, now: datetime) -> datetime:
    """Facts may lag behind the event that tells of them: a trigger can let some minutes pass first."""
    return now + timedelta(minutes=entry.version.document["trigger"].get("settle_minutes", 0))
