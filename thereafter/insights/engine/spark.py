"""Spark, where the shop's own cluster should count: it reads the snapshot's files, which its workers must see.

`spark://host:7077` is a cluster, `spark:local[2]` this machine alone. PySpark is not part of what we install.
"""

import secrets
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.types import LongType, StringType, StructType

from thereafter.insights.engine import files
from thereafter.insights.engine.port import Engine, EngineTrouble, Given, Row, rows_of
from thereafter.insights.metrics.tables import SCHEMAS

_KINDS = {"int64": LongType, "string": StringType}


class Spark(Engine):
    """One connection; of it a session for each store, in which the tables have their plain names."""

    name = "spark"
    dialect = "pyspark"

    def __init__(self, folder: Path, master: str) -> None:
        self.folder = folder.resolve()
        self._lock = threading.Lock()
        self._sessions: dict[int, tuple[str, Any]] = {}
        builder = SparkSession.builder.master(master).appName("Thereafter figures")
        builder = builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
        self._spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()

    def run(self, store_id: int, sql: str, given: Given | None = None) -> Sequence[Row]:
        try:
            session = self._session(store_id)
            if not given:
                return _rows(session.sql(sql))
            return self._with(store_id, sql, given)
        except PySparkException as error:
            raise EngineTrouble(f"Spark could not answer: {str(error).splitlines()[0]}") from error

    def forget(self, store_id: int) -> None:
        with self._lock:
            self._sessions.pop(store_id, None)

    def close(self) -> None:
        self._spark.stop()

    def _with(self, store_id: int, sql: str, given: Given) -> Sequence[Row]:
        """Tables that come with a question lie beside the snapshot for as long as it takes, in a session of its own."""
        session = self._opened(store_id, [table for table in SCHEMAS if table in sql and table not in given])
        written: list[Path] = []
        try:
            for name, rows in given.items():
                home = files.table_folder(self.folder, store_id, "given")
                written.append(home / f"{name}-{secrets.token_hex(8)}.parquet")
                pq.write_table(rows, written[-1])
                _view(session, name, [written[-1]])
            return _rows(session.sql(sql))
        finally:
            for path in written:
                path.unlink(missing_ok=True)

    def _session(self, store_id: int) -> Any:
        manifest = files.read_manifest(self.folder, store_id)
        serial = manifest.serial if manifest else ""
        with self._lock:
            held, session = self._sessions.get(store_id, ("-", None))
            if held != serial:
                session = self._opened(store_id, list(SCHEMAS))
                self._sessions[store_id] = (serial, session)
        return session

    def _opened(self, store_id: int, tables: Sequence[str]) -> Any:
        manifest = files.read_manifest(self.folder, store_id)
        session = self._spark.newSession()
        for table in tables:
            _view(session, table, list(files.paths(self.folder, store_id, table, manifest).values()))
        return session


def _view(session: Any, table: str, paths: Sequence[Path]) -> None:
    schema = StructType()
    for name, kind in SCHEMAS[table].items():
        schema.add(name, _KINDS[kind]())
    if paths:
        rows = session.read.schema(schema).parquet(*(path.as_uri() for path in paths))
    else:
        rows = session.createDataFrame([], schema)
    rows.createOrReplaceTempView(table)


def _rows(found: Any) -> list[Row]:
    return rows_of(found.columns, [tuple(row) for row in found.collect()])


def at(address: str, folder: Path) -> Spark:
    """`spark:local[2]` names the master itself; `spark://…` is one."""
    return Spark(folder, address if address.startswith("spark://") else address.removeprefix("spark:"))
