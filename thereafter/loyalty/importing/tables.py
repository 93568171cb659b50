"""A file from another programme as rows of text. Plain Python; nothing is kept."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thereafter.commerce.connectors.tables import delimiter_of

if TYPE_CHECKING:
    import _csv

MOST_BYTES, MOST_ROWS = 20_000_000, 100_000
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
Raw = dict[str, str]


class Unreadable(ValueError):
    """Not a table that we can take; the text says what to do."""


@dataclass(frozen=True)
class Table:
    columns: list[str]
    # (line of the file, its cells by column), empty lines left out.
    rows: list[tuple[int, Raw]]


def text_of(data: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else what old spreadsheets write. Raises `Unreadable`."""
    if len(data) > MOST_BYTES:
        raise Unreadable("The file is larger than 20 MB. Split it.")
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace").replace("\x00", "")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if text.startswith("PK\x03\x04"):
        raise Unreadable("This is a workbook of Excel. Save it as CSV there, and choose that file.")
    return text.replace("\x00", "")


def read(text: str) -> Table:
    """The table with its header; raises `Unreadable`."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(_first_line(text)))
    try:
        columns = _named([cell.strip().lstrip("\ufeff") for cell in next(lines, [])])
        rows = list(_rows(lines, columns))
    except csv.Error as wrong:
        raise Unreadable(f"Line {lines.line_num} cannot be read as a table: {wrong}.") from None
    if not any(columns):
        raise Unreadable("The file is empty. Its first line should name the columns.")
    if not rows:
        raise Unreadable("There is no row below the names of the columns.")
    return Table(columns, rows)


def _first_line(text: str) -> str:
    return text[: text.find("\n")] if "\n" in text else text


def _named(columns: list[str]) -> list[str]:
    """Columns of one name get numbers, so that none hides another."""
    seen: dict[str, int] = {}
    named = []
    for column in columns:
        seen[column] = seen.get(column, 0) + 1
        named.append(column if seen[column] == 1 else f"{column} ({seen[column]})")
    return named


def _rows(lines: "_csv.Reader", columns: list[str]) -> Iterator[tuple[int, Raw]]:
    before = lines.line_num
    for count, cells in enumerate(lines, start=1):
        # A quoted cell may go over several lines; a row stands where it begins.
        line, before = before + 1, lines.line_num
        if count > MOST_ROWS:
            raise Unreadable(f"More than {MOST_ROWS:,} rows. Split the file.")
        if any(cell.strip() for cell in cells):
            yield line, {name: _bare(cell) for name, cell in zip(columns, cells, strict=False) if name}


def _bare(cell: str) -> str:
    """Spreadsheets mark digits and what looks like a formula with a ' in front."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in set("+-=@0123456789") else cell
