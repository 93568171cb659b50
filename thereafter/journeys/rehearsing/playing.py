"""Walking virtual runs from wake to wake by the engine's own walker and `decide`; nothing is written, nothing sent."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from thereafter.journeys import facts, hearing
from thereafter.journeys.actions.walking import Surroundings, Walker, ear_of
from thereafter.journeys.facts import Facts, Seat
from thereafter.journeys.registry import Stop, steps
from thereafter.journeys.rehearsing.past import Past, Told
from thereafter.journeys.rows import Row
from thereafter.journeys.rules import deciding, goals
from thereafter.journeys.rules.deciding import Spot
from thereafter.journeys.rules.plans import STOPPED
from thereafter.journeys.versions import Ground

HELD = "held"
_CHUNK = 2000
# The version id of every virtual run: there is one document.
VERSION = 0


class Act(NamedTuple):
    """A step that was carried out for somebody, and when."""

    at: datetime
    step: str


class Moved(NamedTuple):
    """An edge that was walked, and when."""

    at: datetime
    step: str
    to: str


@dataclass(slots=True)
class Play:
    """One virtual run. `now` is when it is looked at next; `stays` what it stood waiting for, (when, why)."""

    row: Row
    event: Told
    started_at: datetime
    turn: int = 1
    now: datetime = field(init=False)
    state: str = deciding.WAITING
    outcome: str = ""
    ended_at: datetime | None = None
    moved: list[Moved] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    stays: list[tuple[datetime, str, str]] = field(default_factory=list)
    known: list[tuple[datetime, Facts]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = self.started_at

    @property
    def customer_id(self) -> int:
        return self.row.customer_id

    def end(self, state: str, outcome: str, at: datetime) -> None:
        self.state, self.outcome, self.ended_at = state, outcome, at


@dataclass(frozen=True)
class Stage:
    """What plays are played on: the document made ready, the log, and until when.

    `looked` answers when the worker looks, for a moment that something is due: at once, or in a recorded rhythm.
    """

    store_id: int
    document: Mapping[str, Any]
    ground: Ground
    past: Past
    until: datetime
    shift: timedelta = timedelta(0)
    looked: Callable[[datetime], datetime] = lambda due: due
    keeps_facts: bool = False


def play(plays: Sequence[Play], stage: Stage) -> None:
    """Plays each to its end, or to the end of time."""
    reached = goals_reached(plays, stage) if goals.stops(stage.document) else {}
    for first in range(0, len(plays), _CHUNK):
        chunk = [one for one in plays[first : first + _CHUNK] if one.state == deciding.WAITING]
        surroundings = Surroundings([one.row for one in chunk], {VERSION: stage.ground})
        moving = [one for one in chunk if _wake(one, stage, reached.get(one.row.id, ()))]
        while moving:
            _walk(moving, stage, surroundings)
            moving = [one for one in moving if _wake(one, stage, reached.get(one.row.id, ()))]


def _walk(plays: Sequence[Play], stage: Stage, surroundings: Surroundings) -> None:
    walking = [(one, Walker(one.row, one.now)) for one in plays]
    while walking:
        seats = [_seat(one, stage) for one, _ in walking]
        told = gather(seats, stage)
        walking = [pair for pair, known in zip(walking, told, strict=True) if _step(*pair, known, stage, surroundings)]


def _seat(one: Play, stage: Stage) -> Seat:
    return Seat(one.row.store_id, one.row.customer_id, one.row.order_id, one.now - stage.shift, one.event.payload)


def gather(seats: Sequence[Seat], stage: Stage, names: Iterable[str] | None = None) -> list[Facts]:
    """Facts as they were then; in a future that is made of the past, moments are moved along."""
    asked = stage.ground.plan.names if names is None else frozenset(names)
    told = facts.gather(seats, asked) if asked else [{"now": seat.at} for seat in seats]
    if not stage.shift:
        return told
    return [
        {name: value + stage.shift if isinstance(value, datetime) else value for name, value in known.items()}
        for known in told
    ]


def _step(one: Play, walker: Walker, known: Facts, stage: Stage, surroundings: Surroundings) -> bool:
    """Decides once; whether it has to be asked again."""
    plan, now = stage.ground.plan, one.now
    decision = deciding.decide(plan, _spot(one, walker, stage, surroundings), known, now)
    walker.take(decision, now)
    if stage.keeps_facts:
        one.known.append((now, known))
    one.acts += [Act(now, step) for step in decision.effects]
    _refuse_unknown(one, walker, decision.effects, stage)
    if decision.listens and walker.standing is None:
        walker.heard = stage.past.heard(ear_of(walker, plan), now)
    if walker.standing is None:
        return True
    one.moved += [Moved(now, step, to) for step, to in walker.edges]
    _stand(one, walker)
    return False


def _refuse_unknown(one: Play, walker: Walker, effects: Iterable[str], stage: Stage) -> None:
    """A kind of step that is not installed ends a live run; so it does here."""
    plan = stage.ground.plan
    for step in effects:
        kind = plan.steps[step]["kind"]
        if kind not in steps:
            walker.cut(step, Stop(f"no step of the kind {kind} is installed"), plan, one.now)
            return


def _spot(one: Play, walker: Walker, stage: Stage, surroundings: Surroundings) -> Spot:
    gone = stage.past.happened_by("order.cancelled", one.customer_id, one.row.order_id, one.now)
    return replace(surroundings.spot(walker), cancelled=bool(one.row.order_id) and gone)


def _stand(one: Play, walker: Walker) -> None:
    standing = walker.standing
    if standing is None:
        return
    if standing.state != deciding.WAITING:
        one.end(standing.state, standing.outcome, one.now)
        return
    one.row = one.row._replace(
        node=standing.node,
        due_as_text=(standing.due_at or one.now).isoformat(),
        asleep_at=standing.asleep_at,
        waits_for=standing.waits_for,
        entered_as_text=(standing.entered_at or one.row.entered_at).isoformat(),
        slept=True,
    )
    one.stays.append((one.now, standing.asleep_at, standing.why))


def _wake(one: Play, stage: Stage, reached: Sequence[datetime]) -> bool:
    """Moves a sleeper's clock to when it is looked at next; False when it has ended, or sleeps beyond the end."""
    if one.state != deciding.WAITING:
        return False
    due = stage.looked(one.row.due_at)
    woken = min(due, _called(one, stage) or due)
    stop = _stop(one, stage, reached)
    if stop and stop[0] <= min(woken, stage.until):
        one.moved.append(Moved(stop[0], one.row.asleep_at or one.row.node, STOPPED))
        one.end(deciding.ENDED_STOPPED, stop[1], stop[0])
        return False
    one.now = woken
    return one.now <= stage.until


def _stop(one: Play, stage: Stage, reached: Sequence[datetime]) -> tuple[datetime, str] | None:
    """The first event that ends it, or its goal."""
    stops = [
        (told.recorded_at, name)
        for name in stage.ground.plan.stops_on
        for told in stage.past.after(name, one.customer_id, one.now)
        if _stops(told, one)
    ]
    stops += [(at, "goal") for at in reached if at > one.now]
    return min(stops, default=None)


def _stops(told: Told, one: Play) -> bool:
    """Not what started it, nor what was over before: as `moving.stop_for` has it."""
    if not hearing.is_about(told.name, told.order_id, one.row.order_id):
        return False
    is_own_order = told.name == "order.placed" and told.order_id == one.row.order_id
    return not is_own_order and told.occurred_at >= one.row.happened_at


def _called(one: Play, stage: Stage) -> datetime | None:
    """When the event it waits for is heard of next."""
    if not one.row.waits_for:
        return None
    told = stage.past.after(one.row.waits_for, one.customer_id, one.now)
    return next((it.recorded_at for it in told if hearing.is_about(it.name, it.order_id, one.row.order_id)), None)


def goals_reached(plays: Sequence[Play], stage: Stage) -> dict[int, list[datetime]]:
    """When each virtual run reached the goal, as we were told."""
    goal = stage.document.get("goal")
    if not goal:
        return {}
    hits = [
        (one, told)
        for one in plays
        for told in stage.past.after(goal["event"], one.customer_id, one.started_at)
        if goals.is_within(told.occurred_at, one.started_at, stage.document)
    ]
    found: dict[int, list[datetime]] = defaultdict(list)
    for first in range(0, len(hits), _CHUNK):
        chunk = hits[first : first + _CHUNK]
        for (one, told), holds in zip(chunk, _goal_holds(chunk, stage), strict=True):
            if holds:
                found[one.row.id].append(told.recorded_at)
    return found


def _goal_holds(hits: Sequence[tuple[Play, Told]], stage: Stage) -> Sequence[bool]:
    condition = stage.ground.plan.condition("goal")
    if condition is None:
        return [True] * len(hits)
    seats = [
        Seat(stage.store_id, it.customer_id, it.order_id, it.occurred_at - stage.shift, it.payload) for _, it in hits
    ]
    return [condition.holds(known) for known in gather(seats, stage, condition.names)]
