"""What comes next for one customer in a journey. Plain Python, and the only place that says it.

The engine, the rehearsal and the tests call `decide` with what is known; it touches nothing. It walks on until the run
sleeps or ends. Steps that do something are named in `effects`, to be done in this sequence. When what comes next hangs
on what they change, or on what happened while the run waited, it answers `more`: find that out and ask again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from thereafter.journeys.rules.plans import CONTROL, DONE, STOPPED, Facts, Plan, share
from thereafter.journeys.rules.waits import from_day, moment_in_words, wake_at
from thereafter.kit.clock import zone

WAITING, ENDED_DONE, ENDED_STOPPED = "waiting", "done", "stopped"
FINISHED = "finished"
_NO_SPAN: dict[str, Any] = {"days": 0, "working_days": 0, "span": timedelta()}
_EVENT_WORDS = {
    "order.placed": "an order",
    "survey.answered": "an answer",
    "message.opened": "the message to be opened",
    "message.clicked": "a click",
    "message.replied": "a reply",
    "parcel.delivered": "the delivery",
    "coupon.redeemed": "the code to be used",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a run is: `node` comes next; asleep at `asleep_at` until `due_at`, since `since`.

    `heard` are the events it waited for that came since then, as facts; None when nobody has looked yet. `zone` is the
    shop's, `own_zone` the customer's.
    """

    customer_id: int
    node: str
    since: datetime
    asleep_at: str = ""
    due_at: datetime | None = None
    heard: Sequence[Facts] | None = None
    cancelled: bool = False
    zone: str = "UTC"
    own_zone: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """`passages` are the edges that were walked, (from, to), in this sequence; `effects` the steps to carry out.

    Asleep (`due_at`, `asleep_at`, `why`, `waits_for`), ended (`state`, `outcome`), or, with `more`, to be asked again
    at `node` with fresh facts; `listens` then says that `heard` is wanted.
    """

    state: str
    node: str
    passages: tuple[tuple[str, str], ...] = ()
    effects: tuple[str, ...] = ()
    due_at: datetime | None = None
    asleep_at: str = ""
    why: str = ""
    waits_for: str = ""
    outcome: str = ""
    more: bool = False
    listens: bool = False
    # Nothing about this one person was asked: all others at the same spot of the same shop go the same way.
    alike: bool = False


def decide(plan: Plan, spot: Spot, facts: Facts, now: datetime) -> Decision:
    """How a run goes on from `spot`, whose wait is over or whose event came. The same is always answered the same."""
    return _Walk(plan, spot, facts, now).decide()


class _Walk:
    """One walk through a plan."""

    __slots__ = ("alike", "effects", "facts", "node", "now", "passages", "plan", "spot")

    def __init__(self, plan: Plan, spot: Spot, facts: Facts, now: datetime) -> None:
        self.plan, self.spot, self.facts, self.now = plan, spot, facts, now
        self.node = spot.node
        self.alike = True
        self.passages: list[tuple[str, str]] = []
        self.effects: list[str] = []

    def decide(self) -> Decision:
        if self.spot.asleep_at and self.spot.asleep_at != self.node:
            self.passages.append((self.spot.asleep_at, self.node or DONE))
        stopped = self._guard()
        if stopped is not None:
            return stopped
        while self.node:
            kind = self.plan.steps[self.node]["kind"]
            if kind not in CONTROL:
                self.effects.append(self.node)
                self._go(self.plan.after[self.node])
                if self.node and self.plan.condition("", "stop_if"):
                    return self._again()
                continue
            answer = _WALKS[kind](self)
            if answer is not None:
                return answer
        return self._end(ENDED_DONE, FINISHED)

    def _guard(self) -> Decision | None:
        """Guards are looked at again whenever a run moves: a cancelled order ends it even if nobody told us in time."""
        if self.spot.cancelled and "order.cancelled" in self.plan.stops_on:
            return self._leave("order.cancelled")
        stop_if = self.plan.condition("", "stop_if")
        if stop_if is None:
            return None
        self.alike = False
        return self._leave("stop_if") if stop_if.holds(self.facts) else None

    def _leave(self, outcome: str) -> Decision:
        """Out from where the run stands: what it was about to pass is not passed."""
        at = self.spot.asleep_at or self.node
        self.passages = [(at, STOPPED)] if at else []
        return self._end(ENDED_STOPPED, outcome)

    def _go(self, to: str) -> None:
        self.passages.append((self.node, to or DONE))
        self.node = to

    def _end(self, state: str, outcome: str) -> Decision:
        return Decision(state, "", tuple(self.passages), tuple(self.effects), outcome=outcome, alike=self.alike)

    def _again(self, *, listens: bool = False) -> Decision:
        return Decision(
            WAITING,
            self.node,
            tuple(self.passages),
            tuple(self.effects),
            self.now,
            more=True,
            listens=listens,
            alike=self.alike,
        )

    def _sleep(self, at: str, due_at: datetime, why: str, waits_for: str = "") -> Decision:
        walked, effects = tuple(self.passages), tuple(self.effects)
        return Decision(WAITING, self.node, walked, effects, due_at, at, why[:200], waits_for, alike=self.alike)

    def wait(self) -> Decision | None:
        at, step = self.node, self.plan.steps[self.node]
        if step.get("until") and self.effects:
            return self._again()
        # Who is asleep here already has the wait reckoned anew, from when it began: it was changed under them.
        is_anew = self.spot.asleep_at == at
        if is_anew or step.get("until") or step.get("zone") == "customer":
            self.alike = False
        until = self._wake_at(step, self.spot.since if is_anew else self.now)
        if until <= self.now:
            self._go(self.plan.after[at])
            return None
        # The edge is walked when the run wakes: until then it stands here.
        self.node = self.plan.after[at]
        return self._sleep(at, until, f"Waits until {self._told(until)}")

    def wait_for(self) -> Decision | None:
        at, step = self.node, self.plan.steps[self.node]
        # What was heard was heard for the step where the run stood when it was asked about.
        heard = self.spot.heard if at == self.spot.node else None
        if heard is None:
            return self._again(listens=True)
        self.alike = False
        wanted = self.plan.condition(at)
        if any(wanted is None or wanted.holds({**self.facts, "fact": fact}) for fact in heard):
            self._go(self.plan.way(at, "then"))
            return None
        is_here_already = self.spot.asleep_at == at and self.spot.due_at is not None
        until = self.spot.due_at if is_here_already else self._wake_at(step, self.spot.since)
        if until is None or until <= self.now:
            self._go(self.plan.way(at, "else"))
            return None
        event = str(step["event"])
        what = _EVENT_WORDS.get(event, event.replace(".", " ").replace("_", " "))
        return self._sleep(at, until, f"Waits for {what}, until {self._told(until)}", event)

    def branch(self) -> Decision | None:
        at, step = self.node, self.plan.steps[self.node]
        if self.effects:
            return self._again()
        self.alike = False
        for place, way in enumerate(step.get("ways") or ()):
            condition = self.plan.condition(at, f"ways.{place}")
            if condition and condition.holds(self.facts):
                self._go(self._target(way.get("to")))
                return None
        condition = self.plan.condition(at)
        self._go(self.plan.way(at, "then" if condition and condition.holds(self.facts) else "else"))
        return None

    def split(self) -> Decision | None:
        at = self.node
        self.alike = False
        way = chosen_way(self.plan, at, self.spot.customer_id)
        self._go(self._target(way.get("to")))
        return None

    def stop(self) -> Decision | None:
        step = self.plan.steps[self.node]
        self.passages.append((self.node, STOPPED))
        return self._end(ENDED_STOPPED, str(step.get("outcome") or "exit")[:200])

    def _target(self, to: Any) -> str:
        return self.plan.after[self.node] if not to else "" if to == "end" else str(to)

    def _wake_at(self, step: Mapping[str, Any], begun: datetime) -> datetime:
        here = zone((self.spot.own_zone if step.get("zone") == "customer" else "") or self.spot.zone)
        wait = self.plan.waits[step["id"]]
        if not step.get("until"):
            return wake_at(begun, here, wait)
        day = from_day(look_up(self.facts, str(step["until"])), here)
        if day is None:
            return self.now
        due_at = wake_at(day, here, wait)
        # A day that has gone by keeps nobody waiting; hours and weekdays are still kept to.
        return due_at if due_at > self.now else wake_at(self.now, here, wait._replace(**_NO_SPAN))

    def _told(self, moment: datetime) -> str:
        return moment_in_words(moment, zone(self.spot.zone))


_WALKS = {
    "wait": _Walk.wait,
    "wait_for": _Walk.wait_for,
    "branch": _Walk.branch,
    "split": _Walk.split,
    "stop": _Walk.stop,
}


def chosen_way(plan: Plan, step: str, customer_id: int) -> Mapping[str, Any]:
    """The way of a split that a customer takes, always the same one: the winner, or what their number falls on."""
    ways: Sequence[Mapping[str, Any]] = plan.steps[step]["ways"]
    winner = plan.winners.get(step)
    for way in ways:
        if winner and way.get("name") == winner:
            return way
    left = share(plan.seed, step, customer_id) * sum(way["weight"] for way in ways)
    for way in ways:
        left -= way["weight"]
        if left < 0:
            return way
    return ways[-1]


def look_up(facts: Facts, name: str) -> Any:
    """The fact of a dotted name, such as `order.promised_on` or `trait.warranty.until`; None when it is not known."""
    root, _, rest = name.partition(".")
    within: Any = facts.get(root)
    if isinstance(within, Mapping) and rest in within:
        return within[rest]
    for part in rest.split("."):
        within = within.get(part) if isinstance(within, Mapping) else None
    return within if within is not None else facts.get(name)


def is_heard(occurred_at: datetime, recorded_at: datetime, since: datetime) -> bool:
    """Whether an event came while a run waited: it happened since then, or we were told since then and it is no day
    older, because what comes from outside comes in any order."""
    return occurred_at >= since or (recorded_at >= since and occurred_at >= since - timedelta(days=1))
