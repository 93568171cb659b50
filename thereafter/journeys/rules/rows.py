"""Conditions as rows of "field, operator, value", joined by all or any, with groups one level deep. Plain Python.

`text_of(rows)` writes them as a text; `reading_rows` reads them back. What is not so of something unknown stays so:
"tier is not gold" includes those without a tier.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from thereafter.journeys.rules.vocabulary import Kind, Schema

Join = Literal["all", "any"]
SIGNS: dict[Join, str] = {"all": "&&", "any": "||"}
# What a row's field may be compared by, in words, by its kind.
NUMBER = {
    "ge": "is at least",
    "le": "is at most",
    "eq": "is",
    "ne": "is not",
    "gt": "is more than",
    "lt": "is less than",
}
TEXT = {
    "eq": "is", "ne": "is not", "in": "is one of", "not_in": "is none of", "contains": "contains",
    "lacks": "does not contain", "starts": "begins with", "ends": "ends with",
}  # fmt: skip
FLAG = {"yes": "is so", "no": "is not so"}
MOMENT = {
    "within": "in the last", "not_within": "not in the last", "older": "longer ago than",
    "since": "on or after", "before": "before",
}  # fmt: skip
LIST = {"has": "includes", "has_not": "does not include"}
KNOWN = {"known": "is known", "unknown": "is not known"}
OPERATORS: dict[Kind, dict[str, str]] = {
    "number": NUMBER, "text": TEXT, "flag": FLAG, "moment": MOMENT, "list": LIST, "any": TEXT,
}  # fmt: skip
COMPARED = {"ge": ">=", "le": "<=", "gt": ">", "lt": "<", "eq": "==", "ne": "!="}
METHODS = {"contains": "contains", "starts": "startsWith", "ends": "endsWith"}
# The opposite of each, where it is said as "not so".
NOT = {
    "eq": "ne",
    "in": "not_in",
    "contains": "lacks",
    "within": "not_within",
    "has": "has_not",
    "known": "unknown",
    "yes": "no",
}
_OPPOSITE = {negative: positive for positive, negative in NOT.items()}
NO_VALUE = frozenset({"known", "unknown", "yes", "no"})
MANY_VALUES = frozenset({"in", "not_in"})
_PLAIN_NAME = re.compile(r"[A-Za-z]\w*")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Row:
    """`field` is a field of the schema, or a map with its `key`; `kind` is what its value is; `span`: days of times."""

    field: str = ""
    operator: str = ""
    value: str = ""
    kind: Kind = "text"
    key: str = ""
    span: str = ""


@dataclass(frozen=True)
class Group:
    join: Join = "any"
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Rows:
    join: Join = "all"
    items: tuple[Row | Group, ...] = field(default_factory=tuple)


class Incomplete(ValueError):
    """A row cannot be said as text; `where` are its places, such as (2,) or (1, 0)."""

    def __init__(self, sentence: str, where: tuple[int, ...] = ()) -> None:
        super().__init__(sentence)
        self.sentence, self.where = sentence, where


def operators_of(kind: Kind, *, may_miss: bool) -> dict[str, str]:
    return OPERATORS[kind] | (KNOWN if may_miss else {})


def may_miss(row: Row, schema: Schema) -> bool:
    if row.field == "fact" and schema.of_event is not None:
        return row.key not in schema.of_event
    if row.field in schema.maps:
        return row.field != "times"
    return row.field in schema.fields and schema.fields[row.field].may_miss


def kind_of(row: Row, schema: Schema) -> Kind:
    """What a row's value is: by the field, or for a trait what the row says."""
    if row.field in schema.fields:
        return schema.fields[row.field].kind
    if row.field == "fact" and schema.of_event and schema.of_event.get(row.key, "any") != "any":
        return schema.of_event[row.key]
    if row.field in schema.maps and schema.maps[row.field].kind != "any":
        return schema.maps[row.field].kind
    return "text" if row.kind == "any" else row.kind


def text_of(rows: Rows, schema: Schema) -> str:
    """The rows as a condition; "" for none. Raises `Incomplete`."""
    parts = []
    for place, item in enumerate(rows.items):
        if isinstance(item, Row):
            parts.append(_said(item, schema, (place,)))
        elif item.rows:
            inner = [_said(row, schema, (place, at)) for at, row in enumerate(item.rows)]
            parts.append(inner[0] if len(inner) == 1 else f"({f' {SIGNS[item.join]} '.join(inner)})")
    text = f" {SIGNS[rows.join]} ".join(parts)
    return text[1:-1] if len(parts) == 1 and text.startswith("(") and isinstance(rows.items[0], Group) else text


def _said(row: Row, schema: Schema, where: tuple[int, ...]) -> str:
    try:
        return _row_text(row, schema)
    except Incomplete as wrong:
        raise Incomplete(wrong.sentence, where) from None


def _row_text(row: Row, schema: Schema) -> str:
    if row.field not in schema.fields and row.field not in schema.maps:
        raise Incomplete("Choose what this is about.")
    if row.field in schema.maps and not row.key:
        raise Incomplete("Choose which one.")
    kind = kind_of(row, schema)
    if row.operator not in operators_of(kind, may_miss=may_miss(row, schema)):
        raise Incomplete("Choose how to compare.")
    thing, known = _names(row, kind)
    if row.operator in KNOWN:
        return known if row.operator == "known" else f"!{known}" if known.startswith("has(") else f"!({known})"
    if row.operator in _OPPOSITE and (may_miss(row, schema) or row.operator != "ne"):
        positive = _positive(replace(row, operator=_OPPOSITE[row.operator]), thing, kind)
        if may_miss(row, schema):
            return positive_not(known, positive)
        return f"!{positive}" if row.operator in {"no", "lacks"} else f"!({positive})"
    return _positive(row, thing, kind)


def positive_not(known: str, positive: str) -> str:
    """Not so, or not known."""
    return f"!({known} && {positive})"


def _names(row: Row, kind: Kind) -> tuple[str, str]:
    """How the text calls the thing, and how it asks whether it is known."""
    if not row.key:
        return row.field, f"has({row.field})"
    key = f"{row.key} in {_days(row.span)} days" if row.field == "times" and row.span else row.key
    plain = bool(_PLAIN_NAME.fullmatch(key)) and row.field in {"trait", "fact"}
    thing = f"{row.field}.{key}" if plain else f"{row.field}[{_quoted(key)}]"
    known = f"has({thing})" if plain else f"{_quoted(key)} in {row.field}"
    return (f"date({thing})" if kind == "moment" and row.field in {"trait", "fact"} else thing), known


def _positive(row: Row, thing: str, kind: Kind) -> str:
    if row.operator in COMPARED:
        return f"{thing} {COMPARED[row.operator]} {_literal(row.value, kind)}"
    if row.operator in METHODS:
        return f"{thing}.{METHODS[row.operator]}({_literal(row.value, 'text')})"
    return _SAID[row.operator](thing, row, kind)


def _among(thing: str, row: Row, kind: Kind) -> str:
    values = [_literal(one.strip(), kind) for one in row.value.split(",") if one.strip()]
    if not values:
        raise Incomplete("Give the values, with commas between them.")
    return f"{thing} in [{', '.join(values)}]"


def _on_day(thing: str, row: Row, _kind: Kind) -> str:
    if not _DAY.fullmatch(row.value):
        raise Incomplete("Give a day, such as 2026-05-01.")
    return f"{thing} {'>=' if row.operator == 'since' else '<'} date('{row.value}')"


_SAID: dict[str, Callable[[str, Row, Kind], str]] = {
    "yes": lambda thing, _row, _kind: thing,
    "has": lambda thing, row, _kind: f"{_literal(row.value, 'text')} in {thing}",
    "in": _among,
    "within": lambda thing, row, _kind: f"{thing} >= now - days({_days(row.value)})",
    "older": lambda thing, row, _kind: f"{thing} < now - days({_days(row.value)})",
    "since": _on_day,
    "before": _on_day,
}


def _days(value: str) -> str:
    if not re.fullmatch(r"\d{1,4}", value.strip()):
        raise Incomplete("Give a number of days, from 0 to 9999.")
    return str(int(value))


def _literal(value: str, kind: Kind) -> str:
    if kind != "number":
        if not value:
            raise Incomplete("Give a value.")
        return _quoted(value)
    number = value.strip().replace(",", ".") if value.count(",") == 1 and "." not in value else value.strip()
    if not _NUMBER.fullmatch(number):
        raise Incomplete("Give a number, such as 100 or 49.90.")
    return number


def _quoted(value: str) -> str:
    return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def moved(rows: Rows, where: Sequence[int], row: Row | None) -> Rows:
    """The rows with the one at a place replaced, or taken out (None); a group without rows goes too."""
    items = list(rows.items)
    at = where[0]
    item = items[at]
    if isinstance(item, Group) and len(where) > 1:
        inner = list(item.rows)
        inner[where[1] : where[1] + 1] = [row] if row else []
        items[at : at + 1] = [replace(item, rows=tuple(inner))] if inner else []
    else:
        items[at : at + 1] = [row] if row else []
    return replace(rows, items=tuple(items))
