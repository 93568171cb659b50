"""What a condition is translated to: pieces that are always the same, and pieces of SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Value

from thereafter.journeys.rules import dialect
from thereafter.journeys.translating.sql import NUMBER, TEXT, Sql, Trait, nothing
from thereafter.journeys.translating.times import Time


@dataclass(frozen=True)
class Piece:
    """Something translated: flag, number, text or null. `value` is what it is when it is always the same."""

    kind: str
    sql: Any
    value: Any = None
    is_fixed: bool = False


Found = Piece | Time | Trait


def number(value: float) -> Piece:
    return Piece("number", Value(float(value), NUMBER), value, is_fixed=True)


def text(value: str) -> Piece:
    return Piece("text", Value(value, TEXT), value, is_fixed=True)


def unknown(kind: str) -> Found:
    """What an error becomes."""
    if kind in {"moment", "span"}:
        return Time(kind, plus=Sql("NULL::timestamptz", lite="NULL"))
    if kind in {"number", "whole"}:
        return Piece("number", Sql("NULL::double precision", gives=NUMBER, lite="NULL"))
    return Piece("text", Sql("NULL::text", gives=TEXT, lite="NULL")) if kind == "text" else Piece("flag", nothing())


def yes(condition: Any) -> Sql:
    """True, or NULL."""
    return Sql("(CASE WHEN {0} THEN TRUE END)", condition)


def worked_out(name: str, one: float, two: float) -> float:
    """Whole numbers stay whole, as in CEL; raises ValueError for what cannot be divided."""
    if name in {"_/_", "_%_"} and not two:
        raise ValueError("division by zero")
    if name == "_/_":
        quotient = one / two
        return int(quotient) if isinstance(one, int) and isinstance(two, int) else quotient
    return dialect.SUMS[name](one, two)


ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
}
SEARCHES: dict[str, Callable[[Any, Any], Sql]] = {
    "contains": lambda one, two: Sql("(STRPOS({0}, {1}) > 0)", one, two, lite="(INSTR({0}, {1}) > 0)"),
    "startsWith": lambda one, two: Sql("(STRPOS({0}, {1}) = 1)", one, two, lite="(INSTR({0}, {1}) = 1)"),
    "endsWith": lambda one, two: Sql(
        "(RIGHT({0}, LENGTH({1})) = {1})",
        one,
        two,
        lite="(CASE WHEN {0} IS NOT NULL THEN {1} = '' OR SUBSTR({0}, -LENGTH({1})) = {1} END)",
    ),
}
