"""Prints the schema of the installation's database as JSON: tables, columns, constraints, indexes, storage."""

import json
import re
from typing import Any

import django
from django.db import connection

UNNAMED = re.compile(r"__|fk_\d+$")


def main() -> None:
    django.setup()
    with connection.cursor() as cursor:
        tables = {name: _table(cursor, name) for name in sorted(connection.introspection.table_names(cursor))}
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        applied = cursor.fetchall()
        storage: list[Any] = []
        if connection.vendor == "postgresql":
            cursor.execute("SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL ORDER BY relname")
            storage = cursor.fetchall()
    print(json.dumps({"tables": tables, "applied": applied, "storage": storage}, default=str))


def _table(cursor: Any, name: str) -> dict[str, Any]:
    columns = sorted(tuple(map(str, one)) for one in connection.introspection.get_table_description(cursor, name))
    constraints = connection.introspection.get_constraints(cursor, name)
    # What stands in a column's own line has no name in SQLite: Django numbers it, by its place in the table.
    named = {one: json.dumps(told) for one, told in constraints.items() if not UNNAMED.match(one)}
    unnamed = sorted(json.dumps(told) for one, told in constraints.items() if UNNAMED.match(one))
    return {"columns": columns, "constraints": named, "unnamed": unnamed}


if __name__ == "__main__":
    main()
