"""All of a store, month by month: the first export, and the one after everything changed its meaning."""

from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import Max, Min

from thereafter.commerce.models import Order
from thereafter.insights.engine import files
from thereafter.insights.engine.files import WHOLE, Part
from thereafter.insights.export import asked, calendar
from thereafter.insights.export.tables import Source, by_month

Parts = dict[str, dict[int, Part]]
# Rows of a month that are held until they are worth writing.
_HELD = 32_768


def everything(source: Source, folder: Path, serial: str, *, upto: int) -> Parts:
    """Writes each month's orders and lines, the log to its line `upto`, and what is kept whole."""
    parts: Parts = {"orders": {}, "lines": {}}
    for month in _months(source):
        which = asked.placed_in(source.words, *calendar.month_bounds(month, source.zone))
        orders, lines = source.orders(which)
        for table, rows in (("orders", orders), ("lines", lines)):
            if rows.num_rows:
                parts[table][month] = files.put(folder, source.store.pk, table, month, serial, rows)
    parts["entries"] = _entries(source, folder, serial, upto)
    return parts | wholes(source, folder, serial)


def _months(source: Source) -> range:
    placed = Order.objects.of(source.store).aggregate(first=Min("placed_at"), last=Max("placed_at"))
    if placed["first"] is None:
        return range(0)
    first, last = (calendar.month_at(placed[end], source.zone) for end in ("first", "last"))
    return range(first, last + 1)


def wholes(source: Source, folder: Path, serial: str) -> Parts:
    """The tables that are small enough to be written anew each time."""
    found = {"products": source.products(), "customers": source.customers()}
    return {
        table: {WHOLE: files.put(folder, source.store.pk, table, WHOLE, serial, rows)} for table, rows in found.items()
    }


def _entries(source: Source, folder: Path, serial: str, upto: int) -> dict[int, Part]:
    """The log stands in the sequence of its writing, which is nearly that of time: few months are open at once, and of
    each only so many rows are held."""
    with ExitStack() as stack:
        spread = _Spread(files.table_folder(folder, source.store.pk, "entries"), serial, stack)
        for rows in source.entries(f"e.id <= {upto}"):
            for month, of_month in by_month(rows).items():
                spread.add(month, of_month)
        return spread.finish()


class _Spread:
    """Rows as they come into one file per month."""

    def __init__(self, folder: Path, serial: str, stack: ExitStack) -> None:
        self._folder, self._serial, self._stack = folder, serial, stack
        self._held: dict[int, list[pa.Table]] = defaultdict(list)
        self._writers: dict[int, pq.ParquetWriter] = {}
        self._rows: dict[int, int] = defaultdict(int)

    def add(self, month: int, rows: pa.Table) -> None:
        self._held[month].append(rows)
        self._rows[month] += rows.num_rows
        if sum(each.num_rows for each in self._held[month]) >= _HELD:
            self._write(month)

    def _write(self, month: int) -> None:
        rows = pa.concat_tables(self._held.pop(month, []))
        if month not in self._writers:
            path = self._folder / files.file_name(month, self._serial)
            writer = pq.ParquetWriter(path, rows.schema, compression="zstd")
            self._writers[month] = self._stack.enter_context(writer)
        self._writers[month].write_table(rows)

    def finish(self) -> dict[int, Part]:
        for month in list(self._held):
            self._write(month)
        return {month: Part(files.file_name(month, self._serial), rows) for month, rows in self._rows.items()}
