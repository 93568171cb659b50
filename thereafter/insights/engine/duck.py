"""DuckDB inside our own process, over the snapshot's files: the engine that needs nothing beside us."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from ibis.expr.types import Table

from thereafter.insights.engine import files
from thereafter.insights.engine.port import Columns, Engine, EngineTrouble, Given, Row, rows_of
from thereafter.insights.metrics.tables import SCHEMAS

# Generations of a store's views that are kept: a query may have looked up the last but one a moment ago.
_KEPT = 2


class Duck(Engine):
    """One database in memory for the whole process, with views of each store's files; a cursor for each question."""

    name = "duckdb"
    dialect = "duckdb"

    def __init__(self, folder: Path, *, memory: str = "1GB", threads: int = 2) -> None:
        self.folder = folder.resolve()
        self._lock = threading.Lock()
        self._views: dict[int, list[str]] = {}
        self._database = duckdb.connect(":memory:", config={"memory_limit": memory, "threads": threads})
        for statement in self._limits():
            self._database.execute(statement)

    def _limits(self) -> Sequence[str]:
        """It reads the snapshot's folder and spills there when memory is short; no query can reach anything else."""
        spill = self.folder / "spill"
        spill.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (
            f"SET temp_directory = {_text(spill)}",
            "SET preserve_insertion_order = false",
            "SET python_enable_replacements = false",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            f"SET allowed_directories = [{_text(self.folder)}]",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        )

    def run(self, store_id: int, sql: str, given: Given | None = None) -> Sequence[Row]:
        with self._asked(store_id, sql, given or {}) as cursor:
            names = [column[0] for column in cursor.description or ()]
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return rows_of(names, found)

    def columns(self, store_id: int, expression: Table) -> Columns:
        with self._asked(store_id, self.compile(expression), {}) as cursor:
            found = cursor.to_arrow_table()
        # Sums are wider than what figures count with.
        return {name: found[name].cast(pa.int64()).to_numpy() for name in found.column_names}

    @contextmanager
    def _asked(self, store_id: int, sql: str, given: Given) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            with self._database.cursor() as cursor:
                cursor.execute(f"SET schema = '{self._schema(store_id)}'")
                for name, rows in given.items():
                    # A temporary view of this cursor alone; it hides the empty one.
                    cursor.register(name, rows)
                yield cursor.execute(sql)
        except duckdb.Error as error:
            raise EngineTrouble(f"The figures could not be worked out: {str(error).splitlines()[0]}") from error
        except OSError as error:
            raise EngineTrouble(f"The folder of the figures cannot be read: {error.strerror}") from error

    def forget(self, store_id: int) -> None:
        with self._lock:
            for schema in self._views.pop(store_id, []):
                self._database.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")

    def _schema(self, store_id: int) -> str:
        """The views of what holds now, made when that is new."""
        manifest = files.read_manifest(self.folder, store_id)
        schema = f"s{store_id}_{manifest.serial if manifest else 'none'}"
        with self._lock:
            held = self._views.setdefault(store_id, [])
            if schema not in held:
                self._make(schema, store_id, manifest)
                held.append(schema)
                for old in held[:-_KEPT]:
                    self._database.execute(f"DROP SCHEMA IF EXISTS {old} CASCADE")
                del held[:-_KEPT]
        return schema

    def _make(self, schema: str, store_id: int, manifest: files.Manifest | None) -> None:
        self._database.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for table, fields in SCHEMAS.items():
            found = files.paths(self.folder, store_id, table, manifest).values()
            source = _reading(found) if found else _nothing(fields)
            self._database.execute(f"CREATE OR REPLACE VIEW {schema}.{table} AS {source}")


def _reading(found: Iterable[Path]) -> str:
    return f"SELECT * FROM read_parquet([{', '.join(map(_text, found))}])"  # noqa: S608 paths of ours, quoted


def _nothing(fields: dict[str, str]) -> str:
    kinds = {"int64": "BIGINT", "string": "VARCHAR"}
    columns = ", ".join(f'CAST(NULL AS {kinds[kind]}) AS "{name}"' for name, kind in fields.items())
    return f"SELECT {columns} WHERE false"


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
