"""Tables that people bring as text files, with every cell as it stands, and tables written. Plain Python."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import _csv

Cell = TypeVar("Cell")

MOST_BYTES, MOST_ROWS = 20_000_000, 100_000
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_DELIMITERS = ",;\t|"
# A spreadsheet would take what begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Unreadable(ValueError):
    """Not a table that we can take; the text says what to do."""


@dataclass(frozen=True)
class Table:
    """Columns of one name are numbered. `rows`: the line of the file where each begins, and its cells; there may be
    fewer or more than columns. Empty lines are left out."""

    columns: list[str]
    rows: list[tuple[int, list[str]]]
    delimiter: str
    newline: str


def encoding_of(data: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else what old spreadsheets write."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def text_of(data: bytes) -> str:
    """The text of a file in whichever encoding it is; raises `Unreadable`."""
    if len(data) > MOST_BYTES:
        raise Unreadable("The file is larger than 20 MB. Split it.")
    text = data.decode(encoding_of(data), "replace")
    if text.startswith("PK\x03\x04"):
        raise Unreadable("This is a workbook of Excel. Save it as CSV there, and choose that file.")
    return text.replace("\x00", "").removeprefix("\ufeff")


def read(text: str) -> Table:
    """The table with its header; raises `Unreadable`."""
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = delimiter_of(first)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [cell.strip() for cell in next(lines, [])]
        rows = list(_rows(lines))
    except csv.Error as wrong:
        raise Unreadable(f"Line {lines.line_num} cannot be read as a table: {wrong}.") from None
    if not any(header):
        raise Unreadable("The file is empty. Its first line should name the columns.")
    if not rows:
        raise Unreadable("There is no row below the names of the columns.")
    return Table(_named(header), rows, delimiter, "\r\n" if first.endswith("\r") else "\n")


def delimiter_of(header: str) -> str:
    """The delimiter that stands most often outside of quotes."""
    bare = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _named(columns: list[str]) -> list[str]:
    """Columns of one name get numbers, so that none hides another."""
    seen: dict[str, int] = {}
    named = []
    for column in columns:
        seen[column] = seen.get(column, 0) + 1
        named.append(column if seen[column] == 1 else f"{column} ({seen[column]})")
    return named


def _rows(lines: "_csv.Reader") -> Iterator[tuple[int, list[str]]]:
    before = lines.line_num
    for count, cells in enumerate(lines, start=1):
        # A quoted cell may go over several lines; a row stands where it begins.
        line, before = before + 1, lines.line_num
        if count > MOST_ROWS:
            raise Unreadable(f"More than {MOST_ROWS:,} rows. Split the file.")
        if any(cell.strip() for cell in cells):
            yield line, cells


def written(rows: Iterable[Sequence[object]], *, delimiter: str = ",", newline: str = "\r\n") -> Iterator[str]:
    """Rows as lines of a file, one at a time; what needs quotes gets them."""
    for row in rows:
        held = io.StringIO()
        csv.writer(held, delimiter=delimiter, lineterminator=newline).writerow(row)
        yield held.getvalue()


def harmless(value: Cell) -> Cell | str:
    """A cell that no spreadsheet runs as a formula. Numbers stay numbers, also those below zero."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
