"""Columns, stacked, and histograms."""

from thereafter.kit.charts import frames
from thereafter.kit.charts.canvas import Canvas, colour
from thereafter.kit.charts.frames import Frame
from thereafter.kit.charts.kinds import Columns

_WIDEST = 54.0


def draw(chart: Columns, width: float, *, still: bool) -> Canvas:
    span = frames.span_of(chart, 0, _ends(chart))
    frame = frames.framed(chart, width, span, right=0, still=still)
    slot = frame.width / max(1, len(chart.labels))
    places = [frame.left + slot * (index + 0.5) for index in range(len(chart.labels))]
    gap = 1.0 if chart.touching else max(2.0, slot * 0.26)
    wide = max(0.8, slot - gap) if chart.touching else min(_WIDEST, max(0.8, slot - gap))
    for index, place in enumerate(places):
        _column(frame, chart, index, (place, slot, wide))
    zero = frame.y.place(0)
    frame.canvas.line((frame.left, zero), (frame.right, zero), stroke="var(--line-strong)", stroke_width=1)
    frames.name_slots(frame, chart.labels, places)
    frames.mark(frame, chart.marks, None)
    return frame.canvas


def _at(chart: Columns, index: int) -> list[float]:
    """The values of one column, series by series."""
    return [(one.values[index] or 0) if index < len(one.values) else 0 for one in chart.series]


def _ends(chart: Columns) -> list[float]:
    """How high and how deep each column reaches."""
    columns = [_at(chart, index) for index in range(len(chart.labels))]
    return [sum(value for value in column if (value > 0) == is_up) for column in columns for is_up in (True, False)]


def _column(frame: Frame, chart: Columns, index: int, room: tuple[float, float, float]) -> None:
    place, slot, wide = room
    if not frame.canvas.still:
        frame.canvas.open(_tip(chart, index))
        frame.canvas.rect(place - slot / 2, frame.top, slot, frame.bottom - frame.top, class_="hit")
    over = under = 0.0
    for order, value in enumerate(_at(chart, index)):
        begin = over if value >= 0 else under
        top, bottom = sorted((frame.y.place(begin), frame.y.place(begin + value)))
        # A hair between parts that lie on each other.
        hair = 1.0 if begin and bottom - top > 3 else 0.0  # noqa: PLR2004 thinner ones would vanish
        tone = colour(chart.series[order].colour, order)
        height = bottom - top - hair
        frame.canvas.rect(
            place - wide / 2,
            top + (0 if value >= 0 else hair),
            wide,
            height,
            fill=tone,
            fill_opacity="0.85",
            rx=_round(chart, wide),
        )
        over, under = (over + value, under) if value >= 0 else (over, under + value)
    if not frame.canvas.still:
        frame.canvas.close()


def _round(chart: Columns, wide: float) -> float | None:
    return 2 if len(chart.series) == 1 and not chart.touching and wide > 6 else None  # noqa: PLR2004 else it is a blob


def _tip(chart: Columns, index: int) -> str:
    values = _at(chart, index)
    if len(values) == 1:
        return f"{chart.labels[index]}\n{chart.unit.say(values[0])}"
    said = [f"{one.name}: {chart.unit.say(value)}" for one, value in zip(chart.series, values, strict=True)]
    return "\n".join([chart.labels[index], *reversed(said)])
