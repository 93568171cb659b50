"""A document as a picture for a page: the drawing of `rules.layout` with words, counts and what is wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from thereafter.journeys import words
from thereafter.journeys.registry import steps
from thereafter.journeys.rules import graph, layout
from thereafter.journeys.rules.graph import END, JOIN, Forks, Graph
from thereafter.journeys.rules.layout import Piece
from thereafter.journeys.rules.plans import DONE, trigger_event
from thereafter.journeys.rules.problems import Problem
from thereafter.kit.pages import number

# `builder.css` has classes x0 to x15, X0 to X63, y0 to y63 and Y0 to Y79.
ACROSS, DOWN = 16, 64
MOST_COLUMNS, MOST_ROWS = 16 * 64, 64 * 80


@dataclass(frozen=True)
class Counts:
    """How many passed each step and each edge (from, to) of a version, and how many sleep at each step now."""

    passed: Mapping[str, int] = field(default_factory=dict)
    edges: Mapping[tuple[str, str], int] = field(default_factory=dict)
    asleep: Mapping[str, int] = field(default_factory=dict)
    entered: int = 0


def forks() -> Forks:
    """The settings of each kind of step that name further steps."""
    return {
        kind: tuple(setting.name for setting in step.settings if setting.kind in ("step", "ways"))
        for kind, step in steps.items()
    }


@dataclass
class Picture:
    """What `_picture.html` draws. `counts` is None where nobody ever went."""

    document: Mapping[str, Any]
    names: words.Names
    problems: Sequence[Problem] = ()
    counts: Counts | None = None
    # Whether it can be changed.
    edits: bool = False

    def __post_init__(self) -> None:
        self.graph: Graph = graph.load(self.document, forks())
        try:
            self.drawing = layout.draw(self.graph)
        except layout.TooDeep:
            self.drawing = layout.Drawing()
        self.too_large = not self.drawing.rows or self.drawing.rows >= MOST_ROWS or self.drawing.columns >= MOST_COLUMNS

    @property
    def width(self) -> int:
        return self.drawing.width

    @property
    def height(self) -> int:
        return self.drawing.height

    @property
    def lines(self) -> str:
        return "".join(self.drawing.lines)

    @property
    def pieces(self) -> list[dict[str, Any]]:
        return [_MAKERS[piece.what](self, piece) | _place(piece) for piece in self.drawing.pieces]

    def title(self, step: str) -> str:
        if not step:
            return words.trigger_in_words(self.document, self.names)
        return words.step_in_words(self.graph.steps[step], self.names)

    def node(self, piece: Piece) -> dict[str, Any]:
        step = piece.step
        return {
            "title": self.title(step),
            "problem": next((one.text for one in self.problems if (one.where or "") == (step or "trigger")), ""),
            **(self._step(step) if step else self._trigger()),
        }

    def _trigger(self) -> dict[str, Any]:
        foot = f"{number(self.counts.entered)} entered" if self.counts else ""
        wrong = next((one.text for one in self.problems if one.where in ("trigger", "entry")), "")
        starts = bool(trigger_event(self.document["trigger"]))
        note = words.entry_in_words(self.document) if starts else "Choose what lets people in"
        return {
            "icon": "bell",
            "tone": "good" if starts else "warn",
            "note": note,
            "passed": foot,
            "asleep": 0,
            "problem": wrong,
        }

    def _step(self, step: str) -> dict[str, Any]:
        row = self.graph.steps[step]
        passed = self.counts.passed.get(step, 0) if self.counts else 0
        return {
            "icon": words.icon(row["kind"]),
            "tone": words.tone(row["kind"]),
            "note": words.step_note(row, self.names),
            "passed": f"{number(passed)} passed" if self.counts else "",
            "asleep": self.counts.asleep.get(step, 0) if self.counts else 0,
            "forks": len(self.graph.exits[step]) > 1,
        }

    def spot(self, piece: Piece) -> dict[str, Any]:
        behind = f"after “{self.title(piece.step)}”"
        if piece.way not in (JOIN, graph.NEXT):
            behind = f"in the way “{self.way_name(piece)}” of “{self.title(piece.step)}”"
        return {"label": f"Add a step {behind}", "count": self._walked(piece)}

    def _walked(self, piece: Piece) -> str:
        """How many went over a spot; "" where nobody can tell, because two ways lead to the same step."""
        if self.counts is None:
            return ""
        if piece.way == JOIN:
            return ""
        to = self.graph.target((piece.step, piece.way))
        ways = self.graph.exits.get(piece.step, {})
        if sum(leads == to for leads in ways.values()) > 1:
            return ""
        return number(self.counts.edges.get((piece.step, DONE if to == END else to), 0))

    def way_name(self, piece: Piece) -> str:
        return words.way_in_words(self.graph.steps[piece.step], piece.way)


def _place(piece: Piece) -> dict[str, Any]:
    across, x = divmod(piece.x, ACROSS)
    down, y = divmod(piece.y, DOWN)
    return {
        "what": piece.what,
        "step": piece.step,
        "way": piece.way,
        "to": piece.to,
        "place": f"X{across} x{x} Y{down} y{y}",
        "x": piece.x,
        "y": piece.y,
    }


_MAKERS: dict[str, Callable[[Picture, Piece], dict[str, Any]]] = {
    "node": Picture.node,
    "spot": Picture.spot,
    "way": lambda picture, piece: {"title": picture.way_name(piece)},
    "end": lambda picture, piece: {},
    "jump": lambda picture, piece: {"title": picture.title(piece.to)},
    "loose": lambda picture, piece: {},
}
