"""A file from another programme as rows of text. Plain Python; nothing is kept."""

from dataclasses import dataclass

from thereafter.kit import tables
from thereafter.kit.tables import MOST_BYTES, MOST_ROWS, Unreadable, text_of

__all__ = ["MOST_BYTES", "MOST_ROWS", "Raw", "Table", "Unreadable", "read", "text_of"]
Raw = dict[str, str]


@dataclass(frozen=True)
class Table:
    columns: list[str]
    # (line of the file, its cells by column), empty lines left out.
    rows: list[tuple[int, Raw]]


def read(text: str) -> Table:
    """The table with its header; raises `Unreadable`."""
    table = tables.read(text)
    return Table(table.columns, [(line, _raw(table.columns, cells)) for line, cells in table.rows])


def _raw(columns: list[str], cells: list[str]) -> Raw:
    return {name: _bare(cell) for name, cell in zip(columns, cells, strict=False) if name}


def _bare(cell: str) -> str:
    """Spreadsheets mark digits and what looks like a formula with a ' in front."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in set("+-=@0123456789") else cell
