"""A document's steps as a graph in which every way out names where it leads. Plain Python.

In the document most of it goes without saying: a step leads to the one below it unless it names another. Editing and
drawing want it said. `forks` names, for each kind of step, the settings that name further steps: ("then", "else"),
("ways",) or both; a kind without any has one way out, `next`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thereafter.journeys.rules.shapes import odd

END = "end"
NEXT = "next"
# In place of a way: behind all lanes of a fork, where they have come together.
JOIN = "join"
# Kinds of step that lead nowhere: the journey is over there.
CLOSING = frozenset({"stop"})
# Kinds that choose a way and have no other: they never simply go on.
CHOOSING = frozenset({"branch", "wait_for", "split"})
Document = Mapping[str, Any]
Forks = Mapping[str, Sequence[str]]
# One way out of a step: the step's id and "next", "then", "else" or "ways.0"; ("", "next") leads from the trigger.
Exit = tuple[str, str]


@dataclass
class Graph:
    """`exits[step][way]` is where that way leads."""

    first: str
    steps: dict[str, dict[str, Any]]
    exits: dict[str, dict[str, str]]

    @property
    def loose(self) -> list[str]:
        """Steps that nobody comes to."""
        reached = self.reach(self.first)
        return [one for one in self.steps if one not in reached]

    def target(self, exit_: Exit) -> str:
        at, way = exit_
        return self.exits[at][way] if at else self.first

    def lead(self, exit_: Exit, to: str) -> None:
        at, way = exit_
        if at:
            self.exits[at][way] = to
        else:
            self.first = to

    def into(self, step: str) -> list[Exit]:
        """Every way that leads to a step."""
        start = [("", NEXT)] if self.first == step else []
        return start + [(at, way) for at, ways in self.exits.items() for way, to in ways.items() if to == step]

    def reach(self, start: str, *, stop: str = END, without: str = "") -> set[str]:
        """Where one can come to from `start`, itself and the end included; not beyond `stop`, nor through `without`."""
        seen: set[str] = set()
        todo = [start]
        while todo:
            at = todo.pop()
            if at in seen or at == without:
                continue
            seen.add(at)
            if at != stop and at in self.steps:
                todo.extend(self.exits[at].values())
        return seen


def load(document: Document, forks: Forks) -> Graph:
    """The graph of a document whose steps are objects with ids of their own (see `drawable`)."""
    rows: Sequence[Mapping[str, Any]] = document.get("steps") or []
    ids = [str(row["id"]) for row in rows]
    following = _following(ids)
    exits = {str(row["id"]): dict(_exits(row, following[str(row["id"])], forks)) for row in rows}
    return Graph(ids[0] if ids else END, {str(row["id"]): dict(row) for row in rows}, exits)


def drawable(document: Any) -> str:
    """What keeps a document from being drawn at all, as a sentence; "" when nothing does."""
    if not isinstance(document, Mapping) or not isinstance(document.get("trigger"), Mapping):
        return 'A journey is an object with a trigger and steps: {"trigger": {"event": "order.placed"}, "steps": []}.'
    rows = document.get("steps")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return "`steps` must be a list of objects, one for each step."
    for place, row in enumerate(rows, start=1):
        if not isinstance(row.get("id"), str) or not row["id"] or row["id"] == END:
            return f"Step {place} needs an id, such as “{row.get('kind', 'step')}_{place}”."
        if not isinstance(row.get("kind"), str):
            return f"Step “{row['id']}” does not say what kind of step it is."
        if not isinstance(row.get("ways", []), list) or not all(
            isinstance(way, Mapping) for way in row.get("ways", [])
        ):
            return f"The ways of step “{row['id']}” must be a list of objects."
    ids = [row["id"] for row in rows]
    twice = next((one for one in ids if ids.count(one) > 1), "")
    return f"Two steps have the id “{twice}”." if twice else odd(document)


def _following(ids: Sequence[str]) -> dict[str, str]:
    """What stands below each step in the list."""
    return dict(zip(ids, [*ids[1:], END], strict=False))


def _exits(row: Mapping[str, Any], following: str, forks: Forks) -> Iterator[tuple[str, str]]:
    fallback = str(row.get(NEXT) or following)
    for name in way_names(row, forks):
        place = name.removeprefix("ways.")
        named = row["ways"][int(place)].get("to") if place != name else row.get(name)
        yield name, str(named or fallback)


def way_names(row: Mapping[str, Any], forks: Forks) -> list[str]:
    """The ways out of a step: those it lists and `else`, or `then` and `else`, or `next`.

    A step of another room goes on with `next`, or down a way that it names.
    """
    kind = str(row["kind"])
    if kind in CLOSING:
        return []
    listed = [f"ways.{place}" for place in range(len(row.get("ways") or ()))]
    if kind not in CHOOSING:
        return [*listed, *(name for name in _plain_ways(row, forks) if row.get(name)), NEXT]
    plain = _plain_ways(row, forks)
    return (listed + [name for name in plain if name == "else"] if listed else plain) or [NEXT]


def _plain_ways(row: Mapping[str, Any], forks: Forks) -> list[str]:
    named = (set(forks.get(str(row["kind"]), ())) | (set(row) & {"then", "else"})) - {"ways"}
    return sorted(named, key=lambda name: {"then": "", "else": "~"}.get(name, name))


def dump(graph: Graph, document: Document) -> dict[str, Any]:
    """The document with these steps, in the order one reads them, saying only what does not go without saying."""
    ids = order(graph)
    following = _following(ids)
    return {**document, "steps": [_row(graph.steps[one], graph.exits[one], following[one]) for one in ids]}


def _row(step: Mapping[str, Any], exits: Mapping[str, str], following: str) -> dict[str, Any]:
    row = {key: value for key, value in step.items() if key != NEXT}
    if "ways" in row:
        row["ways"] = [{**way, "to": exits[f"ways.{place}"]} for place, way in enumerate(row["ways"])]
    row |= {way: to for way, to in exits.items() if way != NEXT and not way.startswith("ways.")}
    return row if exits.get(NEXT, following) == following else {**row, NEXT: exits[NEXT]}


def order(graph: Graph) -> list[str]:
    """Every step after all that lead to it, the ways of a fork one after the other (reverse postorder)."""
    done: list[str] = []
    seen: set[str] = set()
    roots = [graph.first, *graph.loose]
    for root in reversed(roots):
        # (step, whether all behind it is done): no recursion, so that a long journey is no deep stack.
        todo = [(root, False)]
        while todo:
            at, is_done = todo.pop()
            if is_done:
                done.append(at)
            elif at not in seen and at in graph.steps:
                seen.add(at)
                todo.append((at, True))
                todo.extend((to, False) for to in graph.exits[at].values())
    return done[::-1]


def join(graph: Graph, fork: str, stop: str = END) -> str:
    """Where the ways of a fork meet again: the first step that all of them pass but those that end early; "" for none.

    `stop` is where the lane that the fork lies in ends; nothing beyond it is looked at.
    """
    ways = list(graph.exits[fork].values())
    lanes = [graph.reach(to, stop=stop) for to in ways]
    shared = [one for one in [*order(graph), stop] if sum(one in lane for lane in lanes) > 1]
    for place, one in enumerate(shared):
        beyond = {*shared[place + 1 :]} - {END}
        if not any(beyond & graph.reach(to, stop=stop, without=one) for to in ways):
            return one
    return ""
