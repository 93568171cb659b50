"""Where somebody who stands in one version of a journey comes to stand in another. Plain Python."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from thereafter.journeys.rules.plans import END, Plan

# What becomes of the wait that somebody is in: it stays as it was, it is reckoned anew, or its step is gone.
SAME, ANEW, GONE, ENDS = "same", "anew", "gone", "ends"
_WAITS = ("wait", "wait_for")


class Place(NamedTuple):
    """Where a run stands: asleep at a step or not, and what comes next."""

    asleep_at: str
    node: str

    @property
    def at(self) -> str:
        return self.asleep_at or self.node


class Move(NamedTuple):
    """The new place, and what becomes of the wait."""

    place: Place
    change: str


def move(place: Place, old: Plan, new: Plan, mapping: Mapping[str, str]) -> Move:
    """By the id of the step. Who stands at one that is gone goes on where `mapping` says, else with the next one on the
    old way that is left; nobody goes back."""
    at = place.at
    if at in new.steps and at not in mapping:
        return _stay(place, old, new)
    to = mapping.get(at) or _next_left(at, old, new)
    return Move(Place("", ""), ENDS) if to == END or to not in new.steps else Move(Place("", to), GONE)


def _stay(place: Place, old: Plan, new: Plan) -> Move:
    at = place.at
    if not place.asleep_at:
        return Move(Place("", at), SAME)
    if new.steps[at]["kind"] not in _WAITS:
        is_own_wait = new.steps[at]["kind"] == old.steps.get(at, {}).get("kind")
        # A step that does something and then waits has done it; one that has become such a step has not.
        return Move(Place(at, new.after[at]) if is_own_wait else Place("", at), SAME)
    if _wait(new.steps[at]) != _wait(old.steps.get(at, {})):
        return Move(Place(at, at), ANEW)
    return Move(Place(at, at if new.steps[at]["kind"] == "wait_for" else new.after[at]), SAME)


def _wait(step: Mapping[str, Any]) -> dict[str, Any]:
    """All that says how long: not where it leads."""
    return {key: value for key, value in step.items() if key not in {"next", "then", "else", "name", "about"}}


def _next_left(at: str, old: Plan, new: Plan) -> str:
    while at and at not in new.steps:
        at = old.after.get(at, "")
    return at or END
