"""A document as a drawing: a tree from top to bottom whose ways lie side by side and come together again. Plain Python.

Two functions matter: `structure` says what lies in which lane, `draw` gives every piece its place. The same document
always gives the same drawing. Where a way leads into the middle of another lane, a `jump` says so in words: no line
ever crosses another.

Places: `x` counts columns' halves (`HALF` pixels each) and is a piece's middle; `y` counts rows of `ROW` pixels and is
its top, for a spot its middle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from thereafter.journeys.rules.graph import END, JOIN, NEXT, Exit, Graph, join

HALF, ROW = 146, 16
NODE = 6  # rows a node is high
GAP = 4  # rows between two nodes, with a spot in the middle
FAN = 6  # rows between a fork and its lanes: the line that spreads, the way's name, a spot
PILL = 2  # rows the word at a lane's end is high
BEND = 8  # radius of a line's corner, in pixels


# Forks within forks within forks: nobody could read more, and each costs two levels of the stack.
DEEPEST = 60


class TooDeep(ValueError):
    """The journey is nested deeper than can be drawn."""


class Lane(NamedTuple):
    """One way of a fork. `ends` is where it leads in the end: where all go on, END, or a step drawn elsewhere."""

    way: str
    items: tuple["Item", ...]
    ends: str
    goes_on: bool


class Item(NamedTuple):
    """A step, with its lanes where it forks; `meet` is where these come together again ("" when they do not).

    `closes`: the journey is over here.
    """

    step: str
    lanes: tuple[Lane, ...] = ()
    meet: str = ""
    closes: bool = False


class Piece(NamedTuple):
    """Something on the picture, in the order one reads it.

    `what` is node, way (the name of a lane), spot (where a step can be put in), end, jump (goes on at `to`) or loose
    (the heading of steps that nobody comes to). A spot's `way` is an exit of `step`, or JOIN: behind all its lanes.
    """

    what: str
    step: str
    x: int
    y: int
    way: str = ""
    to: str = ""


@dataclass
class Drawing:
    """`lines` are SVG paths in pixels; `columns` in halves, `rows` in rows."""

    pieces: list[Piece] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    columns: int = 2
    rows: int = 0

    @property
    def width(self) -> int:
        return self.columns * HALF

    @property
    def height(self) -> int:
        return self.rows * ROW


def structure(graph: Graph, start: str, stop: str, placed: set[str], depth: int = 0) -> tuple[tuple[Item, ...], str]:
    """What one passes from `start` on, and where it ends: at `stop`, at END, at a step that was placed before, or at
    one that closes ("")."""
    if depth > DEEPEST:
        raise TooDeep(f"This journey has more than {DEEPEST} choices within each other.")
    items: list[Item] = []
    at = start
    while at != stop and at in graph.steps and at not in placed:
        placed.add(at)
        ways = graph.exits[at]
        if not ways:
            return (*items, Item(at, closes=True)), ""
        if len(ways) == 1 and NEXT in ways:
            items.append(Item(at))
            at = ways[NEXT]
            continue
        meet = join(graph, at, stop)
        lanes = tuple(_lane(graph, (way, to), meet or stop, placed, depth + 1) for way, to in ways.items())
        items.append(Item(at, lanes, meet))
        at = meet or (stop if any(lane.goes_on for lane in lanes) else END)
    return tuple(items), at if at == stop or at in placed else END


def _lane(graph: Graph, way: tuple[str, str], stop: str, placed: set[str], depth: int) -> Lane:
    name, to = way
    items, ends = structure(graph, to, stop, placed, depth)
    return Lane(name, items, ends, ends == stop)


def draw(graph: Graph) -> Drawing:
    """The whole picture: the trigger on top, then the steps, then those that nobody comes to beside them."""
    drawing, placed = Drawing(), set[str]()
    items, ends = structure(graph, graph.first, END, placed)
    left, right = breadth(items)
    bottom = _draw_main(drawing, items, left, ends)
    edge = left + right
    for root in (root for root in graph.loose if root not in placed):
        lane, ends = structure(graph, root, END, placed)
        before, after = breadth(lane)
        drawing.pieces.append(Piece("loose", root, edge + before, 1))
        below = _draw_items(drawing, lane, edge + before, 4)
        bottom = max(bottom, _draw_end(drawing, edge + before, below, ends))
        edge += before + after
    drawing.columns, drawing.rows = edge, bottom + 1
    return drawing


def breadth(items: Iterable[Item]) -> tuple[int, int]:
    """How many halves a lane needs to the left and to the right of its axis."""
    sides = [_fork_breadth(item) for item in items if item.lanes]
    return max([1, *(left for left, _ in sides)]), max([1, *(right for _, right in sides)])


def _fork_breadth(fork: Item) -> tuple[int, int]:
    axes = _axes(fork.lanes, 0)
    first, last = fork.lanes[0], fork.lanes[-1]
    return breadth(first.items)[0] - axes[0], breadth(last.items)[1] + axes[-1]


def _axes(lanes: Sequence[Lane], x: int) -> list[int]:
    """The axis of each lane, side by side around `x`."""
    sides = [breadth(lane.items) for lane in lanes]
    axes = [0]
    for (_, right), (left, _) in pairwise(sides):
        axes.append(axes[-1] + right + left)
    return [x + at - axes[-1] // 2 for at in axes]


def _draw_main(drawing: Drawing, items: Sequence[Item], x: int, ends: str) -> int:
    drawing.pieces.append(Piece("node", "", x, 0))
    y = _draw_gap(drawing, ("", NEXT), x, NODE)
    return _draw_end(drawing, x, _draw_items(drawing, items, x, y), ends)


def _draw_end(drawing: Drawing, x: int, y: int, to: str) -> int:
    if not to:
        return y
    drawing.pieces.append(Piece("end", "", x, y) if to == END else Piece("jump", "", x, y, to=to))
    return y + PILL


def _draw_items(drawing: Drawing, items: Sequence[Item], x: int, y: int) -> int:
    """Draws a lane's items one below the other, each with the gap behind it; returns the row below."""
    for item in items:
        drawing.pieces.append(Piece("node", item.step, x, y))
        if item.closes:
            y += NODE
        elif not item.lanes:
            y = _draw_gap(drawing, (item.step, NEXT), x, y + NODE)
        else:
            y = _draw_lanes(drawing, item, x, y + NODE)
            y = _draw_gap(drawing, (item.step, JOIN), x, y) if item.meet else y
    return y


def _draw_gap(drawing: Drawing, exit_: Exit, x: int, y: int) -> int:
    drawing.lines.append(_line([(x, y), (x, y + GAP)]))
    drawing.pieces.append(Piece("spot", exit_[0], x, y + GAP // 2, way=exit_[1]))
    return y + GAP


def _draw_lanes(drawing: Drawing, fork: Item, x: int, y: int) -> int:
    """Draws the lanes of a fork from row `y` on, and brings together those that go on; returns the row below."""
    ends: list[tuple[int, int]] = []
    bottom = y
    for lane, at in zip(fork.lanes, _axes(fork.lanes, x), strict=True):
        drawing.lines.append(_line([(x, y), (x, y + 1), (at, y + 1), (at, y + FAN)]))
        drawing.pieces.append(Piece("way", fork.step, at, y + 2, way=lane.way))
        drawing.pieces.append(Piece("spot", fork.step, at, y + 5, way=lane.way))
        below = _draw_items(drawing, lane.items, at, y + FAN)
        if lane.goes_on:
            ends.append((at, below))
        else:
            below = _draw_end(drawing, at, below, lane.ends)
        bottom = max(bottom, below + 1)
    drawing.lines.extend(_line([(at, below), (at, bottom), (x, bottom), (x, bottom + 1)]) for at, below in ends)
    return bottom + 1


def _line(points: Sequence[tuple[int, int]]) -> str:
    """An SVG path through these places, straight and with round corners; places that repeat are left out."""
    spots = [(x * HALF, y * ROW) for x, y in points]
    corners = [b for a, b, c in zip(spots, spots[1:], spots[2:], strict=False) if _turns(a, b, c)]
    path = f"M{spots[0][0]} {spots[0][1]}"
    for before, corner, after in zip([spots[0], *corners], corners, [*corners[1:], spots[-1]], strict=False):
        (x0, y0), (x1, y1) = _toward(corner, before), _toward(corner, after)
        path += f"L{x0} {y0}Q{corner[0]} {corner[1]} {x1} {y1}"
    return f"{path}L{spots[-1][0]} {spots[-1][1]}"


def _turns(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    return a != b != c and not (a[0] == b[0] == c[0] or a[1] == b[1] == c[1])


def _toward(corner: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The point a bend's radius away from a corner."""
    along = [max(-BEND, min(BEND, there - here)) for here, there in zip(corner, other, strict=True)]
    return corner[0] + along[0], corner[1] + along[1]
