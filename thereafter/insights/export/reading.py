"""Reading the shop's own database in Arrow: through ADBC, past Python; through Django's connection where only that one
sees what there is (inside a transaction, and where the database lives in memory)."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import pyarrow as pa
from django.db import connection
from psycopg.conninfo import make_conninfo

# Rows that are read at a time through Django's connection.
_CHUNK = 50_000


class Reader(Protocol):
    """Answers a query in parts that have the schema's columns in its sequence."""

    vendor: str

    def parts(self, sql: str, schema: pa.Schema) -> Iterator[pa.Table]: ...


def whole(reader: Reader, sql: str, schema: pa.Schema) -> pa.Table:
    parts = list(reader.parts(sql, schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


class Past:
    """Through ADBC. The queries of one reader see one state of the database."""

    def __init__(self, vendor: str, opened: Any) -> None:
        self.vendor, self._opened = vendor, opened
        if vendor == "postgresql":
            self._do("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def _do(self, sql: str) -> None:
        with closing(self._opened.cursor()) as cursor:
            cursor.execute(sql)

    def parts(self, sql: str, schema: pa.Schema) -> Iterator[pa.Table]:
        with closing(self._opened.cursor()) as cursor:
            if self.vendor == "sqlite":
                # The driver takes the kind of a column from the first rows of a part.
                cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": "65536"})
            cursor.execute(sql)
            for batch in cursor.fetch_record_batch():
                if batch.num_rows:
                    yield pa.Table.from_batches([batch]).rename_columns(schema.names).cast(schema)


class Own:
    """Through Django's connection, row by row: for tests, and for who brings a snapshot inside a transaction."""

    def __init__(self) -> None:
        self.vendor = connection.vendor

    def parts(self, sql: str, schema: pa.Schema) -> Iterator[pa.Table]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(_CHUNK):
                yield _table(rows, schema)


def _table(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    columns = zip(zip(*rows, strict=True), schema.types, strict=True)
    return pa.table([pa.array(values, kind) for values, kind in columns], schema=schema)


@contextmanager
def reader() -> Iterator[Reader]:
    """The fastest that sees what this connection sees."""
    told = connection.settings_dict
    if connection.in_atomic_block or "memory" in str(told["NAME"]):
        yield Own()
        return
    opened = _open_postgresql(told) if connection.vendor == "postgresql" else open_sqlite(str(told["NAME"]))
    with closing(opened) as held:
        yield Past(connection.vendor, held)


def open_sqlite(path: str) -> Any:
    return adbc_driver_sqlite.dbapi.connect(f"{Path(path).resolve().as_uri()}?mode=ro")


def _open_postgresql(told: dict[str, Any]) -> Any:
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {key: str(told[name]) for key, name in named.items() if told.get(name)}
    # What libpq knows; Django's own options (pools, isolation) are no part of an address.
    options = {key: value for key, value in told.get("OPTIONS", {}).items() if isinstance(value, str)}
    return adbc_driver_postgresql.dbapi.connect(make_conninfo(**dict(chain(options.items(), given.items()))))
