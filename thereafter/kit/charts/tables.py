"""The same figures as a table: what a chart's reader, a spreadsheet and a page of paper get."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from thereafter.kit.charts.units import Unit


class Sure(NamedTuple):
    """A figure with the interval in which the true one lies in 95 of 100 cases."""

    value: float
    low: float
    high: float


Cell = str | int | float | Sure | None


@dataclass(frozen=True)
class Column:
    """Without a unit the cells are texts; `interval` says that its cells may be `Sure`."""

    label: str
    unit: Unit | None = None
    interval: bool = False

    @property
    def is_number(self) -> bool:
        return self.unit is not None

    def say(self, cell: Cell) -> str:
        if self.unit is None or isinstance(cell, str):
            return "" if cell is None else str(cell)
        if isinstance(cell, Sure):
            return f"{self.unit.say(cell.value)} ({between(self.unit, cell.low, cell.high)})"
        return self.unit.say(cell)

    def heads(self) -> list[str]:
        return [self.label, f"{self.label} (low)", f"{self.label} (high)"] if self.interval else [self.label]

    def raw(self, cell: Cell) -> Iterator[object]:
        """As many as it has heads."""
        if self.unit is None or isinstance(cell, str):
            parts: list[object] = [cell]
        elif isinstance(cell, Sure):
            parts = [self.unit.raw(one) for one in cell]
        else:
            parts = [self.unit.raw(cell)]
        yield from parts
        yield from [""] * (len(self.heads()) - len(parts))


@dataclass(frozen=True)
class Table:
    """`urls`: where the first cell of each row leads; "" leads nowhere. `marks`: a word about a row."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    urls: Sequence[str] = ()
    marks: Sequence[str] = ()

    def url(self, row: int) -> str:
        return self.urls[row] if row < len(self.urls) else ""

    def mark(self, row: int) -> str:
        return self.marks[row] if row < len(self.marks) else ""


def between(unit: Unit, low: float, high: float) -> str:
    """An interval in words: 10.1% to 14.8%."""
    return f"{unit.say(low)} to {unit.say(high)}"
