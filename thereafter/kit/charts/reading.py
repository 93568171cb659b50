"""What a chart says, as a table: for people who cannot see it, for a spreadsheet, and below the chart."""

from collections.abc import Callable, Sequence
from typing import Any

from thereafter.kit.charts.kinds import Chart, Columns, Forest, Grid, Heat, HeatCell, HeatRow, Lines, Ranked, Series
from thereafter.kit.charts.tables import Cell, Column, Sure, Table
from thereafter.kit.charts.units import NUMBER


def as_table(chart: Chart) -> Table:
    read: Callable[[Any], Table] = _READERS[type(chart)]
    return read(chart)


def _series(chart: Lines | Columns) -> Table:
    columns, cells = [Column(chart.by)], [list(chart.labels)]
    for one in chart.series:
        columns.append(Column(one.name, chart.unit, interval=bool(one.low)))
        cells.append(_values(one))  # type: ignore[arg-type]  # a list of cells of another kind
        if one.counts:
            columns.append(Column(f"{one.name}: how many" if len(chart.series) > 1 else "How many", NUMBER))
            cells.append(list(one.counts))  # type: ignore[arg-type]  # as above
    return Table(columns, list(zip(*cells, strict=False)))


def _values(series: Series) -> list[Cell]:
    if not series.low:
        return list(series.values)
    triples = zip(series.values, series.low, series.high, strict=False)
    return [None if value is None else _sure(value, low, high) for value, low, high in triples]


def _sure(value: float, low: float | None, high: float | None) -> Cell:
    return value if low is None or high is None else Sure(value, low, high)


def _heat(chart: Heat) -> Table:
    head = [Column(chart.by), Column(chart.size, NUMBER), *(Column(name, chart.unit) for name in chart.columns)]
    rows = [*([chart.summary] if chart.summary else []), *chart.rows]
    marks = ["last period still running" if any(cell and cell.running for cell in row.cells) else "" for row in rows]
    return Table(head, [_cohort(row, len(chart.columns)) for row in rows], [row.url for row in rows], marks)


def _cohort(row: HeatRow, width: int) -> list[Cell]:
    cells: Sequence[HeatCell | None] = [*row.cells, *[None] * (width - len(row.cells))]
    return [row.label, row.size, *(cell.value if cell else None for cell in cells)]


def _grid(chart: Grid) -> Table:
    """A row for each box, with its group."""
    head = [
        Column("Group"),
        Column(chart.y_title or "Row"),
        Column(chart.x_title or "Column"),
        Column("Number", chart.unit),
    ]
    boxes = [
        (box, row, column)
        for row, across in zip(chart.rows, chart.boxes, strict=False)
        for column, box in zip(chart.columns, across, strict=False)
    ]
    return Table(
        head, [[box.group, row, column, box.count] for box, row, column in boxes], [box.url for box, *_ in boxes]
    )


def _forest(chart: Forest) -> Table:
    head = [Column(chart.by), Column(chart.value, chart.unit, interval=True), Column("Note")]
    rows: list[list[Cell]] = [
        [one.label, None if one.value is None else _sure(one.value, one.low, one.high), one.note]
        for one in chart.effects
    ]
    if not any(one.note for one in chart.effects):
        head, rows = head[:-1], [row[:-1] for row in rows]
    return Table(head, rows, [one.url for one in chart.effects])


def _ranked(chart: Ranked) -> Table:
    sure = any(bar.low is not None for bar in chart.bars)
    head = [Column(chart.by), Column(chart.value, chart.unit, interval=sure)]
    rows: list[list[Cell]] = [[bar.label, _sure(bar.value, bar.low, bar.high)] for bar in chart.bars]
    return Table(head, rows, [bar.url for bar in chart.bars])


_READERS: dict[type, Callable[[Any], Table]] = {
    Lines: _series,
    Columns: _series,
    Heat: _heat,
    Grid: _grid,
    Forest: _forest,
    Ranked: _ranked,
}
