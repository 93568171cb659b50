"""Writing many new rows at once, past the ORM: COPY on PostgreSQL, one prepared statement on SQLite.

For the paths that write thousands of rows a second; it is three to five times faster than `bulk_create`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

import msgspec
from django.db import connection, models, transaction

M = TypeVar("M", bound=models.Model)
Adapt = Callable[[Any], Any]


class Plan(NamedTuple):
    """How the rows of a model are written: its columns, and what their values must be turned into."""

    table: str
    columns: str
    marks: str
    values: Callable[[dict[str, Any]], tuple[Any, ...]]
    adapted: tuple[tuple[int, Adapt], ...]


def insert(rows: Iterable[M]) -> list[M]:
    """Writes new rows of one model and gives them their ids; what they refer to must have been written before."""
    rows = list(rows)
    if not rows:
        return rows
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("insert() belongs in the transaction of a change")
    plan = _plan(type(rows[0]), connection.vendor)
    for row, new_id in zip(rows, _new_ids(plan.table, len(rows)), strict=True):
        row.pk = new_id
        row._state.adding = False
        row._state.db = connection.alias
    if connection.vendor == "postgresql":
        _copy(plan, rows)
    else:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {plan.table} ({plan.columns}) VALUES ({plan.marks})",  # noqa: S608 names of ours
                list(_values(plan, rows)),
            )
    return rows


def _copy(plan: Plan, rows: Sequence[models.Model]) -> None:
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {plan.table} ({plan.columns}) FROM STDIN") as copy,
    ):
        for values in _values(plan, rows):
            copy.write_row(values)


def _values(plan: Plan, rows: Iterable[models.Model]) -> Iterator[Sequence[Any]]:
    for row in rows:
        values = list(plan.values(row.__dict__))
        for at, adapt in plan.adapted:
            if values[at] is not None:
                values[at] = adapt(values[at])
        yield values


def _new_ids(table: str, count: int) -> Iterable[int]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [new_id for (new_id,) in cursor.fetchall()]
        # The transaction has SQLite's one write lock, so nobody else takes these.
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table.strip('"')])
        first = cursor.fetchone()[0] + 1
    return range(first, first + count)


@cache
def _plan(model: type[models.Model], vendor: str) -> Plan:
    fields = model._meta.concrete_fields
    adapted = ((at, _adapter(field, vendor)) for at, field in enumerate(fields))
    return Plan(
        table=connection.ops.quote_name(model._meta.db_table),
        columns=", ".join(connection.ops.quote_name(str(field.column)) for field in fields),
        marks=", ".join(["%s"] * len(fields)),
        values=itemgetter(*(field.attname for field in fields)),
        adapted=tuple((at, adapt) for at, adapt in adapted if adapt),
    )


def _adapter(field: "models.Field[Any, Any]", vendor: str) -> Adapt | None:
    if isinstance(field, models.JSONField):
        return _json
    if vendor == "sqlite" and isinstance(field, models.DateTimeField):
        return _lite_time
    return date.isoformat if vendor == "sqlite" and isinstance(field, models.DateField) else None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _lite_time(moment: datetime) -> str:
    return str(connection.ops.adapt_datetimefield_value(moment))
