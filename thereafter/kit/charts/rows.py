"""What stands in rows beside its name: effects with their intervals around a line of none, and bars."""

from thereafter.kit.charts.canvas import SIZE, Canvas, colour, fitted, text_width
from thereafter.kit.charts.frames import BROAD, SMALL
from thereafter.kit.charts.kinds import Bar, Effect, Forest, Ranked
from thereafter.kit.charts.scales import Axis, reach, rounded
from thereafter.kit.charts.tables import between

_ROW, _TALL = 34.0, 50.0


def draw_forest(chart: Forest, width: float, *, still: bool) -> Canvas:
    """On a broad drawing name, line and figure stand side by side, else the name above its line."""
    is_broad = width >= BROAD
    row = _ROW if is_broad else _TALL
    canvas = Canvas(width, row * max(1, len(chart.effects)) + 30, still)
    axis = _axis(chart, (width * 0.3, width * 0.72) if is_broad else (10, width - 10))
    _no_difference(canvas, chart, axis)
    for index, one in enumerate(chart.effects):
        _effect(canvas, chart, one, axis, (index * row, row))
    return canvas


def _axis(chart: Forest, ends: tuple[float, float]) -> Axis:
    values = [value for one in chart.effects for value in (one.value, one.low, one.high)]
    low, high, ticks = rounded(*reach([*values, 0], None, None), chart.unit, 4)
    return Axis(low, high, ticks, *ends)


def _no_difference(canvas: Canvas, chart: Forest, axis: Axis) -> None:
    bottom = canvas.height - 24
    for tick in axis.ticks:
        at, strong = axis.place(tick), tick == 0
        stroke = "var(--muted)" if strong else "var(--line)"
        canvas.line((at, 2), (at, bottom), stroke=stroke, stroke_width=1.5 if strong else 1)
        half = text_width(chart.unit.tick(tick), SMALL) / 2
        inside = min(max(at, half), canvas.width - half)
        canvas.text((inside, bottom + 18), signed(chart, tick), "middle", font_size=SMALL, fill="var(--faint)")


def _effect(canvas: Canvas, chart: Forest, one: Effect, axis: Axis, place: tuple[float, float]) -> None:
    top, row = place
    is_broad = row == _ROW
    middle = top + row / 2 if is_broad else top + row - 13
    words_at = middle + 4.5 if is_broad else top + 17
    said, tone = told(chart, one), _tone(chart, one)
    if not canvas.still:
        canvas.open(f"{one.label}\n{said}" + (f"\n{one.note}" if one.note else ""))
        canvas.rect(0, top, canvas.width, row, class_="hit")
    _interval(canvas, one, axis, (middle, tone))
    room = axis.start - 16 if is_broad else canvas.width - text_width(said, SMALL) - 16
    _name(canvas, one.label, one.url, (0, words_at), room)
    canvas.text(
        (canvas.width, words_at), fitted(said, canvas.width * 0.6, SMALL), "end", font_size=SMALL, fill="var(--ink)"
    )
    if not canvas.still:
        canvas.close()


def _interval(canvas: Canvas, one: Effect, axis: Axis, look: tuple[float, str]) -> None:
    middle, tone = look
    if one.value is None:
        return
    if one.low is not None and one.high is not None:
        low, high = axis.place(one.low), axis.place(one.high)
        canvas.line((low, middle), (high, middle), stroke=tone, stroke_width=3, stroke_linecap="round")
    canvas.circle((axis.place(one.value), middle), 5, fill=tone, stroke="var(--surface)", stroke_width=1.5)


def _name(canvas: Canvas, label: str, url: str, at: tuple[float, float], room: float) -> None:
    leads = url and not canvas.still
    if leads:
        canvas.link(url)
    canvas.text(at, fitted(label, room), fill="var(--accent-text)" if leads else "var(--ink)")
    if leads:
        canvas.end_link()


def _tone(chart: Forest, one: Effect) -> str:
    """Green or red only where the whole interval lies on one side."""
    if one.low is None or one.high is None or one.low <= 0 <= one.high or not chart.good:
        return colour("neutral")
    return colour("good" if (one.low > 0) == (chart.good == "up") else "bad")


def told(chart: Forest, one: Effect) -> str:
    if one.value is None:
        return one.note or "too few to say"
    said = signed(chart, one.value, full=True)
    return said if one.low is None or one.high is None else f"{said} ({between(chart.unit, one.low, one.high)})"


def signed(chart: Forest, value: float, *, full: bool = False) -> str:
    words = chart.unit.say(value) if full else chart.unit.tick(value)
    return f"+{words}" if value > 0 else words


def draw_ranked(chart: Ranked, width: float, *, still: bool) -> Canvas:
    canvas = Canvas(width, 42.0 * max(1, len(chart.bars)) + 2, still)
    values = [value for bar in chart.bars for value in (bar.value, bar.high)]
    low, high = reach(values, 0, chart.top)
    axis = Axis(low, high, (), 0, width)
    for index, bar in enumerate(chart.bars):
        _bar(canvas, chart, bar, axis, index * 42.0)
    return canvas


def _bar(canvas: Canvas, chart: Ranked, bar: Bar, axis: Axis, top: float) -> None:
    said, tone = bar.text or chart.unit.say(bar.value), colour(bar.colour)
    if not canvas.still:
        canvas.open(f"{bar.label}\n{said}")
        canvas.rect(0, top, canvas.width, 40, class_="hit")
    canvas.text((canvas.width, top + 16), said, "end", fill="var(--ink)")
    _name(canvas, bar.label, bar.url, (0, top + 16), canvas.width - text_width(said, SIZE) - 16)
    canvas.rect(0, top + 24, canvas.width, 8, rx=4, fill="var(--sunken)")
    start, end = sorted((axis.place(0), axis.place(bar.value)))
    canvas.rect(start, top + 24, max(end - start, 1.5 if bar.value else 0), 8, rx=4, fill=tone)
    if bar.low is not None and bar.high is not None:
        canvas.line(
            (axis.place(bar.low), top + 28), (axis.place(bar.high), top + 28), stroke="var(--ink)", stroke_width=1.5
        )
    if not canvas.still:
        canvas.close()
