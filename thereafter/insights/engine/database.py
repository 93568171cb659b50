"""The snapshot in tables of SQLite or PostgreSQL: for the suite that compares engines, and for benchmarks beside them.

Figures of a shop are never counted so: a scratch file or schema per store is filled from the snapshot's files whenever
these are others.
"""

import sqlite3
import threading
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from thereafter.insights.engine import files
from thereafter.insights.engine.port import Engine, Given, Row, rows_of
from thereafter.insights.metrics.tables import SCHEMAS

_KINDS = {"int64": "bigint", "string": "text"}


class Database(Engine):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._filled: dict[int, str] = {}

    def run(self, store_id: int, sql: str, given: Given | None = None) -> Sequence[Row]:
        self.fill(store_id)
        return self._asked(store_id, sql, given or {})

    def take_as_filled(self, store_id: int) -> None:
        """What is in the tables was put there by another process, from the files that hold."""
        self._filled[store_id] = _serial(files.read_manifest(self.folder, store_id))

    def fill(self, store_id: int) -> None:
        """Puts the files that hold into tables, where they are not there yet."""
        manifest = files.read_manifest(self.folder, store_id)
        serial = _serial(manifest)
        with self._lock:
            if self._filled.get(store_id) != serial:
                self._write(store_id, _tables(self.folder, store_id, manifest))
                self._filled[store_id] = serial

    @abstractmethod
    def _write(self, store_id: int, tables: Mapping[str, Sequence[Path]]) -> None: ...

    @abstractmethod
    def _asked(self, store_id: int, sql: str, given: Given) -> Sequence[Row]: ...


class Lite(Database):
    """SQLite: a file for each store, in `scratch`."""

    name = dialect = "sqlite"

    def __init__(self, folder: Path, scratch: Path) -> None:
        super().__init__(folder)
        self.scratch = scratch

    def _write(self, store_id: int, tables: Mapping[str, Sequence[Path]]) -> None:
        path = self._path(store_id)
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as made:
            made.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _ddl(""))
        with closing(adbc_driver_sqlite.dbapi.connect(path.resolve().as_uri())) as opened:
            _ingest(opened, tables, "")
        with closing(sqlite3.connect(path)) as made:
            made.executescript(_indexes("") + "ANALYZE;")

    def _asked(self, store_id: int, sql: str, given: Given) -> Sequence[Row]:
        with closing(sqlite3.connect(self._path(store_id))) as opened:
            for name, rows in given.items():
                opened.execute(f"CREATE TEMP TABLE {name} {_columns(name)}")
                marks = ", ".join("?" * rows.num_columns)
                opened.executemany(f"INSERT INTO {name} VALUES ({marks})", _values(rows))  # noqa: S608 names of ours
            found = opened.execute(sql)
            return rows_of([column[0] for column in found.description], [tuple(map(_whole, row)) for row in found])

    def _path(self, store_id: int) -> Path:
        return self.scratch / f"figures-{store_id}.db"


class Postgres(Database):
    """PostgreSQL: a schema for each store."""

    name = "postgresql"
    dialect = "postgres"

    def __init__(self, folder: Path, address: str) -> None:
        super().__init__(folder)
        self.address = address

    def settings(self) -> dict[str, str]:
        """What is set for each question beside the server's own."""
        return {}

    def _write(self, store_id: int, tables: Mapping[str, Sequence[Path]]) -> None:
        schema = f"figures_{store_id}"
        with psycopg.connect(self.address, autocommit=True) as opened:
            opened.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            opened.execute(f"CREATE SCHEMA {schema}")
            opened.execute(_ddl(f"{schema}."))
        with closing(adbc_driver_postgresql.dbapi.connect(self.address)) as opened:
            _ingest(opened, tables, schema)
        with psycopg.connect(self.address, autocommit=True) as opened:
            opened.execute(_indexes(f"{schema}."))
            for name in SCHEMAS:
                opened.execute(f"ANALYZE {schema}.{name}")

    def _asked(self, store_id: int, sql: str, given: Given) -> Sequence[Row]:
        with psycopg.connect(self.address) as opened:
            opened.execute(f"SET search_path = figures_{store_id}")
            for name, setting in self.settings().items():
                opened.execute(f"SET {name} = '{setting}'")
            for name, rows in given.items():
                opened.execute(f"CREATE TEMP TABLE {name} {_columns(name)}")
                with opened.cursor() as cursor, cursor.copy(f"COPY pg_temp.{name} FROM STDIN") as copy:
                    for row in _values(rows):
                        copy.write_row(row)
            found = opened.execute(sql)
            return rows_of([column.name for column in found.description or ()], found.fetchall())


def _whole(value: Any) -> Any:
    """SQLite's remainder of whole numbers is a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _serial(manifest: files.Manifest | None) -> str:
    return manifest.serial if manifest else ""


def _tables(folder: Path, store_id: int, manifest: files.Manifest | None) -> dict[str, Sequence[Path]]:
    return {name: list(files.paths(folder, store_id, name, manifest).values()) for name in SCHEMAS}


def _ddl(prefix: str) -> str:
    return "".join(f"CREATE TABLE {prefix}{name} {_columns(name)};" for name in SCHEMAS)


def _indexes(prefix: str) -> str:
    """As the shop's own tables have them. An index stands where its table does; only PostgreSQL names the schema."""
    wanted = {"lines": "order_id", "orders": "customer_id", "entries": "order_id"}
    return (
        "".join(f"CREATE INDEX ON {prefix}{name} ({key});" for name, key in wanted.items())
        if prefix
        else "".join(f"CREATE INDEX {name}_{key} ON {name} ({key});" for name, key in wanted.items())
    )


def _columns(table: str) -> str:
    return "(" + ", ".join(f'"{name}" {_KINDS[kind]}' for name, kind in SCHEMAS[table].items()) + ")"


def _ingest(opened: Any, tables: Mapping[str, Sequence[Path]], schema: str) -> None:
    where = {"db_schema_name": schema} if schema else {}
    for name, paths in tables.items():
        for path in paths:
            with closing(opened.cursor()) as cursor:
                cursor.adbc_ingest(name, pq.read_table(path, partitioning=None), mode="append", **where)
    opened.commit()


def _values(rows: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
