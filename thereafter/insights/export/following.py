"""What happened since: the months that new lines of the log touch are put together anew.

Each change of an order's amounts, lines, state or owner has its line in the log, so the log names the orders that may
differ. Only those are read from the database, by their ids; the rest of a month comes from its file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from thereafter.insights.engine import files
from thereafter.insights.engine.files import ARROW, WHOLE, Manifest, Part
from thereafter.insights.export import asked
from thereafter.insights.export.beginning import Parts, wholes
from thereafter.insights.export.tables import Source, by_month, without
from thereafter.kit.batches import batched

# Transactions may become visible in another sequence than that of their ids: so many ids before the last one that was
# seen are compared with what is in the files already.
MARGIN = 100_000
# With more news than this it is quicker, and takes less memory, to begin from nothing.
MOST = 500_000
_CHUNK = 5_000
# Events after which an order may be another; the others only stand in the log themselves.
OF_ORDERS = ("order.placed", "order.changed", "order.cancelled", "order.refunded")
MERGED = "customer.merged"


class TooMuch(Exception):
    """So much is new that all of it should be read again."""


@dataclass(frozen=True)
class Kept:
    """The files that held until now, and how new ones are named."""

    folder: Path
    store_id: int
    held: Manifest
    serial: str

    def read(self, table: str, month: int, columns: list[str] | None = None, filters: Any = None) -> pa.Table:
        path = files.paths(self.folder, self.store_id, table, self.held).get(month)
        if path is None:
            return ARROW[table].empty_table().select(columns or ARROW[table].names)
        return pq.read_table(path, columns=columns, filters=filters, partitioning=None).cast(
            ARROW[table] if columns is None else pa.schema([ARROW[table].field(name) for name in columns])
        )

    def months(self, table: str) -> list[int]:
        return list(files.paths(self.folder, self.store_id, table, self.held))

    def put(self, table: str, month: int, rows: pa.Table) -> Part:
        return files.put(self.folder, self.store_id, table, month, self.serial, rows)


def since(source: Source, kept: Kept, *, upto: int) -> Parts | None:
    """The parts that hold from now on, None when nothing happened. Raises `TooMuch`."""
    news = _news(source, kept, upto)
    if not news.num_rows:
        return _other_products(source, kept)
    merged = _of(news, "customer_id", (MERGED,))
    entries = pa.concat_tables([news, *_entries_of(source, merged, news["id"], upto)])
    ids = {*_of(news, "order_id", OF_ORDERS), *_orders_of(source, merged)}
    parts = {table: dict(held) for table, held in kept.held.parts.items()}
    parts["entries"] |= _put_together(kept, "entries", "id", entries, set(by_month(entries)))
    _renew_orders(source, kept, ids, parts)
    return parts | wholes(source, kept.folder, kept.serial)


def _news(source: Source, kept: Kept, upto: int) -> pa.Table:
    """Lines of the log that are in no file."""
    floor = kept.held.entry_to - MARGIN
    which = f"e.id > {floor} AND e.id <= {upto}"
    ids = source.entry_ids(which)
    known = [kept.read("entries", month, ["id"], [("id", ">", floor)])["id"] for month in kept.months("entries")]
    new = np.setdiff1d(ids.to_numpy(), np.concatenate([each.to_numpy() for each in known]) if known else [])
    if len(new) > MOST:
        raise TooMuch
    if not len(new):
        return ARROW["entries"].empty_table()
    found = source.entries(f"e.id >= {new[0]} AND e.id <= {upto}")
    wanted = pa.array(new, pa.int64())
    return pa.concat_tables(part.filter(pc.is_in(part["id"], wanted)) for part in found)


def _of(news: pa.Table, column: str, names: Iterable[str]) -> set[int]:
    named = news.filter(pc.is_in(news["name"], pa.array(names, pa.string())))
    return set(pc.unique(named[column]).to_pylist()) - {0}


def _entries_of(source: Source, customers: set[int], known: pa.ChunkedArray, upto: int) -> Iterator[pa.Table]:
    """The whole past of people who were merged: it has another owner now."""
    for ids in batched(sorted(customers), _CHUNK):
        for part in source.entries(f"e.id <= {upto} AND {asked.ids_in('e.customer_id', ids)}"):
            yield without(part, "id", known.combine_chunks())


def _orders_of(source: Source, customers: set[int]) -> Iterator[int]:
    for ids in batched(sorted(customers), _CHUNK):
        yield from source.order_ids(asked.ids_in("o.customer_id", ids)).to_pylist()


def _renew_orders(source: Source, kept: Kept, ids: set[int], parts: Parts) -> None:
    """In both tables a month has the same orders, so they are looked for in one."""
    if not ids:
        return
    pairs = [source.orders(asked.ids_in("o.id", chunk)) for chunk in batched(sorted(ids), _CHUNK)]
    orders, lines = (pa.concat_tables(tables) for tables in zip(*pairs, strict=True))
    months = _months_with(kept, ids) | set(by_month(orders))
    for table, key, rows in (("orders", "id", orders), ("lines", "order_id", lines)):
        parts[table] |= _put_together(kept, table, key, rows, months, ids)


def _months_with(kept: Kept, ids: set[int]) -> set[int]:
    """Where the orders stand now; the day of an order may have changed."""
    wanted, bounds = pa.array(sorted(ids), pa.int64()), [("id", ">=", min(ids)), ("id", "<=", max(ids))]
    return {
        month
        for month in kept.months("orders")
        if pc.any(pc.is_in(kept.read("orders", month, ["id"], bounds)["id"], wanted)).as_py()
    }


def _put_together(
    kept: Kept, table: str, key: str, rows: pa.Table, months: set[int], ids: set[int] | None = None
) -> dict[int, Part]:
    """Each month without the rows of these keys (none given: of the new rows), and with the new ones."""
    gone = pc.unique(rows[key]) if ids is None else pa.array(sorted(ids), pa.int64())
    new = by_month(rows)
    made = {}
    for month in months:
        old = without(kept.read(table, month), key, gone)
        made[month] = kept.put(table, month, pa.concat_tables([old, new.get(month, rows.slice(0, 0))]).sort_by(key))
    return made


def _other_products(source: Source, kept: Kept) -> Parts | None:
    """Changes of products are in no log."""
    if source.products().equals(kept.read("products", WHOLE)):
        return None
    return kept.held.parts | wholes(source, kept.folder, kept.serial)
