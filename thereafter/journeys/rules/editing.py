"""What can be done to a document in the builder: each function takes one and gives a new one. Plain Python.

A step that forks is moved, copied and removed with its lanes: what lies between it and where they meet again. Nothing
here checks settings (`documents.check` does); what comes out can always be drawn, and only leads forward.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from thereafter.journeys.rules.graph import END, JOIN, NEXT, Document, Exit, Forks, Graph, dump, load
from thereafter.journeys.rules.layout import Item, structure

Step = Mapping[str, Any]
LONGEST_ID = 40


class CannotEdit(ValueError):
    """The change makes no sense here; the text says why, for the person who tried."""


@dataclass(frozen=True)
class Block:
    """A step with its lanes. `after` is what comes behind it ("" when all its ways end); `up` and `down` are the spots
    before what comes before it and behind what comes after it, None at the ends of the journey."""

    item: Item
    members: tuple[str, ...]
    after: str
    up: Exit | None
    down: Exit | None


def insert(document: Document, spot: Exit, kind: str, settings: Step, forks: Forks) -> tuple[dict[str, Any], str]:
    """The document with a new step put in at a spot, and its id. Where the step forks, its lanes are empty."""
    graph = load(document, forks)
    exits = _exits_at(graph, spot)
    name, to = _free_id(graph, kind), graph.target(exits[0])
    row = {"id": name, "kind": kind, **settings}
    ways = load({"steps": [row]}, forks).exits[name]
    for exit_ in exits:
        graph.lead(exit_, name)
    graph.steps[name], graph.exits[name] = row, dict.fromkeys(ways, to)
    return dump(graph, document), name


def remove(document: Document, step: str, forks: Forks, *, keep: str = "") -> dict[str, Any]:
    """The document without a step. Of a fork's lanes the one named by `keep` stays in its place, or none."""
    graph = load(document, forks)
    block, had = _block(graph, step), graph.reach(graph.first)
    if keep and keep not in graph.exits[step]:
        raise CannotEdit("That way is no longer there. Look again at what the step leads to.")
    to = graph.exits[step][keep] if keep else block.after or END
    for exit_ in graph.into(step):
        graph.lead(exit_, to)
    _drop(graph, [step])
    _prune(graph, had)
    return dump(graph, document)


def move(document: Document, step: str, spot: Exit, forks: Forks) -> dict[str, Any]:
    """The document with a step, and its lanes, taken to another spot."""
    graph = load(document, forks)
    block = _block(graph, step)
    tails = _tails(graph, block)
    if spot == _behind(block.item):
        return dict(document)
    if spot[0] in block.members:
        raise CannotEdit("A step cannot be moved into one of its own ways.")
    for exit_ in graph.into(step):
        graph.lead(exit_, block.after or END)
    rows, ways = _drop(graph, block.members)
    exits = _exits_at(graph, spot)
    to = graph.target(exits[0])
    graph.steps |= rows
    graph.exits |= ways
    _join_in(graph, exits, step, tails, to)
    return dump(graph, document)


def copy(document: Document, step: str, spot: Exit, forks: Forks) -> tuple[dict[str, Any], str]:
    """The document with a copy of a step, and of its lanes, at a spot; and the copy's id."""
    graph = load(document, forks)
    block = _block(graph, step)
    exits, tails = _exits_at(graph, spot), _tails(graph, block)
    to = graph.target(exits[0])
    names: dict[str, str] = {}
    for member in block.members:
        names[member] = _free_id(graph, member)
        graph.steps[names[member]] = {**graph.steps[member], "id": names[member]}
    for member, name in names.items():
        graph.exits[name] = {way: names.get(goes, goes) for way, goes in graph.exits[member].items()}
    _join_in(graph, exits, names[step], [(names[at], way) for at, way in tails], to)
    return dump(graph, document), names[step]


def up(document: Document, step: str, forks: Forks) -> dict[str, Any]:
    """The document with a step before what comes before it; the first of a lane comes out before the fork."""
    spot = _block(load(document, forks), step).up
    if spot is None:
        raise CannotEdit("This is the first step already.")
    return move(document, step, spot, forks)


def down(document: Document, step: str, forks: Forks) -> dict[str, Any]:
    """The document with a step behind what comes after it; the last of a lane comes out behind the fork."""
    spot = _block(load(document, forks), step).down
    if spot is None:
        raise CannotEdit("This is the last step already.")
    return move(document, step, spot, forks)


def behind(document: Document, step: str, forks: Forks) -> Exit:
    """The spot right behind a step and its lanes."""
    spot = _behind(_block(load(document, forks), step).item)
    if spot is None:
        raise CannotEdit("The ways of this step do not come together again: put the copy into one of them.")
    return spot


def lead(document: Document, exit_: Exit, to: str, forks: Forks) -> dict[str, Any]:
    """The document in which a way leads to another step, or to the end. What nobody comes to any more stays, loose."""
    graph = load(document, forks)
    at, way = exit_
    if way not in graph.exits.get(at, {}):
        raise CannotEdit("That way is no longer there.")
    if to != END and (to not in graph.steps or at in graph.reach(to)):
        raise CannotEdit("A journey only goes forward: choose a step that comes later, or the end.")
    graph.lead(exit_, to)
    return dump(graph, document)


def set_step(document: Document, step: str, settings: Step, forks: Forks) -> dict[str, Any]:
    """The document with other settings of a step; its id, kind and ways stay (see `set_ways`)."""
    graph = load(document, forks)
    row = _row(graph, step)
    kept = {name: row[name] for name in ("id", "kind", "ways") if name in row}
    graph.steps[step] = kept | {name: value for name, value in settings.items() if name not in kept}
    return dump(graph, document)


def set_ways(document: Document, step: str, ways: Sequence[Step], forks: Forks) -> dict[str, Any]:
    """The document with what its ways say (names, weights, conditions) changed, in the same order."""
    graph = load(document, forks)
    row = _row(graph, step)
    if len(ways) != len(row.get("ways", ())):
        raise CannotEdit("The ways of this step have changed meanwhile. Look again.")
    graph.steps[step] = {**row, "ways": [{**way, "to": END} for way in ways]}
    return dump(graph, document)


def add_way(document: Document, step: str, way: Step, forks: Forks) -> dict[str, Any]:
    """The document in which a fork has one more way, an empty one. A plain yes or no becomes a list of ways."""
    graph = load(document, forks)
    row, block, exits = _row(graph, step), _block(graph, step), graph.exits[step]
    listed = [dict(one) for one in row.get("ways", ())]
    leads = [exits[f"ways.{place}"] for place in range(len(listed))]
    if not listed and "then" in exits:
        listed, leads = [{"if": row.get("if", "")}], [exits["then"]]
    others = {name: to for name, to in exits.items() if name == "else"}
    graph.steps[step] = {name: value for name, value in row.items() if name not in ("if", "then")}
    graph.steps[step]["ways"] = [*listed, dict(way)]
    to = block.after or END
    graph.exits[step] = {f"ways.{place}": to for place, to in enumerate([*leads, to])} | others
    return dump(graph, document)


def remove_way(document: Document, step: str, place: int, forks: Forks) -> dict[str, Any]:
    """The document without one of a fork's ways and the steps in it."""
    graph = load(document, forks)
    row, had = _row(graph, step), graph.reach(graph.first)
    ways = list(row.get("ways", ()))
    if not 0 <= place < len(ways) or len(ways) == 1:
        raise CannotEdit(
            "A step that chooses needs at least one way." if len(ways) == 1 else "That way is gone already."
        )
    leads = [graph.exits[step][f"ways.{one}"] for one in range(len(ways)) if one != place]
    others = {name: to for name, to in graph.exits[step].items() if not name.startswith("ways.")}
    graph.steps[step] = {**row, "ways": ways[:place] + ways[place + 1 :]}
    graph.exits[step] = {f"ways.{one}": to for one, to in enumerate(leads)} | others
    _prune(graph, had)
    return dump(graph, document)


def lanes_of(document: Document, step: str, forks: Forks) -> dict[str, tuple[str, ...]]:
    """The steps in each lane of a fork, by the name of the way; nothing for a step that does not fork."""
    item = _block(load(document, forks), step).item
    return {lane.way: tuple(_members(lane.items)) for lane in item.lanes}


def _exits_at(graph: Graph, spot: Exit) -> list[Exit]:
    """The ways out that lead over a spot; behind a fork those of all its lanes."""
    at, way = spot
    if at and at not in graph.steps:
        raise CannotEdit("That place is no longer there: somebody changed the journey. Choose another one.")
    if way == JOIN:
        tails = _tails(graph, _block(graph, at))
        if not tails:
            raise CannotEdit("Nothing goes on behind this step: all its ways end.")
        return tails
    if at and way not in graph.exits[at]:
        raise CannotEdit("That way is no longer there: somebody changed the step. Choose another place.")
    return [spot]


def _tails(graph: Graph, block: Block) -> list[Exit]:
    """The ways that lead out of a block to what comes behind it."""
    return [
        (at, way) for at in block.members for way, to in graph.exits[at].items() if block.after and to == block.after
    ]


def _join_in(graph: Graph, exits: Sequence[Exit], step: str, tails: Sequence[Exit], to: str) -> None:
    for exit_ in exits:
        graph.lead(exit_, step)
    for exit_ in tails:
        graph.lead(exit_, to)


def _drop(graph: Graph, names: Collection[str]) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, str]]]:
    """Takes steps out of the graph, and hands them over with their ways."""
    rows = {name: graph.steps.pop(name) for name in names if name in graph.steps}
    return rows, {name: graph.exits.pop(name) for name in rows}


def _prune(graph: Graph, had: Collection[str]) -> None:
    """Takes out what nobody comes to any more; what was loose before stays, with all that it leads to."""
    alive = graph.reach(graph.first)
    for one in [one for one in graph.steps if one not in had]:
        alive |= graph.reach(one)
    _drop(graph, [one for one in had if one not in alive])


def _row(graph: Graph, step: str) -> dict[str, Any]:
    if step not in graph.steps:
        raise CannotEdit("That step is no longer there: somebody removed it.")
    return graph.steps[step]


def _free_id(graph: Graph, like: str) -> str:
    """ "send", or when that is taken "send_2", "send_3" …"""
    stem = re.sub(r"_\d+$", "", like)[: LONGEST_ID - 4]
    names = (f"{stem}_{number}" if number > 1 else stem for number in count(1))
    return next(name for name in names if name not in graph.steps and name != END)


def _block(graph: Graph, step: str) -> Block:
    _row(graph, step)
    placed: set[str] = set()
    for start in [graph.first, *graph.loose]:
        if start in placed:
            continue
        items, stop = structure(graph, start, END, placed)
        spot = ("", NEXT) if start == graph.first else None
        found = next(_search(graph, _Stretch(items, stop, spot), step), None)
        if found:
            return found
    raise CannotEdit("That step is no longer there: somebody removed it.")


class _Stretch(NamedTuple):
    """The items of one lane, where it ends, the spot at its head, and the spots before and behind the fork it is in."""

    items: tuple[Item, ...]
    stop: str
    head: Exit | None
    above: Exit | None = None
    below: Exit | None = None


def _search(graph: Graph, lane: _Stretch, step: str) -> Iterator[Block]:
    spots = [lane.head, *(_behind(item) for item in lane.items)]
    for place, item in enumerate(lane.items):
        if item.step == step:
            is_last = place + 1 == len(lane.items)
            up = spots[place - 1] if place else lane.above
            down = lane.below if is_last else spots[place + 2]
            yield Block(item, tuple(_members([item])), _after(graph, item, lane.stop), up, down)
        for way, items, _, _ in item.lanes:
            inner = _Stretch(items, item.meet or lane.stop, (item.step, way), spots[place], spots[place + 1])
            yield from _search(graph, inner, step)


def _behind(item: Item) -> Exit | None:
    """The spot behind a step; None behind one that leads nowhere, or whose ways never meet."""
    if not item.lanes:
        return None if item.closes else (item.step, NEXT)
    return (item.step, JOIN) if item.meet else None


def _after(graph: Graph, item: Item, stop: str) -> str:
    if not item.lanes:
        return graph.exits[item.step].get(NEXT, "")
    return item.meet or (stop if any(lane.goes_on for lane in item.lanes) else "")


def _members(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        yield item.step
        for lane in item.lanes:
            yield from _members(lane.items)
