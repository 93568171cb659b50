"""Following one real customer through a journey, step by step, by what is known of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from thereafter.commerce.models import Customer, Order
from thereafter.journeys.facts import Facts, Seat
from thereafter.journeys.models import Journey
from thereafter.journeys.rehearsing.arriving import Door, play_of
from thereafter.journeys.rehearsing.doors import Document, Span, stage_of
from thereafter.journeys.rehearsing.judging import Letter, judge
from thereafter.journeys.rehearsing.past import Told
from thereafter.journeys.rehearsing.playing import Play, Stage, gather, play
from thereafter.journeys.rules import deciding, plans
from thereafter.timeline.models import Entry

# Nothing happens beyond now, but waits still come to their end.
_FUTURE = timedelta(days=1100)
_MOST_EVENTS = 10
_OF_EVENT = re.compile(r"\bfact\.(\w+)")


@dataclass(frozen=True)
class Known:
    """A fact that a condition asked for, and what it was."""

    name: str
    value: Any


@dataclass
class Scene:
    """One step of the way: when one came to it and left it, and where to. `step` is "" at the door."""

    step: str
    came_at: datetime
    left_at: datetime | None = None
    to: str = ""
    why: str = ""
    known: list[Known] = field(default_factory=list)
    letter: Letter | None = None


@dataclass(frozen=True)
class Way:
    """The way of one customer. `doubts` say why a live journey would not have let them in."""

    scenes: Sequence[Scene]
    play: Play
    event: Told
    doubts: Sequence[str]
    is_made_up: bool


def events_of(journey: Journey, document: Document, customer: Customer) -> list[Told]:
    """What could have let the customer in, newest first."""
    name = plans.trigger_event(document["trigger"])
    rows = Entry.objects.of(journey.store_id).filter(name=name, customer_id=customer.pk)
    return [_told(row) for row in rows.order_by("-recorded_at", "-pk")[:_MOST_EVENTS]]


def follow(journey: Journey, document: Document, customer: Customer, event: Told | None, now: datetime) -> Way:
    """The way that the customer would go from this event on; without one, as if it happened now."""
    told = event or _made_up(journey, document, customer, now)
    stage = stage_of(journey, document, Span(told.recorded_at, now + _FUTURE), customer_id=customer.pk)
    door = Door(journey, stage)
    made = play_of(door, told, 1, 1, is_held=False)
    play([made], stage)
    letters = judge(journey, [made], stage)
    return Way(list(_scenes(made, letters, stage)), made, told, list(_doubts(door, told)), is_made_up=event is None)


def _told(row: Entry) -> Told:
    return Told(row.pk, row.name, row.customer_id or 0, row.order_id, row.occurred_at, row.recorded_at, row.payload)


def _made_up(journey: Journey, document: Document, customer: Customer, now: datetime) -> Told:
    """The event as it last happened to anybody, as if to this customer now, about their last order."""
    name = plans.trigger_event(document["trigger"])
    like = Entry.objects.of(journey.store_id).filter(name=name).order_by("-occurred_at").first()
    order = Order.objects.of(journey.store_id).filter(customer=customer).order_by("-placed_at").first()
    return Told(0, name, customer.pk, order.pk if order else None, now, now, like.payload if like else {})


def _doubts(door: Door, told: Told) -> Iterator[str]:
    if not door.means(told):
        yield "The event came too late, or is not the one that the trigger means."
    plan = door.stage.ground.plan
    for place, what in (("trigger", "The condition of the trigger"), ("entry", "The condition of entry")):
        condition = plan.condition(place)
        if condition:
            seat = Seat(door.stage.store_id, told.customer_id, told.order_id, told.recorded_at, told.payload)
            (known,) = gather([seat], door.stage, condition.names)
            if not condition.holds(known):
                yield f"{what} does not hold."
    if door.held_out({told.customer_id}):
        yield "They are held out by chance, so that it can be seen what the journey earns."


def _scenes(made: Play, letters: Sequence[Letter], stage: Stage) -> Iterator[Scene]:
    by_step = {letter.step: letter for letter in letters}
    whys = {step: why for _, step, why in made.stays}
    came_at = made.started_at
    for moved in made.moved:
        scene = Scene(moved.step, came_at, moved.at, moved.to, whys.get(moved.step, ""))
        scene.known = list(_asked(moved.step, moved.at, made, stage)) if moved.step else []
        scene.letter = by_step.get(moved.step)
        came_at = moved.at
        yield scene
    if made.state == deciding.WAITING and made.row.asleep_at:
        yield Scene(made.row.asleep_at, came_at, why=whys.get(made.row.asleep_at, ""))


def _asked(step: str, at: datetime, made: Play, stage: Stage) -> Iterator[Known]:
    """What the conditions of a step were asked of, as it was then."""
    facts: Facts = next((known for moment, known in reversed(made.known) if moment <= at), {})
    # In a wait for an event, `fact` is what is waited for.
    is_wait = stage.ground.plan.steps[step]["kind"] == "wait_for"
    for (where, _), condition in stage.ground.plan.conditions.items():
        if where == step:
            for name in sorted(condition.names - {"fact"} if is_wait else condition.names):
                yield from _values(name, facts, str(getattr(condition, "text", "")))


def _values(name: str, facts: Facts, text: str) -> Iterator[Known]:
    root, _, key = name.partition(":")
    if name == "fact":
        told: Mapping[str, Any] = facts.get("fact") or {}
        for one in dict.fromkeys(_OF_EVENT.findall(text)):
            yield Known(f"fact.{one}", told.get(one))
    elif name == "trait":
        for one in dict.fromkeys(re.findall(r"trait\[['\"]([^'\"]+)['\"]\]|trait\.(\w+)", text)):
            trait = one[0] or one[1]
            yield Known(f"trait.{trait}", (facts.get("trait") or {}).get(trait))
    elif key:
        yield Known(name, (facts.get(root) or {}).get(key))
    else:
        yield Known(name, facts.get(name))
