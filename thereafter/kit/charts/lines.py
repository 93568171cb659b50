"""Lines, step curves and dots, with bands of confidence and the name of each line at its end."""

from collections.abc import Iterator, Sequence

from thereafter.kit.charts import frames
from thereafter.kit.charts.canvas import Canvas, Point, colour, fitted, text_width
from thereafter.kit.charts.frames import MIDDLE, SMALL, Frame
from thereafter.kit.charts.kinds import Lines, Series, Values
from thereafter.kit.charts.tables import between

_LINE = 15.0
# More lines than these are told apart by a legend, not by names that push each other away.
_MOST_NAMED = 6
# Narrower strips nobody can point at.
_MOST_TIPS = 60


def draw(chart: Lines, width: float, *, still: bool) -> Canvas:
    right = _room_for_names(chart, width)
    values = [value for one in chart.series for each in (one.values, one.low, one.high) for value in each]
    frame = frames.framed(chart, width, frames.span_of(chart, chart.low, values), right=right, still=still)
    places = _places(chart, frame)
    for order, one in enumerate(chart.series):
        _band(frame, chart, one, places, order)
    for order, one in enumerate(chart.series):
        _line(frame, chart, one, places, order)
    if right:
        _names(frame, chart)
    if not still:
        _tips(frame, chart, places)
    return frame.canvas


def _room_for_names(chart: Lines, width: float) -> float:
    if not 1 < len(chart.series) <= _MOST_NAMED or width < MIDDLE:
        return 0
    return min(max(text_width(one.name, SMALL) for one in chart.series) + 16, width * 0.28)


def _places(chart: Lines, frame: Frame) -> list[float]:
    if chart.at:
        axis = frames.numbered(frame, chart)
        frames.mark(frame, chart.marks, axis)
        return [axis.place(at) for at in chart.at]
    slot = frame.width / max(1, len(chart.labels) - 1)
    alone = len(chart.labels) == 1
    places = [frame.left + (frame.width / 2 if alone else slot * index) for index in range(len(chart.labels))]
    frames.name_slots(frame, chart.labels, places)
    frames.mark(frame, chart.marks, None)
    return places


def _runs(values: Values) -> Iterator[list[int]]:
    """Places of values that follow on each other without a gap."""
    run: list[int] = []
    for index, value in enumerate(values):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append(index)
    if run:
        yield run


def _points(frame: Frame, kind: str, values: Values, places: Sequence[float], run: Sequence[int]) -> list[Point]:
    points: list[Point] = []
    for index in run:
        at = (places[index], frame.y.place(values[index] or 0))
        if kind == "step" and points:
            points.append((at[0], points[-1][1]))
        points.append(at)
    return points


def _band(frame: Frame, chart: Lines, one: Series, places: Sequence[float], order: int) -> None:
    if not one.low or chart.kind == "dots":
        return
    known = [
        None if value is None or low is None or high is None else value
        for value, low, high in zip(one.values, one.low, one.high, strict=False)
    ]
    for run in _runs(known):
        over = _points(frame, chart.kind, one.high, places, run)
        under = _points(frame, chart.kind, one.low, places, run)
        if len(run) > 1:
            frame.canvas.path(
                [*over, *reversed(under)], closed=True, fill=colour(one.colour, order), fill_opacity="0.14"
            )
        else:
            frame.canvas.line(over[0], under[0], stroke=colour(one.colour, order), stroke_width=6, stroke_opacity="0.2")


def _line(frame: Frame, chart: Lines, one: Series, places: Sequence[float], order: int) -> None:
    tone = colour(one.colour, order)
    dots = chart.kind == "dots" and not one.dashed
    for run in _runs(one.values):
        kind = "line" if one.dashed else chart.kind
        points = _points(frame, kind, one.values, places, run)
        if len(run) > 1 and not dots:
            dash = "5 4" if one.dashed else ""
            frame.canvas.path(
                points, fill="none", stroke=tone, stroke_width=2, stroke_linejoin="round", stroke_linecap="round",
                stroke_dasharray=dash,
            )  # fmt: skip
        for point in points if dots or len(run) == 1 else ():
            frame.canvas.circle(point, 4, fill=tone)
    if chart.kind == "line" and not one.dashed:
        _last_point(frame, one, places, tone)


def _last_point(frame: Frame, one: Series, places: Sequence[float], tone: str) -> None:
    last = next((index for index in range(len(one.values) - 1, -1, -1) if one.values[index] is not None), None)
    if last is not None:
        at = (places[last], frame.y.place(one.values[last] or 0))
        frame.canvas.circle(at, 3.5, fill=tone, stroke="var(--surface)", stroke_width=1.5)


def _names(frame: Frame, chart: Lines) -> None:
    """Each at the height where its line ends, moved apart where they would lie on each other."""
    ends = []
    for order, one in enumerate(chart.series):
        last = next((value for value in reversed(one.values) if value is not None), None)
        if last is not None:
            ends.append((frame.y.place(last), order, one))
    heights = _apart([height for height, _, _ in sorted(ends, key=lambda end: end[0])], frame.top, frame.bottom)
    room = frame.canvas.width - frame.right - 12
    for height, (_, order, one) in zip(heights, sorted(ends, key=lambda end: end[0]), strict=True):
        words = fitted(one.name, room, SMALL)
        frame.canvas.text(
            (frame.right + 10, height + 4), words, font_size=SMALL, fill=_ink(one, order), font_weight=560
        )


def _ink(one: Series, order: int) -> str:
    return "var(--muted)" if one.colour == "neutral" else colour(one.colour, order)


def _apart(heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Heights in order, at least a line from each other, kept between top and bottom."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + _LINE) if placed else max(height, top))
    limit = bottom
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - _LINE
    return placed


def _tips(frame: Frame, chart: Lines, places: Sequence[float]) -> None:
    """An invisible strip for each place, or for each so many of a long curve, that says all values there."""
    told = range(0, len(places), -(-len(places) // _MOST_TIPS) or 1)
    for at, index in enumerate(told):
        place = places[index]
        before = (places[told[at - 1]] + place) / 2 if at else frame.left
        after = (places[told[at + 1]] + place) / 2 if at + 1 < len(told) else frame.right
        frame.canvas.open(_tip(chart, index))
        frame.canvas.rect(before, frame.top, after - before, frame.bottom - frame.top, class_="hit")
        for order, one in enumerate(chart.series):
            value = one.values[index] if index < len(one.values) else None
            if value is not None:
                tone = colour(one.colour, order)
                frame.canvas.circle((place, frame.y.place(value)), 4.5, class_="spot", stroke=tone)
        frame.canvas.close()


def _tip(chart: Lines, index: int) -> str:
    parts = [chart.labels[index]]
    for one in chart.series:
        value = one.values[index] if index < len(one.values) else None
        said = chart.unit.say(value)
        if value is not None and index < len(one.low):
            low, high = one.low[index], one.high[index]
            said += f" ({between(chart.unit, low, high)})" if low is not None and high is not None else ""
        parts.append(f"{one.name}: {said}" if len(chart.series) > 1 else said)
        if index < len(one.counts):
            parts[-1] += f", of {one.counts[index]:,}"
    return "\n".join(parts)
