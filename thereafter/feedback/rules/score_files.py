"""Reads the column of scores of a file of answers as people export them: Excel, a survey tool, pandas."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO

from thereafter.feedback.rules import answers as rules
from thereafter.kit import tables

COLUMN = "score"
_DELIMITERS = ",;\t|"
# 9, +9, 9.0 and 9,00 are a nine; 9.5 is not on a scale of whole numbers.
_WHOLE = re.compile(r"([+-]?\d{1,9})(?:[.,]0+)?")
_LONGEST_SHOWN = 40


class BadFile(ValueError):
    """The file has no scores; the text says what to do."""


@dataclass
class Scores:
    """How often each score was given, and what was left out: (line of the file, sentence)."""

    counts: Counter[int] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)


def read(content: bytes, kind: str, column: str = COLUMN) -> Scores:
    """Raises `BadFile` where there is no such column or no score at all."""
    try:
        # Ends of lines of Windows and of old Macs.
        text = tables.text_of(content).replace("\r\n", "\n").replace("\r", "\n")
    except tables.Unreadable as wrong:
        raise BadFile(str(wrong)[:1].lower() + str(wrong)[1:].rstrip(".")) from None
    heading = next((line for line in text.split("\n") if line.strip()), "")
    if not heading:
        raise BadFile(f"the file is empty; give one with a column {column!r}")
    rows = csv.reader(StringIO(text), delimiter=_delimiter(heading, column))
    found = Scores()
    try:
        place = _place(rows, column)
        for row in rows:
            _take(found, rows.line_num, row[place] if place < len(row) else "", kind)
    except csv.Error as error:
        raise BadFile(f"line {rows.line_num} cannot be read as CSV: {error}") from None
    if not found.counts:
        raise BadFile(_none_of(found))
    return found


def _delimiter(heading: str, column: str) -> str:
    """The one with which the heading has our column; of a file with a single column any will do."""
    for delimiter in _DELIMITERS:
        if _same(column) in [_same(cell) for cell in next(csv.reader([heading], delimiter=delimiter), [])]:
            return delimiter
    return max(_DELIMITERS, key=heading.count)


def _place(rows: Iterator[list[str]], column: str) -> int:
    for row in rows:
        names = [_same(cell) for cell in row]
        if _same(column) in names:
            return names.index(_same(column))
        if any(names):
            shown = ", ".join(repr(cell.strip()[:_LONGEST_SHOWN]) for cell in row[:12] if cell.strip())
            raise BadFile(f"the file has no column {column!r}; its first line has {shown}")
    raise BadFile(f"the file has no column {column!r}")


def _same(name: str) -> str:
    return name.strip().casefold()


def _take(found: Scores, line: int, cell: str, kind: str) -> None:
    given = cell.strip()
    whole = _WHOLE.fullmatch(given)
    if not given:
        found.refused.append((line, "has no score; who did not answer does not count"))
        return
    try:
        if whole is None:
            raise rules.BadScore(f"{given[:_LONGEST_SHOWN]!r} is not a whole number")
        rules.check_score(kind, int(whole[1]))
    except rules.BadScore as error:
        found.refused.append((line, str(error)))
    else:
        found.counts[int(whole[1])] += 1


def _none_of(found: Scores) -> str:
    if not found.refused:
        return "the file has a heading and no answers below it"
    line, sentence = found.refused[0]
    return f"none of the {len(found.refused)} rows has a score that can be read; line {line}: {sentence}"
