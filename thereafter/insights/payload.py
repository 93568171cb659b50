"""Values out of an event's payload, in SQL.

Django's own `KT` gives text, and on SQLite reads the JSON twice per row, first for the type; we know the type.
"""

from typing import Any

from django.db.models import BigIntegerField, F, Func, IntegerField, Value


class _FromPayload(Func):
    """`name` is a name of our own code, never text from outside."""

    postgresql_type: str

    def __init__(self, name: str) -> None:
        super().__init__(F("payload"), Value(f"$.{name}"), function="JSON_EXTRACT")
        self.name = name

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = f"(%(expressions)s)::{self.postgresql_type}"
        clone = Func(
            F("payload"), Value(self.name), output_field=self.output_field, arg_joiner=" ->> ", template=template
        )
        return clone.resolve_expression(compiler.query).as_sql(compiler, connection, **context)


class Whole(_FromPayload):
    """A whole number."""

    output_field = BigIntegerField()
    postgresql_type = "bigint"


class Flag(_FromPayload):
    """A boolean as 1 or 0, or NULL where the payload has null."""

    output_field = IntegerField()
    postgresql_type = "boolean::int"
