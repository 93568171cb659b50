"""The room that lines and columns are drawn in: title of the axis, ticks, names below, legend above, marks."""

from collections.abc import Sequence
from dataclasses import dataclass

from thereafter.kit.charts.canvas import SIZE, Canvas, colour, fitted, text_width
from thereafter.kit.charts.kinds import Columns, Lines, Mark, Series
from thereafter.kit.charts.scales import Axis, reach, rounded, vertical

SMALL = 12
# Phones, half a page, a whole page; and how high each is.
NARROW, MIDDLE, BROAD = 330, 520, 900
HEIGHTS = {NARROW: 220, MIDDLE: 250, BROAD: 290}
_GAP = 14
_LEGEND_LINE = 20


@dataclass
class Frame:
    """Where the plot lies on its canvas, and its upward axis."""

    canvas: Canvas
    left: float
    right: float
    top: float
    bottom: float
    y: Axis

    @property
    def width(self) -> float:
        return self.right - self.left


def height_of(width: float) -> float:
    return next(height for most, height in HEIGHTS.items() if width <= most or most == BROAD)


def framed(chart: Lines | Columns, width: float, span: tuple[float, float], *, right: float, still: bool) -> Frame:
    """The frame with its ticks and legend drawn; `right` is what the names of lines take there."""
    canvas = Canvas(width, height_of(width), still)
    top = _legend(canvas, chart.series) if right == 0 and len(chart.series) > 1 else 10
    bottom = canvas.height - (22 + (18 if chart.x_title else 0))
    y = vertical(span, chart.unit, top + 4, bottom, capped=chart.top)
    left = max(text_width(chart.unit.tick(tick), SMALL) for tick in y.ticks) + 10
    frame = Frame(canvas, left, width - max(right, 10), top + 4, bottom, y)
    for tick in y.ticks:
        _rule(frame, tick, chart.unit.tick(tick), is_zero=tick == 0)
    if chart.x_title:
        middle = (frame.left + frame.right) / 2
        canvas.text((middle, canvas.height - 4), chart.x_title, "middle", font_size=SMALL, fill="var(--faint)")
    return frame


def _rule(frame: Frame, value: float, words: str, *, is_zero: bool) -> None:
    at = frame.y.place(value)
    stroke = "var(--line-strong)" if is_zero else "var(--line)"
    frame.canvas.line((frame.left, at), (frame.right, at), stroke=stroke, stroke_width=1)
    frame.canvas.text((frame.left - 8, at + 4), words, "end", font_size=SMALL, fill="var(--faint)")


def _legend(canvas: Canvas, series: Sequence[Series]) -> float:
    """The names of the colours, in as many lines as they need; returns where the last one ends."""
    x, y = 2.0, 14.0
    for order, one in enumerate(series):
        words = fitted(one.name, canvas.width - 24, SMALL)
        wide = text_width(words, SMALL) + 32
        if x > 2 and x + wide - 14 > canvas.width:  # noqa: PLR2004 not the first of its line
            x, y = 2.0, y + _LEGEND_LINE
        swatch(canvas, (x, y - 4), one, order)
        canvas.text((x + 18, y), words, font_size=SMALL, fill="var(--muted)")
        x += wide
    return y + 16


def swatch(canvas: Canvas, at: tuple[float, float], series: Series, order: int) -> None:
    tone, dash = colour(series.colour, order), "3 3" if series.dashed else ""
    canvas.line(at, (at[0] + 12, at[1]), stroke=tone, stroke_width=3, stroke_dasharray=dash)


def span_of(chart: Lines | Columns, low: float | None, values: Sequence[float | None]) -> tuple[float, float]:
    marks = [mark.at for mark in chart.marks if mark.axis == "y"]
    return reach([*values, *marks], low, chart.top)


def name_slots(frame: Frame, labels: Sequence[str], places: Sequence[float]) -> None:
    """As many names below as fit, evenly; the last one always."""
    if not labels:
        return
    widest = max(text_width(label, SMALL) for label in labels) + _GAP
    step = -(-len(labels) // max(1, int((frame.width + widest * 0.5) // widest)))
    free = frame.canvas.width + _GAP
    for index in range(len(labels) - 1, -1, -step):
        if _inside(frame, labels[index], places[index]) + text_width(labels[index], SMALL) / 2 + _GAP / 2 <= free:
            below(frame, labels[index], places[index])
            free = _inside(frame, labels[index], places[index]) - text_width(labels[index], SMALL) / 2


def below(frame: Frame, words: str, at: float) -> None:
    """A name under its place, pushed in where it would stand out."""
    frame.canvas.text(
        (_inside(frame, words, at), frame.bottom + 18), words, "middle", font_size=SMALL, fill="var(--faint)"
    )


def _inside(frame: Frame, words: str, at: float) -> float:
    half = text_width(words, SMALL) / 2
    return min(max(at, half), frame.canvas.width - half)


def numbered(frame: Frame, chart: Lines) -> Axis:
    """The axis along, of numbers, with its ticks written."""
    ends = reach(chart.at, None, None)
    _, _, ticks = rounded(*ends, chart.x_unit, 4 if frame.width < MIDDLE else 7)
    axis = Axis(ends[0], ends[1], [tick for tick in ticks if ends[0] <= tick <= ends[1]], frame.left, frame.right)
    for tick in axis.ticks:
        below(frame, chart.x_unit.tick(tick), axis.place(tick))
    return axis


def mark(frame: Frame, marks: Sequence[Mark], x: Axis | None) -> None:
    """Lines across with what they say; words go to the side where there is room."""
    for one in marks:
        if one.axis == "y":
            _across(frame, one)
        elif x is not None:
            _upright(frame, one, x.place(one.at))


def _across(frame: Frame, one: Mark) -> None:
    at = frame.y.place(one.at)
    _dashed(frame, (frame.left, at), (frame.right, at))
    lift = at - 6 if at - frame.top > SIZE else at + SIZE + 2
    _said(frame, one.text, (frame.left + 4, lift), is_end=False)


def _upright(frame: Frame, one: Mark, at: float) -> None:
    _dashed(frame, (at, frame.top), (at, frame.bottom))
    is_end = at + text_width(one.text, SMALL) + 8 > frame.right
    _said(frame, one.text, (at - 6 if is_end else at + 6, frame.top + 10), is_end=is_end)


def _dashed(frame: Frame, start: tuple[float, float], end: tuple[float, float]) -> None:
    frame.canvas.line(start, end, stroke="var(--muted)", stroke_width=1, stroke_dasharray="4 4")


def _said(frame: Frame, words: str, at: tuple[float, float], *, is_end: bool) -> None:
    frame.canvas.text(at, words, "end" if is_end else "start", font_size=SMALL, fill="var(--muted)")
