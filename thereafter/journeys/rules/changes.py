"""What is different between two documents of a journey. Plain Python."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from thereafter.journeys.rules.graph import END, Document, Forks, Graph, load

# Parts that are told by their name; the steps are told one by one.
PARTS = ("trigger", "entry", "goal", "stops_on", "stop_if", "holdout", "late", "about")


class Setting(NamedTuple):
    """One setting that is different; None where it did not or does not stand."""

    name: str
    old: Any
    new: Any


class Difference(NamedTuple):
    """`what` is added, removed, changed, led (it leads elsewhere) or part; `where` a step's id, or a part's name.

    Of `led` the settings are its ways, and where they lead among the steps that both documents have.
    """

    what: str
    where: str
    settings: tuple[Setting, ...] = ()


def between(old: Document, new: Document, forks: Forks) -> list[Difference]:
    """What one has to do to the old document to get the new one, in the order one reads it."""
    before, after = load(old, forks), load(new, forks)
    return [
        *_parts(old, new),
        *(Difference("removed", step) for step in before.steps if step not in after.steps),
        *(one for step in after.steps for one in _step(before, after, step)),
    ]


def _parts(old: Document, new: Document) -> Iterator[Difference]:
    for part in PARTS:
        if old.get(part) != new.get(part):
            yield Difference("part", part, (Setting(part, old.get(part), new.get(part)),))


def _step(before: Graph, after: Graph, step: str) -> Iterator[Difference]:
    if step not in before.steps:
        yield Difference("added", step)
        return
    settings = tuple(_settings(before, after, step))
    if settings:
        yield Difference("changed", step, settings)
        return
    old, new = _leads(before, after, step), _leads(after, before, step)
    led = tuple(Setting(way, old.get(way), to) for way, to in new.items() if old.get(way) != to)
    if led:
        yield Difference("led", step, led)


def _settings(before: Graph, after: Graph, step: str) -> Iterator[Setting]:
    old, new = _own(before, step), _own(after, step)
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield Setting(name, old.get(name), new.get(name))


def _own(graph: Graph, step: str) -> dict[str, Any]:
    """What a step says beside where it leads."""
    row = graph.steps[step]
    own = {name: value for name, value in row.items() if name not in {"id", "next", "ways", *graph.exits[step]}}
    if row.get("ways"):
        own["ways"] = [{name: value for name, value in way.items() if name != "to"} for way in row["ways"]]
    return own


def _leads(graph: Graph, other: Graph, step: str) -> dict[str, str]:
    """Where the ways of a step lead among the steps that both have, so that a new neighbour is no difference."""
    return {way: _first_shared(graph, other.steps, to) for way, to in graph.exits[step].items()}


def _first_shared(graph: Graph, shared: Mapping[str, Any], at: str) -> str:
    while at in graph.steps and at not in shared:
        at = next(iter(graph.exits[at].values()), END)
    return at
