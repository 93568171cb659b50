"""Answers of the database into the snapshot's tables: days, months, and what a line takes from its order."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from thereafter.insights.engine.files import ARROW
from thereafter.insights.export import asked, calendar
from thereafter.insights.export.asked import Words
from thereafter.insights.export.reading import Reader, whole
from thereafter.kit import clock
from thereafter.stores.models import Store

Pair = tuple[pa.Table, pa.Table]


class Source:
    """The shop's own database, in the shape of the snapshot."""

    def __init__(self, reader: Reader, store: Store) -> None:
        self.reader, self.store = reader, store
        self.words = Words(reader.vendor)
        self.zone: ZoneInfo = clock.zone(store.time_zone)

    def orders(self, which: str) -> Pair:
        """Orders and their lines; `which` is a condition on `o`."""
        schema = self.words.schema(asked.ORDERS)
        orders = whole(self.reader, asked.orders(self.words, self.store, which), schema).sort_by("id")
        lines = whole(self.reader, asked.lines(self.store, which), asked.LINES).sort_by(
            [("order_id", "ascending"), ("product_id", "ascending")]
        )
        # An order that came between the two questions comes with the next export.
        lines = lines.filter(pc.is_in(lines["order_id"], orders["id"].combine_chunks()))
        return self._orders(orders, lines), self._lines(orders, lines)

    def _orders(self, orders: pa.Table, lines: pa.Table) -> pa.Table:
        items = np.zeros(orders.num_rows, dtype=np.int64)
        np.add.at(items, _places(lines, orders), lines["quantity"].to_numpy())
        net = pc.subtract(orders["total_minor"], orders["refunded_minor"])
        return self._dated("orders", orders.append_column("items", [items]).append_column("net_minor", net))

    def _lines(self, orders: pa.Table, lines: pa.Table) -> pa.Table:
        of_line = orders.select(["customer_id", "at", "counts", "foreign"]).take(pa.array(_places(lines, orders)))
        for name in of_line.column_names:
            lines = lines.append_column(name, of_line[name])
        own = pc.subtract(1, lines["foreign"])
        at = lines.schema.get_field_index("net_minor")
        return self._dated("lines", lines.set_column(at, "net_minor", pc.multiply(lines["net_minor"], own)))

    def entries(self, which: str) -> Iterator[pa.Table]:
        schema = self.words.schema(asked.ENTRIES)
        for part in self.reader.parts(asked.entries(self.words, self.store, which), schema):
            yield self._dated("entries", part)

    def products(self) -> pa.Table:
        return self._whole("products", whole(self.reader, asked.products(self.store), asked.PRODUCTS))

    def customers(self) -> pa.Table:
        schema = self.words.schema(asked.CUSTOMERS)
        rows = whole(self.reader, asked.customers(self.words, self.store), schema)
        days = calendar.days_of(calendar.seconds(rows["at"]), self.zone)
        return self._whole("customers", rows.append_column("created_day", [days]))

    def entry_ids(self, which: str) -> pa.ChunkedArray:
        return whole(self.reader, asked.entry_ids(self.store, which), asked.IDS)["id"]

    def order_ids(self, which: str) -> pa.ChunkedArray:
        return whole(self.reader, asked.order_ids(self.store, which), asked.IDS)["id"]

    def log_ends_at(self) -> int:
        return int(whole(self.reader, asked.log_end(self.store), asked.IDS)["id"][0].as_py())

    def _dated(self, table: str, rows: pa.Table) -> pa.Table:
        days = calendar.days_of(calendar.seconds(rows["at"]), self.zone)
        months = calendar.months_of(days)
        return self._whole(table, rows.append_column("day", [days]).append_column("month", [months]))

    def _whole(self, table: str, rows: pa.Table) -> pa.Table:
        stores = np.full(rows.num_rows, self.store.pk, dtype=np.int64)
        return rows.append_column("store_id", [stores]).select(ARROW[table].names).cast(ARROW[table])


def _places(lines: pa.Table, orders: pa.Table) -> calendar.Numbers:
    """In which row each line's order stands; orders are sorted by id."""
    found: calendar.Numbers = np.searchsorted(orders["id"].to_numpy(), lines["order_id"].to_numpy()).astype(np.int64)
    return found


def by_month(rows: pa.Table) -> dict[int, pa.Table]:
    months = sorted(pc.unique(rows["month"]).to_pylist())
    return {month: rows.filter(pc.equal(rows["month"], month)) for month in months}


def without(rows: pa.Table, key: str, gone: pa.Array) -> pa.Table:
    return rows.filter(pc.invert(pc.is_in(rows[key], gone)))
