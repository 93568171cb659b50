"""ClickHouse, for shops that have outgrown one machine: the snapshot's months are its partitions.

What it holds of a store is written down in its table `parts`, file by file; whatever differs from the files that hold
is sent, a partition at a time, before the first question after a new snapshot.
"""

import json
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlencode, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import urllib3

from thereafter.insights.engine import files
from thereafter.insights.engine.files import WHOLE, Part
from thereafter.insights.engine.port import Engine, EngineTrouble, Given, Row, rows_of
from thereafter.insights.metrics.tables import BY_MONTH, SCHEMAS

# So that it answers as SQL is written elsewhere: a missing side of a join is NULL and not 0, a sum of nothing is NULL,
# and a name means the column before it means an expression of the same SELECT.
SETTINGS = {
    "join_use_nulls": "1",
    "aggregate_functions_null_for_empty": "1",
    "cast_keep_nullable": "1",
    "prefer_column_name_to_alias": "1",
    "union_default_mode": "DISTINCT",
    "output_format_json_quote_64bit_integers": "0",
}
_KINDS = {"int64": "Int64", "string": "String"}
# By what the rows of a partition are sorted.
_SORTED = {
    "orders": "(customer_id, day, id)",
    "lines": "(product_id, order_id)",
    "entries": "(name, day, id)",
    "products": "id",
    "customers": "id",
}
_PATIENCE = urllib3.Timeout(connect=5, read=300)
_OK = 200


class Wire(Protocol):
    """How queries get there: over HTTP, or into a library that speaks the same."""

    def do(self, sql: str) -> None: ...

    def load(self, table: str, path: Path) -> None:
        """Appends the rows of a Parquet file, by the names of their columns."""
        ...

    def rows(self, sql: str, given: Given) -> tuple[list[str], list[list[Any]]]:
        """Names and rows; the settings above hold."""
        ...


class ClickHouse(Engine):
    name = dialect = "clickhouse"

    def __init__(self, folder: Path, wire: Wire) -> None:
        self.folder, self.wire = folder, wire
        self._lock = threading.Lock()
        self._sent: dict[int, str] = {}

    def run(self, store_id: int, sql: str, given: Given | None = None) -> Sequence[Row]:
        self._send(store_id)
        return rows_of(*self.wire.rows(sql, given or {}))

    def refresh(self, store_id: int, table: str, months: Sequence[int]) -> None:
        self._send(store_id)

    def forget(self, store_id: int) -> None:
        with self._lock:
            self._prepare()
            for table, month in self._held(store_id):
                self.wire.do(f"ALTER TABLE {table} DROP PARTITION {_partition(store_id, table, month)}")
            self.wire.do(f"ALTER TABLE parts DELETE WHERE store_id = {store_id}")
            self._sent.pop(store_id, None)

    def _send(self, store_id: int) -> None:
        """What differs from the files that hold."""
        manifest = files.read_manifest(self.folder, store_id)
        serial = manifest.serial if manifest else ""
        with self._lock:
            if self._sent.get(store_id) == serial:
                return
            self._prepare()
            wanted = _parts(manifest.parts if manifest else {})
            held = self._held(store_id)
            for table, month in sorted({*wanted, *held}):
                file = wanted.get((table, month), "")
                if held.get((table, month), "") != file:
                    self._replace(store_id, table, month, file)
            self._sent[store_id] = serial

    def _prepare(self) -> None:
        for statement in ddl():
            self.wire.do(statement)

    def _held(self, store_id: int) -> dict[tuple[str, int], str]:
        asked = (
            f"SELECT name, month, argMax(file, at) AS file FROM parts WHERE store_id = {store_id} GROUP BY name, month"  # noqa: S608 a number of ours
        )
        _, rows = self.wire.rows(asked, {})
        return {(table, month): file for table, month, file in rows if file}

    def _replace(self, store_id: int, table: str, month: int, file: str) -> None:
        """At once for those who ask: filled beside, then put in the place of the partition."""
        partition = _partition(store_id, table, month)
        if file:
            # Another process may send the same file at the same time.
            beside = f"{table}_{store_id}_{secrets.token_hex(6)}"
            self.wire.do(f"CREATE TABLE {beside} AS {table}")
            try:
                self.wire.load(beside, self.folder / str(store_id) / table / file)
                self.wire.do(f"ALTER TABLE {table} REPLACE PARTITION {partition} FROM {beside}")
            finally:
                self.wire.do(f"DROP TABLE {beside}")
        else:
            self.wire.do(f"ALTER TABLE {table} DROP PARTITION {partition}")
        told = f"{store_id}, '{table}', {month}, '{file}', now64(6)"
        self.wire.do(f"INSERT INTO parts (store_id, name, month, file, at) VALUES ({told})")  # noqa: S608 names of ours


def ddl() -> Iterable[str]:
    for table, fields in SCHEMAS.items():
        columns = ", ".join(f"`{name}` {_KINDS[kind]}" for name, kind in fields.items())
        if table == "members":
            # Its rows come with the question; without any nobody is a member.
            yield f"CREATE TABLE IF NOT EXISTS members ({columns}) ENGINE = MergeTree ORDER BY tuple()"
            continue
        by = "(store_id, month)" if table in BY_MONTH else "store_id"
        yield (
            f"CREATE TABLE IF NOT EXISTS {table} ({columns}) ENGINE = MergeTree "
            f"PARTITION BY {by} ORDER BY {_SORTED[table]}"
        )
    columns = "store_id Int64, name String, month Int64, file String, at DateTime64(6)"
    yield f"CREATE TABLE IF NOT EXISTS parts ({columns}) ENGINE = MergeTree ORDER BY (store_id, name, month)"


def _parts(parts: Mapping[str, Mapping[int, Part]]) -> dict[tuple[str, int], str]:
    return {(table, month): part.file for table, held in parts.items() for month, part in held.items() if part.rows}


def _partition(store_id: int, table: str, month: int) -> str:
    return f"({store_id}, {month})" if table in BY_MONTH and month != WHOLE else str(store_id)


class Http:
    """ClickHouse's HTTP interface."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        secure = parts.scheme == "clickhouses"
        port = parts.port or (8443 if secure else 8123)
        self._url = f"http{'s' if secure else ''}://{parts.hostname}:{port}/"
        self._fields = {"database": parts.path.strip("/") or "default", **SETTINGS}
        self._headers = {
            "X-ClickHouse-User": unquote(parts.username or "default"),
            "X-ClickHouse-Key": unquote(parts.password or ""),
        }
        self._pool = urllib3.PoolManager(timeout=_PATIENCE, retries=False)

    def do(self, sql: str) -> None:
        self._post({"query": sql}, b"")

    def load(self, table: str, path: Path) -> None:
        self._post({"query": f"INSERT INTO {table} FORMAT Parquet"}, path.read_bytes())

    def rows(self, sql: str, given: Given) -> tuple[list[str], list[list[Any]]]:
        fields = {"query": f"{sql} FORMAT JSONCompact"}
        sent: dict[str, Any] = {}
        for name, rows in given.items():
            fields |= {f"{name}_format": "Parquet", f"{name}_structure": structure(name)}
            sent[name] = (f"{name}.parquet", parquet(rows), "application/octet-stream")
        answer = json.loads(self._post(fields, sent))
        return [column["name"] for column in answer["meta"]], answer["data"]

    def _post(self, fields: dict[str, str], body: bytes | dict[str, Any]) -> bytes:
        """The query goes in the address; files, where there are any, in the body."""
        url = f"{self._url}?{urlencode({**self._fields, **fields})}"
        try:
            if isinstance(body, dict):
                answer = self._pool.request("POST", url, fields=body, headers=self._headers)
            else:
                answer = self._pool.request("POST", url, body=body, headers=self._headers)
        except urllib3.exceptions.HTTPError as error:
            raise EngineTrouble(f"ClickHouse does not answer: {type(error).__name__}") from error
        if answer.status != _OK:
            raise EngineTrouble(f"ClickHouse refused: {answer.data[:300].decode(errors='replace').strip()}")
        return bytes(answer.data)


def structure(table: str) -> str:
    return ", ".join(f"{name} {_KINDS[kind]}" for name, kind in SCHEMAS[table].items())


def parquet(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink)
    found: bytes = sink.getvalue().to_pybytes()
    return found


def at(address: str, folder: Path) -> ClickHouse:
    return ClickHouse(folder, Http(address))
