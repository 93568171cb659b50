"""Heat maps and grids. On a page they are tables (`kit/charts.html`); here they are drawn for files."""

from thereafter.kit.charts.canvas import PLAIN, SIZE, Canvas, fitted, text_width
from thereafter.kit.charts.frames import SMALL
from thereafter.kit.charts.kinds import Grid, Heat, HeatCell, HeatRow
from thereafter.kit.charts.units import NUMBER

# Tints of a page's stylesheet, and how strong the strongest is: text must stay readable on it.
TINTS, _FULL = 12, 0.74
_CELL, _LINE = 52.0, 28.0
_BOX, _HIGH = 118.0, 74.0


def tint(value: float, top: float) -> int:
    """0 to 12; the faintest for the least that is not nothing."""
    if value <= 0 or top <= 0:
        return 0
    return min(TINTS, max(1, round(TINTS * value / top)))


def fullest(chart: Heat) -> float:
    """The value of the strongest tint, that of complete cells; a first period in which everybody is, does not count."""
    if chart.top is not None:
        return chart.top
    whole = all(row.cells and row.cells[0] and row.cells[0].value == 1 for row in chart.rows if row.size)
    cells = [cell for row in chart.rows for cell in row.cells[1 if whole else 0 :]]
    return max((cell.value for cell in cells if cell and not cell.running), default=0.0)


def most(chart: Grid) -> int:
    return max((box.count for row in chart.boxes for box in row), default=0)


def draw_heat(chart: Heat, width: float, *, still: bool) -> Canvas:
    names = max([text_width(row.label, SMALL) for row in chart.rows] + [60.0]) + 14
    sizes = max([text_width(NUMBER.say(row.size), SMALL) for row in chart.rows] + [text_width(chart.size, SMALL)]) + 14
    cell = max(_CELL, (width - names - sizes) / max(1, len(chart.columns)))
    rows = [*([chart.summary] if chart.summary else []), *chart.rows]
    canvas = Canvas(names + sizes + cell * len(chart.columns), _LINE * (len(rows) + 1) + 4, still)
    _hatching(canvas)
    canvas.text((0, 18), chart.by, font_size=SMALL)
    canvas.text((names + sizes - 12, 18), chart.size, "end", font_size=SMALL)
    for index, column in enumerate(chart.columns):
        canvas.text(
            (names + sizes + cell * (index + 0.5), 18), fitted(column, cell - 4, SMALL), "middle", font_size=SMALL
        )
    for index, row in enumerate(rows):
        _cohort(canvas, chart, row, (names, sizes, cell, _LINE * (index + 1)))
    return canvas


def _hatching(canvas: Canvas) -> None:
    canvas.parts.append(
        '<defs><pattern id="running" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="2" height="6" fill="var(--surface)" fill-opacity="0.55"/></pattern></defs>'
    )


def _cohort(canvas: Canvas, chart: Heat, row: HeatRow, place: tuple[float, float, float, float]) -> None:
    names, sizes, cell, top = place
    canvas.text((0, top + 19), row.label, font_size=SMALL, fill="var(--ink)", **PLAIN)
    canvas.text((names + sizes - 12, top + 19), NUMBER.say(row.size), "end", font_size=SMALL)
    for index, one in enumerate(row.cells):
        if one is not None:
            _cell(canvas, chart, one, (names + sizes + cell * index, top, cell))


def _cell(canvas: Canvas, chart: Heat, one: HeatCell, place: tuple[float, float, float]) -> None:
    x, top, wide = place
    strength = _FULL * tint(one.value, fullest(chart)) / TINTS
    if strength:
        canvas.rect(x + 1, top + 1, wide - 2, _LINE - 2, rx=3, fill="var(--chart-heat)", fill_opacity=f"{strength:.2f}")
    if one.running:
        canvas.rect(x + 1, top + 1, wide - 2, _LINE - 2, rx=3, fill="url(#running)")
    said = one.text or chart.unit.say(one.value)
    canvas.text(
        (x + wide / 2, top + 19), fitted(said, wide - 4, SMALL), "middle", font_size=SMALL, fill="var(--ink)", **PLAIN
    )


def draw_grid(chart: Grid, width: float, *, still: bool) -> Canvas:
    names = max([text_width(row, SMALL) for row in chart.rows] + [20.0]) + 18
    wide = max(_BOX, (width - names) / max(1, len(chart.columns)))
    canvas = Canvas(names + wide * len(chart.columns), _HIGH * len(chart.rows) + 62, still)
    canvas.text((0, 14), chart.y_title, font_size=SMALL, fill="var(--faint)")
    for down, (row, across) in enumerate(zip(chart.rows, chart.boxes, strict=False)):
        canvas.text((0, 24 + _HIGH * (down + 0.5) + 4), row, font_size=SMALL)
        for index, box in enumerate(across):
            strength = _FULL * tint(box.count, most(chart)) / TINTS
            at = (names + wide * index + 1, 24 + _HIGH * down + 1)
            canvas.rect(*at, wide - 2, _HIGH - 2, rx=4, fill="var(--sunken)")
            if strength:
                canvas.rect(*at, wide - 2, _HIGH - 2, rx=4, fill="var(--chart-heat)", fill_opacity=f"{strength:.2f}")
            canvas.text(
                (at[0] + 10, at[1] + 30),
                chart.unit.say(box.count),
                font_size=SIZE + 3,
                fill="var(--ink)",
                font_weight=600,
                **PLAIN,
            )
            canvas.text(
                (at[0] + 10, at[1] + 50),
                fitted(box.group, wide - 20, SMALL),
                font_size=SMALL,
                fill="var(--ink)",
                **PLAIN,
            )
    bottom = 24 + _HIGH * len(chart.rows) + 16
    for index, column in enumerate(chart.columns):
        canvas.text((names + wide * (index + 0.5), bottom), column, "middle", font_size=SMALL)
    middle = names + wide * len(chart.columns) / 2
    canvas.text((middle, bottom + 18), chart.x_title, "middle", font_size=SMALL, fill="var(--faint)")
    return canvas
