"""CEL as merchants write it: a whole number goes with a decimal one, and a few words more. Plain Python.

CEL keeps whole and decimal numbers apart, so that `order.total >= 100` would be a mistake. Its runtime can compare
them all the same; only the check refuses. So the operators are taken out of the standard declarations and declared
anew with mixed pairs. Sums of mixed pairs are ours, in Python. All numbers of facts are decimals (see `facts`).
"""

import math
import operator
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped]  # compiled, without a marker of types

from thereafter.journeys.rules.vocabulary import Kind, Schema

Type = cel.Type
Overload = cel.Overload
Signature = tuple[Any, ...]
_TYPES: dict[Kind, Any] = {
    "flag": Type.BOOL,
    "number": Type.DOUBLE,
    "text": Type.STRING,
    "moment": Type.TIMESTAMP,
    "list": Type.List(Type.STRING),
    "any": Type.DYN,
}
_NUMBERS = (Type.DOUBLE, Type.INT)
_PAIRS = list(product(_NUMBERS, _NUMBERS))
_ORDERED = [(kind, kind) for kind in (Type.STRING, Type.TIMESTAMP, Type.DURATION)]
_EQUAL = [(kind, kind) for kind in (Type.BOOL, Type.NULL, Type.LIST, Type.MAP)]
_MEMBERS = (Type.STRING, Type.BOOL, Type.TIMESTAMP)
_SPANS: dict[str, list[Signature]] = {
    "_+_": [
        (Type.STRING, Type.STRING, Type.STRING),
        # filter() and map() put their answer together with it.
        (Type.LIST, Type.LIST, Type.LIST),
        (Type.TIMESTAMP, Type.DURATION, Type.TIMESTAMP),
        (Type.DURATION, Type.TIMESTAMP, Type.TIMESTAMP),
        (Type.DURATION, Type.DURATION, Type.DURATION),
    ],
    "_-_": [
        (Type.TIMESTAMP, Type.DURATION, Type.TIMESTAMP),
        (Type.TIMESTAMP, Type.TIMESTAMP, Type.DURATION),
        (Type.DURATION, Type.DURATION, Type.DURATION),
    ],
}
SUMS: dict[str, Callable[[float, float], float]] = {
    "_+_": operator.add,
    "_-_": operator.sub,
    "_*_": operator.mul,
    "_/_": operator.truediv,
    "_%_": math.fmod,
}
_TESTS = ("_<_", "_<=_", "_>_", "_>=_")
_EQUALITY = ("_==_", "_!=_")
# Beyond this a span has no end within the calendar.
MOST_DAYS = 36_500
FUNCTIONS = ("days", "hours", "date", "lower", "contains", "startsWith", "endsWith", "matches", "size", "has", "exists")


@lru_cache(maxsize=64)
def environment(schema: Schema, shadows: frozenset[str]) -> Any:
    """CEL with the variables of the schema; `shadows` are names under which the presence of fields is asked."""
    variables = {name: _TYPES[each.kind] for name, each in schema.fields.items()}
    variables |= {name: Type.Map(Type.STRING, _TYPES[each.kind]) for name, each in schema.maps.items()}
    variables |= {name: Type.Map(Type.STRING, Type.DYN) for name in shadows}
    config = cel.NewEnvConfigFromYaml(_without([*_TESTS, *_EQUALITY, *SUMS, "@in"]))
    return cel.NewEnv(config=config, variables=variables, functions=_functions())


def _without(names: Iterable[str]) -> str:
    return "stdlib:\n  exclude_functions:\n" + "".join(f'    - name: "{name}"\n' for name in names)


@lru_cache(maxsize=1)
def _functions() -> list[Any]:
    tests = [_declared(name, [*_PAIRS, *_ORDERED]) for name in _TESTS]
    equality = [_declared(name, [*_PAIRS, *_ORDERED, *_EQUAL]) for name in _EQUALITY]
    members = [(one, Type.List(other)) for one, other in _PAIRS] + [(kind, Type.List(kind)) for kind in _MEMBERS]
    members.append((Type.STRING, Type.Map(Type.STRING, Type.DYN)))
    return [*tests, *equality, _declared("@in", members), *(_sum(name) for name in SUMS), *_words()]


def _declared(name: str, pairs: Iterable[Signature]) -> Any:
    return cel.FunctionDecl(name, [Overload(f"{name}{one}{two}", Type.BOOL, [one, two], False) for one, two in pairs])


def _sum(name: str) -> Any:
    work = SUMS[name]

    def of_numbers(one: float, two: float) -> float:
        return float(work(one, two))

    overloads = []
    for one, two in _PAIRS:
        is_ours = one.name() != two.name() or (name == "_%_" and one.name() == Type.DOUBLE.name())
        result = Type.INT if one.name() == two.name() == Type.INT.name() else Type.DOUBLE
        overloads.append(Overload(f"{name}{one}{two}", result, [one, two], False, of_numbers if is_ours else None))
    for one, two, result in _SPANS.get(name, []):
        overloads.append(Overload(f"{name}{one}{two}", result, [one, two], False))
    return cel.FunctionDecl(name, overloads)


def _words() -> list[Any]:
    """What CEL has no word for: whole days, the day in a text, and text without capitals."""
    return [
        cel.FunctionDecl("days", [_one("days", kind, Type.DURATION, days) for kind in _NUMBERS]),
        cel.FunctionDecl("hours", [_one("hours", kind, Type.DURATION, hours) for kind in _NUMBERS]),
        cel.FunctionDecl("date", [_one("date", Type.STRING, Type.TIMESTAMP, day)]),
        cel.FunctionDecl("lower", [Overload("lower", Type.STRING, [Type.STRING], True, lower)]),
    ]


def _one(name: str, takes: Any, gives: Any, work: Callable[[Any], Any]) -> Any:
    return Overload(f"{name}_{takes}", gives, [takes], False, work)


def days(count: float) -> timedelta:
    if abs(count) > MOST_DAYS:
        raise ValueError("too many days")
    return timedelta(days=count)


def hours(count: float) -> timedelta:
    return days(count / 24)


def lower(text: str) -> str:
    """Without capitals A to Z; other letters stay, because databases disagree about them."""
    return text.translate(_LOWER)


_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:$|[T ])")


def day(text: str) -> datetime:
    """The beginning of the day (UTC) that a text begins with: "1990-03-01", or a moment in ISO form."""
    if not _DAY.match(text):
        raise ValueError("not a day")
    return datetime.combine(date.fromisoformat(text[:10]), time(), UTC)
