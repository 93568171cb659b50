"""Who would have come in: the trigger's events, the conditions of entry, once or again, held out or not."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from thereafter.journeys import queries
from thereafter.journeys.actions.entering import is_held_out
from thereafter.journeys.facts import Seat
from thereafter.journeys.models import Journey
from thereafter.journeys.rehearsing.past import Told
from thereafter.journeys.rehearsing.playing import HELD, VERSION, Moved, Play, Stage, gather
from thereafter.journeys.rows import Row
from thereafter.journeys.rules import deciding, entries, plans
from thereafter.journeys.rules.entries import Before
from thereafter.messaging.queries import in_control_group

_CHUNK = 2000
Watch = Callable[[int], object]


@dataclass(frozen=True)
class Door:
    """The entrance of a journey, as `document` has it."""

    journey: Journey
    stage: Stage

    def comers(self, since: datetime, until: datetime) -> list[Told]:
        """Those the trigger means and the conditions let in, in the order in which we were told of them."""
        meant = [told for told in self.stage.past.all(self._event, since, until) if self.means(told)]
        plan = self.stage.ground.plan
        wanted = [one for one in (plan.condition("trigger"), plan.condition("entry")) if one]
        if not wanted:
            return meant
        names = frozenset[str]().union(*(condition.names for condition in wanted))
        found = []
        for first in range(0, len(meant), _CHUNK):
            chunk = meant[first : first + _CHUNK]
            told = gather([self._seat(one) for one in chunk], self.stage, names)
            found += [
                one
                for one, known in zip(chunk, told, strict=True)
                if all(condition.holds(known) for condition in wanted)
            ]
        return found

    @property
    def _event(self) -> str:
        return plans.trigger_event(self.stage.document["trigger"])

    def means(self, told: Told) -> bool:
        """Whether the trigger means this event, and it came in time."""
        trigger = self.stage.document["trigger"]
        if told.payload.get("old") or not entries.is_fresh(told.occurred_at, told.recorded_at, trigger):
            return False
        return entries.matches(trigger, told.payload, self.journey.key)

    def _seat(self, told: Told) -> Seat:
        at = told.recorded_at - self.stage.shift
        return Seat(self.stage.store_id, told.customer_id, told.order_id, at, told.payload)

    def key(self, told: Told) -> str:
        return entries.entry_key(
            self.stage.document["trigger"],
            customer_id=told.customer_id,
            order_id=told.order_id,
            payload=told.payload,
        )

    def held_out(self, customers: set[int]) -> set[int]:
        """Those whom the journey's holdout, or the control group of all marketing, keeps out."""
        held = {one for one in customers if is_held_out(self.journey.pk, self.stage.document, one)}
        if queries.is_marketing(self.stage.store_id, self.stage.ground.plan):
            held |= in_control_group(self.journey.store, customers)
        return held


def rounds(door: Door, comers: Sequence[Told], watch: Watch = lambda count: None) -> Iterator[list[Play]]:
    """Those who enter, in rounds: who comes again for the same thing is let in as their last time, played before, says.

    Each round must have been played before the next is asked for. `watch` hears how many entered.
    """
    waiting: dict[str, list[Told]] = defaultdict(list)
    for told in comers:
        waiting[door.key(told)].append(told)
    held = door.held_out({told.customer_id for told in comers})
    again = entries.again_of(door.stage.document)
    before: dict[str, list[Play]] = defaultdict(list)
    number = 0
    while waiting:
        entered = []
        for key in list(waiting):
            comer, turn = _next(waiting[key], before[key], again)
            if comer is None:
                del waiting[key]
                continue
            number += 1
            made = play_of(door, comer, number, turn, is_held=comer.customer_id in held)
            before[key].append(made)
            entered.append(made)
        if entered:
            watch(number)
            yield entered


def _next(waiting: list[Told], before: Sequence[Play], again: object) -> tuple[Told | None, int]:
    """The next of these who may enter, with their turn; those who may not are gone."""
    while waiting:
        told = waiting.pop(0)
        this = _before(told, 0, is_active=True)
        if again == entries.NEVER:
            turn = 0 if before else 1
        else:
            times = [_before(one.event, one.turn, is_active=_is_active(one, told.recorded_at)) for one in before]
            turn = entries.next_turn(again, times, event=this, now=told.recorded_at)
        if turn:
            return told, turn
    return None, 0


def _before(told: Told, turn: int, *, is_active: bool) -> Before:
    return Before(turn, is_active, told.recorded_at, told.occurred_at, told.payload)


def _is_active(one: Play, moment: datetime) -> bool:
    return one.ended_at is None or one.ended_at > moment


def play_of(door: Door, told: Told, number: int, turn: int, *, is_held: bool) -> Play:
    """The run that would begin with this event."""
    stage = door.stage
    first = stage.ground.plan.first
    due_at = told.recorded_at + timedelta(minutes=stage.document["trigger"].get("settle_minutes", 0))
    row = Row(
        id=number,
        store_id=stage.store_id,
        journey_id=door.journey.pk,
        version_id=VERSION,
        customer_id=told.customer_id,
        order_id=told.order_id,
        facts_as_text=msgspec.json.encode(told.payload).decode(),
        happened_as_text=told.occurred_at.isoformat(),
        state=deciding.WAITING,
        node=first,
        visit=1,
        due_as_text=due_at.isoformat(),
        asleep_at="",
        waits_for="",
        entered_as_text=told.occurred_at.isoformat(),
        attempts=0,
        slept=False,
    )
    made = Play(row, told, told.recorded_at, turn)
    made.moved.append(Moved(told.recorded_at, "", plans.HELD if is_held else first))
    if is_held:
        made.end(HELD, "", told.recorded_at)
    return made
