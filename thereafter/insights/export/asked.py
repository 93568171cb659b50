"""What the export asks the database, in the words of SQLite and of PostgreSQL.

No parameters: ADBC's drivers write them differently. What stands in a query is a number of ours, a moment, or a text
that is quoted here.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby

import pyarrow as pa

from thereafter.insights.engine.entries import TOLD, Told
from thereafter.insights.metrics.tables import UNKNOWN
from thereafter.stores.models import Store

ORDERS = pa.schema(
    [
        ("id", pa.int64()), ("customer_id", pa.int64()), ("at", pa.int64()), ("counts", pa.int64()),
        ("foreign", pa.int64()), ("total_minor", pa.int64()), ("refunded_minor", pa.int64()),
        ("discount_minor", pa.int64()), ("shipping_minor", pa.int64()), ("country", pa.string()),
        ("channel", pa.string()), ("coupon", pa.string()),
    ]
)  # fmt: skip
LINES = pa.schema(
    [("order_id", pa.int64()), ("product_id", pa.int64()), ("quantity", pa.int64()), ("net_minor", pa.int64())]
)
PRODUCTS = pa.schema([("id", pa.int64()), ("title", pa.string()), ("category", pa.string()), ("is_active", pa.int64())])
CUSTOMERS = pa.schema([("id", pa.int64()), ("country", pa.string()), ("at", pa.int64())])
ENTRIES = pa.schema(
    [
        ("id", pa.int64()), ("name", pa.string()), ("at", pa.int64()), ("customer_id", pa.int64()),
        ("order_id", pa.int64()), ("value", pa.int64()), ("flag", pa.int64()), ("kind", pa.string()),
        ("other", pa.string()), ("ref", pa.int64()),
    ]
)  # fmt: skip
IDS = pa.schema([("id", pa.int64())])


@dataclass(frozen=True)
class Words:
    """One database's way of saying it. `texts`: moments are kept as text."""

    vendor: str

    @property
    def texts(self) -> bool:
        return self.vendor == "sqlite"

    def at(self, column: str) -> str:
        if self.texts:
            return f"substr({column}, 1, 19)"
        return f"CAST(floor(EXTRACT(EPOCH FROM {column})) AS bigint)"

    def schema(self, schema: pa.Schema) -> pa.Schema:
        """What comes back: SQLite's moments are texts, read at once by Arrow instead of row by row."""
        at = schema.get_field_index("at")
        return schema.set(at, pa.field("at", pa.string())) if self.texts and at >= 0 else schema

    def moment(self, moment: datetime) -> str:
        return f"'{moment:%Y-%m-%d %H:%M:%S}'" if self.texts else f"'{moment:%Y-%m-%d %H:%M:%S}+00'"

    def text_of(self, document: str, key: str) -> str:
        return f"json_extract({document}, '$.{key}')" if self.texts else f"({document} ->> '{key}')"

    def first_of(self, document: str) -> str:
        return f"json_extract({document}, '$[0]')" if self.texts else f"({document} ->> 0)"

    def whole_of(self, document: str, key: str) -> str:
        found = self.text_of(document, key)
        if self.texts:
            return f"CAST({found} AS INTEGER)"
        is_number = f"jsonb_typeof({document} -> '{key}') = 'number'"
        return f"CASE WHEN {is_number} THEN CAST(floor(CAST({found} AS numeric)) AS bigint) END"

    def flag_of(self, document: str, key: str) -> str:
        found = self.text_of(document, key)
        yes, no = ("1", "0") if self.texts else ("'true'", "'false'")
        return f"CASE {found} WHEN {yes} THEN 1 WHEN {no} THEN 0 ELSE {UNKNOWN} END"

    def words_of(self, document: str, key: str) -> str:
        """A text, or several with commas."""
        if self.texts:
            kind = f"json_type({document}, '$.{key}')"
            several = f"(SELECT group_concat(value, ',') FROM json_each({document}, '$.{key}'))"  # noqa: S608 names of ours
            return f"CASE {kind} WHEN 'array' THEN {several} ELSE CAST({self.text_of(document, key)} AS TEXT) END"
        several = f"(SELECT string_agg(one, ',' ORDER BY at) FROM {_elements(document, key)})"  # noqa: S608 names of ours
        kind = f"jsonb_typeof({document} -> '{key}')"
        return f"CASE {kind} WHEN 'array' THEN {several} ELSE {self.text_of(document, key)} END"


def _elements(document: str, key: str) -> str:
    return f"jsonb_array_elements_text({document} -> '{key}') WITH ORDINALITY AS each(one, at)"


def placed_in(words: Words, since: datetime, until: datetime) -> str:
    return f"o.placed_at >= {words.moment(since)} AND o.placed_at < {words.moment(until)}"


def ids_in(column: str, ids: Collection[int]) -> str:
    return f"{column} IN ({', '.join(map(str, ids))})" if ids else "1 = 0"


def orders(words: Words, store: Store, which: str) -> str:
    """Net: not cancelled, and not wholly refunded. What was paid in another currency is 0."""
    gone = "o.status = 'cancelled' OR (o.refunded_minor > 0 AND o.refunded_minor >= o.total_minor)"
    own = f"o.currency = {_text(store.currency)}"
    amounts = ", ".join(
        f"CASE WHEN {own} THEN o.{name} ELSE 0 END AS {name}"
        for name in ("total_minor", "refunded_minor", "discount_minor", "shipping_minor")
    )
    return (
        f"SELECT o.id, o.customer_id, {words.at('o.placed_at')}, CASE WHEN {gone} THEN 0 ELSE 1 END, "  # noqa: S608 numbers and names of ours
        f"CASE WHEN {own} THEN 0 ELSE 1 END, {amounts}, "
        f"upper(COALESCE({words.text_of('o.shipping_address', 'country')}, '')), o.channel, "
        f"COALESCE({words.first_of('o.discount_codes')}, '') "
        f"FROM commerce_order o WHERE o.store_id = {store.pk} AND {which}"
    )


def lines(store: Store, which: str) -> str:
    """Lines of one product are added up; those of no product are product 0."""
    return (
        "SELECT l.order_id, COALESCE(l.product_id, 0), CAST(SUM(l.quantity) AS bigint), "  # noqa: S608 numbers and names of ours
        "CAST(SUM(l.total_minor) AS bigint) FROM commerce_order o JOIN commerce_orderline l ON l.order_id = o.id "
        f"WHERE o.store_id = {store.pk} AND {which} GROUP BY l.order_id, COALESCE(l.product_id, 0)"
    )


def products(store: Store) -> str:
    return (
        "SELECT id, title, category, CASE WHEN is_active THEN 1 ELSE 0 END "  # noqa: S608 a number of ours
        f"FROM commerce_product WHERE store_id = {store.pk} ORDER BY id"
    )


def customers(words: Words, store: Store) -> str:
    """People; a record that turned out to be somebody else's is none."""
    return (
        f"SELECT id, upper(country), {words.at('created_at')} FROM commerce_customer "  # noqa: S608 a number of ours
        f"WHERE store_id = {store.pk} AND merged_into_id IS NULL ORDER BY id"
    )


def entry_ids(store: Store, which: str) -> str:
    return f"SELECT e.id FROM timeline_entry e WHERE e.store_id = {store.pk} AND {which}"  # noqa: S608 numbers of ours


def order_ids(store: Store, which: str) -> str:
    return f"SELECT o.id FROM commerce_order o WHERE o.store_id = {store.pk} AND {which}"  # noqa: S608 numbers of ours


def log_end(store: Store) -> str:
    return f"SELECT COALESCE(MAX(id), 0) FROM timeline_entry WHERE store_id = {store.pk}"  # noqa: S608 a number of ours


def entries(words: Words, store: Store, which: str) -> str:
    columns = ", ".join((*_told(words, store), f"COALESCE({_cases(words, 'ref', words.whole_of)}, 0)"))
    return (
        f"SELECT e.id, e.name, {words.at('e.occurred_at')}, COALESCE(e.customer_id, {_who(words)}, 0), "  # noqa: S608 numbers and names of ours
        f"COALESCE(e.order_id, 0), {columns} FROM timeline_entry e WHERE e.store_id = {store.pk} AND {which}"
    )


def _told(words: Words, store: Store) -> Iterator[str]:
    yield _value(words, store)
    yield f"COALESCE({_cases(words, 'flag', words.flag_of)}, {UNKNOWN})"
    yield f"COALESCE({_cases(words, 'kind', words.words_of)}, '')"
    yield f"COALESCE({_cases(words, 'other', words.words_of)}, '')"


def _value(words: Words, store: Store) -> str:
    """Money of another currency is no money here."""
    foreign = _names(name for name, told in TOLD.items() if told.money)
    currency = words.text_of("e.payload", "currency")
    without = " ".join(
        f"WHEN e.name IN ({_names(name for name, told in TOLD.items() if told.nothing == value)}) THEN {value}"
        for value in sorted({told.nothing for told in TOLD.values()} - {0})
    )
    found = f"COALESCE({_cases(words, 'value', words.whole_of)}, CASE {without} ELSE 0 END)"
    return f"CASE WHEN e.name IN ({foreign}) AND {currency} <> {_text(store.currency)} THEN 0 ELSE {found} END"


def _who(words: Words) -> str:
    return _cases(words, "who", words.whole_of)


def _cases(words: Words, field: str, reading: Callable[[str, str], str]) -> str:
    """One branch per field of a payload, for all events that keep it there."""
    named = sorted((str(getattr(told, field)), name) for name, told in TOLD.items() if getattr(told, field))
    branches = (
        f"WHEN e.name IN ({_names(name for _, name in group)}) THEN {reading('e.payload', key)}"
        for key, group in groupby(named, key=lambda pair: pair[0])
    )
    return f"CASE {' '.join(branches)} END"


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(_text, names))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def shape() -> str:
    """Changes whenever what is exported means something else: then all of it is exported anew."""
    told = sorted((name, *(getattr(each, field.name) for field in fields(Told))) for name, each in TOLD.items())
    schemas = (str(each) for each in (ORDERS, LINES, PRODUCTS, CUSTOMERS, ENTRIES))
    return repr((told, *schemas))
