"""A look at whether anything is due, before a claim takes a lock. An idle worker asks this several times a second."""

from typing import Any

from django.db import connection


def anything(table: str, condition: str, *values: Any) -> bool:
    """Whether a row meets the condition; both are constants of the caller, `values` fill its %s."""
    adapted = [
        connection.ops.adapt_datetimefield_value(value) if hasattr(value, "tzinfo") else value for value in values
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE {condition} LIMIT 1", adapted)  # noqa: S608 constants only
        return cursor.fetchone() is not None
