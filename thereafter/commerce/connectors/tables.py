"""Tables in text files: found out by themselves are the encoding, the delimiter and where a quoted line ends."""

import codecs
import csv
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from thereafter.commerce.connectors.reading import Unreadable
from thereafter.kit.tables import delimiter_of

Row = dict[str, str]
LONGEST_FIELD = 4 * 1024 * 1024
csv.field_size_limit(LONGEST_FIELD)


class Table:
    """A text file with a header. Iterating gives its rows, one at a time; raises `Unreadable`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._encoding = encoding_of(path)
        with path.open(encoding=self._encoding, newline="") as file:
            first = file.readline()
        self._delimiter = delimiter_of(first)
        self.columns = [column.strip() for column in next(csv.reader([first], delimiter=self._delimiter), [])]
        if not any(self.columns):
            raise Unreadable(f"empty_file: {path.name} has no header")

    def __iter__(self) -> Iterator[Row]:
        with self.path.open(encoding=self._encoding, newline="") as file:
            lines = csv.reader(file, delimiter=self._delimiter)
            next(lines, None)
            try:
                for values in lines:
                    if any(values):
                        padding = [""] * (len(self.columns) - len(values))
                        yield dict(zip(self.columns, values + padding, strict=False))
            except csv.Error as wrong:
                raise Unreadable(f"bad_table: {self.path.name}, line {lines.line_num}: {wrong}") from None

    def require(self, columns: Sequence[str]) -> None:
        missing = [column for column in columns if column not in self.columns]
        if missing:
            has = ", ".join(self.columns)[:200]
            raise Unreadable(f'missing_column: {self.path.name} has no column "{missing[0]}"; it has {has}')


def encoding_of(path: Path) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else what old spreadsheets write."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        part = file.read(1 << 20)
        if part.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        try:
            while part:
                decoder.decode(part)
                part = file.read(1 << 20)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


class Lookup:
    """A table to be joined, by key, in a temporary file so that its size does not matter."""

    def __init__(self, table: Table, key: str) -> None:
        table.require([key])
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE part (key TEXT, row TEXT)")
        rows = ((row[key], json.dumps(row)) for row in table)
        self._database.executemany("INSERT INTO part VALUES (?, ?)", rows)
        self._database.execute("CREATE INDEX part_key ON part (key)")

    def find(self, key: str) -> list[Row]:
        found = self._database.execute("SELECT row FROM part WHERE key = ? ORDER BY rowid", (key,))
        return [json.loads(row) for (row,) in found]

    def close(self) -> None:
        self._database.close()
