"""Walking runs through their plans: `decide` says how, the steps do their work, all of a batch at once.

Nothing of a run is written before all have been walked, and nothing is kept in memory when it fails: the rows of the
claim stay as they were.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.rules.zones import zone_of
from thereafter.events.base import ShopperEvent
from thereafter.events.journeys import JourneyEnded, JourneyStarted
from thereafter.journeys import facts, rows
from thereafter.journeys.hearing import Ear, heard
from thereafter.journeys.registry import Go, Next, Stop, Visit, WaitUntil, steps
from thereafter.journeys.rows import Edge, Row, Standing
from thereafter.journeys.rules import deciding
from thereafter.journeys.rules.deciding import Decision, Spot
from thereafter.journeys.rules.plans import DONE, END, STOPPED, Plan
from thereafter.journeys.versions import Ground
from thereafter.stores.models import Store
from thereafter.timeline.log import record


class Walker:
    """One run on its walk: where it is, which edges it took, and how it came to stand."""

    __slots__ = ("asleep_at", "edges", "facts", "heard", "is_new", "node", "row", "since", "standing")

    def __init__(self, row: Row, now: datetime) -> None:
        self.row = row
        self.node, self.asleep_at = row.node, row.asleep_at
        self.facts = row.facts
        self.heard: Sequence[facts.Facts] | None = None
        self.edges: list[Edge] = []
        # Events count from when a run came to where it is; one that was let in a moment ago, from what let it in.
        self.since = row.entered_at if not row.slept or row.asleep_at == row.node else now
        self.is_new = not row.slept
        self.standing: Standing | None = None

    def take(self, decision: Decision, now: datetime) -> None:
        """Keeps what was decided; what its effects answer may still cut it short."""
        if decision.passages:
            self.edges += decision.passages
            self.asleep_at = ""
            self.since = self.since if self.is_new else now
        self.node, self.heard = decision.node, None
        self.standing = None if decision.more else self._standing(decision, now)

    def _standing(self, decision: Decision, now: datetime) -> Standing:
        if decision.state != deciding.WAITING:
            return ended(decision.state, decision.outcome, now)
        # Looking up from a wait, or reckoning it anew, does not begin it again.
        is_here_already = decision.asleep_at == self.asleep_at
        since = self.since if decision.waits_for else now
        return Standing(
            decision.state,
            decision.node,
            decision.due_at or now,
            decision.asleep_at,
            decision.why,
            decision.waits_for,
            entered_at=None if is_here_already else since,
            slept=True,
        )

    def cut(self, step: str, answer: Next, plan: Plan, now: datetime) -> None:
        """A step answered something else than "go on": what was decided beyond it is void."""
        at = next(place for place, edge in enumerate(self.edges) if edge[0] == step)
        self.edges = self.edges[:at]
        after = plan.after[step]
        if isinstance(answer, Stop):
            self.edges.append((step, STOPPED))
            self.standing = ended(deciding.ENDED_STOPPED, answer.outcome, now)
            return
        if isinstance(answer, WaitUntil) and answer.at > now:
            self.standing = Standing(deciding.WAITING, after, answer.at, step, answer.why[:200])._replace(
                entered_at=now, slept=True
            )
            return
        to = (answer.to if isinstance(answer, Go) else "") or after
        self.node, self.standing = ("" if to == END else to), None
        self.edges.append((step, self.node or DONE))


def ended(state: str, outcome: str, now: datetime) -> Standing:
    return Standing(state, "", None, outcome=outcome[:200], ended_at=now)


def advance(claimed: Sequence[Row], known: Mapping[int, Ground], now: datetime) -> list[int]:
    """Walks runs until each sleeps or has ended, and writes it all; returns those that now wait for an event."""
    walkers = [Walker(row, now) for row in claimed]
    surroundings = Surroundings(claimed, known)
    walking = walkers
    for _ in count():
        if not walking:
            break
        walking = _round(walking, known, surroundings, now)
    _write(walkers, known, now)
    return [walker.row.id for walker in walkers if walker.standing and walker.standing.waits_for]


def _round(
    walkers: Sequence[Walker], known: Mapping[int, Ground], surroundings: "Surroundings", now: datetime
) -> list[Walker]:
    """Decides for each, lets the steps do their work, and returns those that have to be asked again."""
    effects: list[tuple[Walker, tuple[str, ...]]] = []
    listening: list[Walker] = []
    alike: dict[tuple[object, ...], Decision] = {}
    for walker, told in zip(walkers, gathered(walkers, known, now), strict=True):
        is_cancelled = surroundings.is_cancelled(walker.row)
        spot = (walker.row.version_id, walker.node, walker.asleep_at, is_cancelled, walker.heard is None)
        decision = alike.get(spot)
        if decision is None:
            decision = deciding.decide(known[walker.row.version_id].plan, surroundings.spot(walker), told, now)
            if decision.alike:
                alike[spot] = decision
        walker.take(decision, now)
        if decision.effects:
            effects.append((walker, decision.effects))
        if decision.listens:
            listening.append(walker)
    if effects:
        _carry_out(effects, known, now)
    _listen([walker for walker in listening if walker.standing is None], known)
    return [walker for walker in walkers if walker.standing is None]


def gathered(walkers: Sequence[Walker], known: Mapping[int, Ground], now: datetime) -> list[facts.Facts]:
    """What the conditions of each one's plan ask for, version by version."""
    found: dict[int, facts.Facts] = {}
    by_version: dict[int, list[Walker]] = defaultdict(list)
    for walker in walkers:
        if known[walker.row.version_id].plan.names:
            by_version[walker.row.version_id].append(walker)
    for version_id, group in by_version.items():
        seats = [facts.Seat(w.row.store_id, w.row.customer_id, w.row.order_id, now, w.facts) for w in group]
        told = facts.gather(seats, known[version_id].plan.names)
        found |= {walker.row.id: one for walker, one in zip(group, told, strict=True)}
    nothing: facts.Facts = {}
    return [found.get(walker.row.id, nothing) for walker in walkers]


def _listen(walkers: Sequence[Walker], known: Mapping[int, Ground]) -> None:
    if not walkers:
        return
    told = heard([ear_of(walker, known[walker.row.version_id].plan) for walker in walkers])
    for walker in walkers:
        walker.heard = told[walker.row.id]


def ear_of(walker: Walker, plan: Plan) -> Ear:
    row, step = walker.row, plan.steps[walker.node]
    return Ear(
        row.id,
        row.store_id,
        row.customer_id,
        row.order_id,
        str(step["event"]),
        str(step.get("topic") or ""),
        walker.since,
        row.due_at if row.asleep_at == walker.node else None,
        walker.facts,
        row.happened_at,
    )


def _carry_out(effects: Sequence[tuple[Walker, tuple[str, ...]]], known: Mapping[int, Ground], now: datetime) -> None:
    """Each one's first step, then each one's second …, those of the same kind in one call."""
    going = list(effects)
    for place in count():
        going = [(walker, steps_of) for walker, steps_of in going if len(steps_of) > place]
        if not going:
            return
        stayed = _do([(walker, steps_of[place]) for walker, steps_of in going], known, now)
        going = [one for one in going if id(one[0]) not in stayed]


def _do(pairs: Sequence[tuple[Walker, str]], known: Mapping[int, Ground], now: datetime) -> set[int]:
    """Carries out one step for each; returns those that do not go on as it was decided."""
    by_kind: dict[str, list[tuple[Walker, str]]] = defaultdict(list)
    for walker, step in pairs:
        by_kind[known[walker.row.version_id].plan.steps[step]["kind"]].append((walker, step))
    cut: set[int] = set()
    for kind, group in by_kind.items():
        for (walker, step), answer in zip(group, _answers(kind, group, known, now), strict=True):
            if not isinstance(answer, Go) or answer.to:
                walker.cut(step, answer, known[walker.row.version_id].plan, now)
                cut.add(id(walker))
    return cut


def _answers(
    kind: str, group: Sequence[tuple[Walker, str]], known: Mapping[int, Ground], now: datetime
) -> Sequence[Next]:
    effect = steps[kind].effect if kind in steps else None
    if effect is None:
        return [Stop(f"no step of the kind {kind} is installed") for _ in group]
    return effect([_visit(walker, step, known[walker.row.version_id].plan, now) for walker, step in group])


def _visit(walker: Walker, step: str, plan: Plan, now: datetime) -> Visit:
    row = walker.row
    return Visit(
        store_id=row.store_id,
        run_id=row.id,
        customer_id=row.customer_id,
        order_id=row.order_id,
        step=step,
        settings=plan.steps[step],
        facts=walker.facts,
        now=now,
        journey_id=row.journey_id,
        visit=row.visit,
    )


class Surroundings:
    """What `decide` asks beyond conditions: cancelled orders, and what time it is where. Three queries a batch."""

    def __init__(self, claimed: Sequence[Row], known: Mapping[int, Ground]) -> None:
        self._zones = dict(
            Store.objects.filter(pk__in={row.store_id for row in claimed}).values_list("pk", "time_zone")
        )
        self._cancelled = rows.cancelled({row.order_id for row in claimed if row.order_id})
        self._own = self._own_zones([row for row in claimed if known[row.version_id].plan.wants_zone])

    def spot(self, walker: Walker) -> Spot:
        row = walker.row
        return Spot(
            row.customer_id,
            walker.node,
            walker.since,
            walker.asleep_at,
            row.due_at if row.asleep_at and row.asleep_at == walker.node else None,
            walker.heard,
            self.is_cancelled(row),
            self._zones[row.store_id],
            self._own.get(row.id, ""),
        )

    def is_cancelled(self, row: Row) -> bool:
        return row.order_id in self._cancelled

    def _own_zones(self, claimed: Sequence[Row]) -> dict[int, str]:
        if not claimed:
            return {}
        people = Customer.objects.only("traits", "country", "phone").in_bulk({row.customer_id for row in claimed})
        going_to = dict(
            Order.objects.filter(pk__in={row.order_id for row in claimed if row.order_id}).values_list(
                "pk", "shipping_address"
            )
        )
        return {
            row.id: zone_of(
                traits=people[row.customer_id].traits,
                address=going_to.get(row.order_id or 0, {}),
                country=people[row.customer_id].country,
                phone=people[row.customer_id].phone,
                shop=self._zones[row.store_id],
            )
            for row in claimed
            if row.customer_id in people
        }


def _write(walkers: Sequence[Walker], known: Mapping[int, Ground], now: datetime) -> None:
    standings = {walker.row.id: walker.standing for walker in walkers if walker.standing}
    rows.write(standings)
    rows.set_timers({pk: one.due_at for pk, one in standings.items() if one.due_at})
    rows.drop_timers([pk for pk, one in standings.items() if one.state != deciding.WAITING])
    rows.count_passages(((w.row.store_id, w.row.version_id, w.edges) for w in walkers), now)
    record(*filter(None, (_event(walker, known[walker.row.version_id].name, now) for walker in walkers)))


def _event(walker: Walker, journey: str, now: datetime) -> ShopperEvent | None:
    """A run is told of when it first goes to sleep and when it ends; one that never slept is told by what it did."""
    standing = walker.standing
    if standing is None or (standing.state == deciding.WAITING) != walker.is_new:
        return None
    row = walker.row
    told: dict[str, Any] = {
        "store_id": row.store_id,
        "customer_id": row.customer_id,
        "order_id": row.order_id,
        "occurred_at": now,
        "run_id": row.id,
        "journey": journey,
    }
    if standing.state == deciding.WAITING:
        return JourneyStarted(**told)
    return JourneyEnded(**told, outcome=standing.outcome)
