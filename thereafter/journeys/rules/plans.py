"""A document made ready to walk. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.conditions import BadCondition, compile_condition
from thereafter.journeys.rules.old_conditions import as_text
from thereafter.journeys.rules.waits import Wait, read

Document = Mapping[str, Any]
Facts = Mapping[str, Any]
Step = Mapping[str, Any]
END = "end"
# Where people are counted who are at no step any more.
DONE, STOPPED, HELD, MOVED = "@done", "@stopped", "@held", "@moved"
# The kinds of step that only say where and when to go on; `deciding` walks them. All others do something.
CONTROL = frozenset({"wait", "wait_for", "branch", "split", "stop"})


class Condition(Protocol):
    """Something that is so of some facts or not, and the names of facts that it asks for."""

    @property
    def names(self) -> frozenset[str]: ...

    def holds(self, facts: Facts) -> bool: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """A document's steps by id, what follows each ("" at the end), and its conditions by (step, place).

    `names` are the facts its conditions ask for; `seed` keeps the splits of journeys apart; `winners` are the ways of
    splits that everybody takes from now on.
    """

    first: str
    steps: Mapping[str, Step]
    after: Mapping[str, str]
    conditions: Mapping[tuple[str, str], Condition] = field(default_factory=dict)
    waits: Mapping[str, Wait] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    stops_on: frozenset[str] = frozenset()
    seed: str = ""
    winners: Mapping[str, str] = field(default_factory=dict)
    wants_zone: bool = False

    def condition(self, step: str, place: str = "if") -> Condition | None:
        return self.conditions.get((step, place))

    def way(self, step: str, name: str) -> str:
        """Where the setting `name` of a step leads; to what follows it when nothing is said."""
        to = self.steps[step].get(name)
        return self.after[step] if not to else "" if to == END else str(to)


def plan(document: Document, *, seed: str = "", winners: Mapping[str, str] | None = None) -> Plan:
    """The plan of a document that has been checked."""
    steps: Sequence[Step] = document["steps"]
    conditions = {at: _compiled(one) for at, one in conditions_of(document).items()}
    untils = {_root(str(step["until"])) for step in steps if step.get("until")}
    return Plan(
        first=steps[0]["id"],
        steps={step["id"]: step for step in steps},
        after=following(steps),
        conditions=conditions,
        waits={step["id"]: read(step) for step in steps if step["kind"] in ("wait", "wait_for")},
        names=frozenset(untils).union(*(one.names for at, one in conditions.items() if at[0] not in _ON_ENTRY)),
        stops_on=frozenset(stops_on(document)),
        seed=seed,
        winners=winners or {},
        wants_zone=any(step.get("zone") == "customer" for step in steps),
    )


class _Never:
    """A condition that was sound once and names what there is no more; nobody's journey breaks on it."""

    names: frozenset[str] = frozenset()

    def holds(self, facts: Facts) -> bool:
        return False


def _compiled(one: "Written") -> Condition:
    try:
        return compile_condition(as_text(one.text), vocabulary.journey(one.event))
    except BadCondition:
        return _Never()


def _root(name: str) -> str:
    """What has to be gathered for a fact: `trait` for `trait.birthday`."""
    root = name.partition(".")[0]
    return root if root in {"trait", "fact"} else name


# Conditions that are looked at before there is a run.
_ON_ENTRY = ("trigger", "entry", "goal")


class Written(NamedTuple):
    """A condition as it stands in a document, and the event that `fact` is about in it."""

    text: Any
    event: str


def conditions_of(document: Document) -> dict[tuple[str, str], Written]:
    """Every condition of a document by (where, place): ("trigger", "if"), ("", "stop_if"), ("vip", "ways.0")."""
    begins = trigger_event(document["trigger"])
    found = {
        (part, "if"): Written(document[part]["if"], str(document[part].get("event") or begins))
        for part in _ON_ENTRY
        if isinstance(document.get(part), Mapping) and document[part].get("if")
    }
    if document.get("stop_if"):
        found["", "stop_if"] = Written(document["stop_if"], begins)
    for step in document["steps"]:
        if step.get("if"):
            found[str(step.get("id")), "if"] = Written(step["if"], str(step.get("event") or begins))
        ways = step.get("ways")
        for at, way in enumerate(ways if isinstance(ways, list) else ()):
            if isinstance(way, Mapping) and way.get("if"):
                found[str(step.get("id")), f"ways.{at}"] = Written(way["if"], begins)
    return found


def trigger_event(trigger: Mapping[str, Any]) -> str:
    """The name of the event that lets people in; "" when the trigger names none."""
    for kind, event in (
        ("segment", "segment.entered"),
        ("date", "customer.date_came"),
        ("reorder", "order.reorder_due"),
        ("api", "customer.tracked"),
    ):
        if trigger.get(kind):
            return event
    return str(trigger.get("event") or "")


def following(steps: Sequence[Step]) -> dict[str, str]:
    """What comes after each step by itself: its `next`, or the one below; "" at the end."""
    ids = [step["id"] for step in steps]
    below = dict(zip(ids, [*ids[1:], ""], strict=True))
    named = {step["id"]: step.get("next") or below[step["id"]] for step in steps}
    return {at: "" if to == END else to for at, to in named.items()}


def stops_on(document: Document) -> Sequence[str]:
    """The events about its order that end a run; a cancelled order does unless the document says otherwise."""
    default = [] if trigger_event(document["trigger"]) == "order.cancelled" else ["order.cancelled"]
    stops: Sequence[str] = document.get("stops_on", default)
    return stops


def share(*what: object) -> float:
    """A number from 0 to 1 that is always the same for the same things, and as good as random between others."""
    text = ":".join(map(str, what))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / 2**64
