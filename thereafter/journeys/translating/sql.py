"""Pieces of SQL that mean what CEL means, on both databases: an error of CEL is NULL here.

CEL's `&&`, `||` and `!` treat an error as SQL treats NULL, so a condition translates piece by piece: where `holds`
says no because something is not known, the query's answer is NULL, and the row is not chosen.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BooleanField,
    DateTimeField,
    Expression,
    F,
    Field,
    FloatField,
    Func,
    TextField,
    Value,
)
from django.db.models.sql.compiler import SQLCompiler

Kind: TypeAlias = "Field[Any, Any]"
FLAG: Kind = BooleanField()
NUMBER: Kind = FloatField()
TEXT: Kind = TextField()
MOMENT: Kind = DateTimeField()
_HOLE = re.compile(r"\{(\d)\}")


class Sql(Func):
    """A pattern with its parts, "{0} = {1}"; `lite` is the pattern on SQLite when it is another one."""

    def __init__(self, pattern: str, *parts: Any, gives: Kind = FLAG, lite: str = "") -> None:
        super().__init__(*parts, output_field=gives)
        self.pattern, self.lite = pattern, lite or pattern

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_args: Any, **_more: Any
    ) -> tuple[str, list[Any]]:
        compiled = [compiler.compile(part) for part in self.source_expressions]
        params: list[Any] = []

        def fill(hole: re.Match[str]) -> str:
            text, own = compiled[int(hole[1])]
            params.extend(own)
            return str(text)

        pattern = self.lite if connection.vendor == "sqlite" else self.pattern
        return _HOLE.sub(fill, pattern), params


def flag(value: bool) -> Expression:
    return Value(value, FLAG)


def nothing() -> Expression:
    """What an error becomes where a yes or no is wanted."""
    return Sql("(NULL::boolean)", lite="NULL")


def both(one: Any, two: Any) -> Sql:
    return Sql("({0} AND {1})", one, two)


def either(one: Any, two: Any) -> Sql:
    return Sql("({0} OR {1})", one, two)


def negated(one: Any) -> Sql:
    return Sql("(NOT {0})", one)


def known(one: Any) -> Sql:
    return Sql("({0} IS NOT NULL)", one)


def unless_unknown(one: Any, answer: Any) -> Sql:
    """The answer, but an error when `one` is."""
    return Sql("(CASE WHEN {0} IS NOT NULL THEN {1} END)", one, answer)


def compared(sign: str, one: Any, two: Any) -> Sql:
    return Sql(f"({{0}} {sign} {{1}})", one, two)


def in_order(sign: str, one: Any, two: Any) -> Sql:
    """Texts by their characters, not by the habits of a language."""
    return Sql(f'({{0}} COLLATE "C" {sign} {{1}} COLLATE "C")', one, two, lite=f"({{0}} {sign} {{1}})")


# A day as `dialect.day` reads it: nothing else may reach a database that refuses the thirty-first of February.
_DAY = (
    "^(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])"
    "|(?:[02468][048]|[13579][26])00)-02-29)(?:$|[T ])"
)


def day(text: Any) -> Sql:
    """The beginning of the day that a text begins with, else NULL."""
    return Sql(
        "(CASE WHEN {0} ~ {1} THEN (SUBSTR({0}, 1, 10) || ' 00:00:00+00')::timestamptz END)",
        text,
        Value(_DAY),
        gives=MOMENT,
        lite="(CASE WHEN {0} REGEXP {1} THEN SUBSTR({0}, 1, 10) || ' 00:00:00' END)",
    )


class Trait:
    """One trait of a customer, whatever it holds."""

    def __init__(self, key: str) -> None:
        self.key = key
        # Column, key, and the key as SQLite writes paths.
        self.parts = (F("traits"), Value(key, TEXT), Value(f'$."{key}"', TEXT))

    def _sql(self, pattern: str, lite: str, gives: Kind = FLAG, *more: Any) -> Sql:
        names: Mapping[str, str] = {
            "it": "{0} -> {1}::text",
            "text": "{0} ->> {1}::text",
            "kind": "JSON_TYPE({0}, {2})",
        }
        for name, meant in names.items():
            pattern, lite = pattern.replace(f"<{name}>", meant), lite.replace(f"<{name}>", meant)
        return Sql(pattern, *self.parts, *more, gives=gives, lite=lite)

    def known(self) -> Sql:
        return self._sql("((<it>) IS NOT NULL)", "(<kind> IS NOT NULL)")

    def is_null(self) -> Sql:
        return self._sql("(jsonb_typeof(<it>) = 'null')", "(<kind> = 'null')")

    def flag(self) -> Sql:
        return self._sql(
            "(CASE WHEN jsonb_typeof(<it>) = 'boolean' THEN (<text>)::boolean END)",
            "(CASE <kind> WHEN 'true' THEN 1 WHEN 'false' THEN 0 END)",
        )

    def number(self) -> Sql:
        return self._sql(
            "(CASE WHEN jsonb_typeof(<it>) = 'number' THEN (<text>)::double precision END)",
            "(CASE WHEN <kind> IN ('integer', 'real') THEN CAST(JSON_EXTRACT({0}, {2}) AS REAL) END)",
            NUMBER,
        )

    def text(self) -> Sql:
        return self._sql(
            "(CASE WHEN jsonb_typeof(<it>) = 'string' THEN <text> END)",
            "(CASE WHEN <kind> = 'text' THEN JSON_EXTRACT({0}, {2}) END)",
            TEXT,
        )

    def equals(self, own: Sql, other: Any) -> Sql:
        """Other kinds are not equal, which is no error; a trait that is not there is one."""
        return Sql("(CASE WHEN {0} AND {2} IS NOT NULL THEN COALESCE({1} = {2}, FALSE) END)", self.known(), own, other)

    def has(self, member: str | float | bool) -> Sql:
        """Whether a list has the member, or an object the name; what is neither is an error."""
        kinds = {str: "'text'", bool: "'true', 'false'"}.get(type(member), "'integer', 'real'")
        member_of = "(SELECT 1 FROM json_each({0}, {2}) AS member WHERE"
        return self._sql(
            "(CASE jsonb_typeof(<it>) WHEN 'array' THEN (<it>) @> {3}::jsonb WHEN 'object' THEN (<it>) ? {4} END)",
            f"(CASE <kind> WHEN 'array' THEN EXISTS {member_of} member.type IN ({kinds}) AND member.atom = {{5}})"
            f" WHEN 'object' THEN EXISTS {member_of} member.key = {{4}}) END)",
            FLAG,
            Value(json.dumps([member]), TEXT),
            Value(str(member), TEXT),
            Value(member),
        )
