"""The checked syntax tree of a condition, read from the bytes in which CEL hands it over. Plain Python.

The bytes are protobuf. Field numbers are those of `cel.expr` in the specification of the language (cel-spec,
`proto/cel/expr/checked.proto` and `syntax.proto`); only what a condition can contain is read.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DEEPEST, MOST = 40, 600

Raw = dict[int, list[Any]]
_PRIMITIVES = {1: "flag", 2: "whole", 3: "whole", 4: "number", 5: "text", 6: "bytes"}
_WELL_KNOWN = {1: "any", 2: "moment", 3: "span"}


class TooDeep(ValueError):
    """The tree is deeper or larger than anybody writes by hand."""


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a condition.

    `kind` is value (a literal), name (a variable), field (`trait.tier`), has, call (of a function or operator), list,
    map or loop. `what` is the literal, or the name; `parts` are the operands, the object of a method first. `type` is
    flag, whole, number, text, moment, span, null, list, map or any. `at` is the place in the text, -1 when unknown.
    """

    kind: str
    what: Any
    parts: tuple["Node", ...]
    type: str
    at: int

    def walk(self) -> Iterator["Node"]:
        yield self
        for part in self.parts:
            yield from part.walk()


def read(serialized: bytes) -> Node:
    """The tree of a checked expression; raises `TooDeep`."""
    checked = _fields(_one(_fields(serialized), 2))  # google.protobuf.Any: value = 2
    source = _fields(_one(checked, 5))
    types = {_number(entry, 1): _type(_one(entry, 2)) for entry in map(_fields, checked.get(3, []))}
    places = {_number(entry, 1): _number(entry, 2) for entry in map(_fields, source.get(4, []))}
    return _Reader(types, places).node(_one(checked, 4))


class _Reader:
    def __init__(self, types: Mapping[int, str], places: Mapping[int, int]) -> None:
        self.types, self.places, self.count = types, places, 0

    def node(self, data: bytes, depth: int = 0) -> Node:
        self.count += 1
        if depth > DEEPEST or self.count > MOST:
            raise TooDeep
        fields = _fields(data)
        number = _number(fields, 2)
        made = next((_SHAPES[key] for key in _SHAPES if key in fields), None)
        if made is None:
            return Node("value", None, (), "null", -1)
        key, shape = made
        kind, what, parts = shape(_fields(fields[key][0]))
        read_parts = tuple(self.node(part, depth + 1) for part in parts)
        return Node(kind, what, read_parts, self.types.get(number, "any"), self.places.get(number, -1))


Shape = tuple[str, Any, list[bytes]]


_CONSTANTS: dict[int, Callable[[Any], Any]] = {
    2: bool,
    3: lambda value: value - (1 << 64) if value >> 63 else value,
    4: int,
    5: lambda value: struct.unpack("<d", value)[0],
    6: lambda value: value.decode("utf-8", "replace"),
    7: bytes,
}


def _constant(fields: Raw) -> Shape:
    return "value", next((read(fields[key][0]) for key, read in _CONSTANTS.items() if key in fields), None), []


def _identifier(fields: Raw) -> Shape:
    return "name", _text(fields, 1), []


def _select(fields: Raw) -> Shape:
    return "has" if _number(fields, 3) else "field", _text(fields, 2), fields[1]


def _call(fields: Raw) -> Shape:
    return "call", _text(fields, 2), [*fields.get(1, []), *fields.get(3, [])]


def _list(fields: Raw) -> Shape:
    return "list", None, fields.get(1, [])


def _struct(fields: Raw) -> Shape:
    entries = map(_fields, fields.get(2, []))
    return "map", None, [part for entry in entries for key in (3, 4) for part in entry.get(key, [])]


def _comprehension(fields: Raw) -> Shape:
    """The list first, then what is asked of each of its members."""
    return "loop", _text(fields, 1), [part for key in (2, 6, 5, 4, 7) for part in fields.get(key, [])]


# Which field of `Expr` says what the expression is.
_SHAPES = {
    3: (3, _constant),
    4: (4, _identifier),
    5: (5, _select),
    6: (6, _call),
    7: (7, _list),
    8: (8, _struct),
    9: (9, _comprehension),
}


_KINDS: dict[int, Callable[[Any], str]] = {
    2: lambda _: "null",
    3: lambda value: _PRIMITIVES.get(value, "any"),
    5: lambda value: _WELL_KNOWN.get(value, "any"),
    6: lambda _: "list",
    7: lambda _: "map",
}


def _type(data: bytes) -> str:
    fields = _fields(data)
    return next((name(fields[key][0]) for key, name in _KINDS.items() if key in fields), "any")


def _fields(data: bytes) -> Raw:
    """A protobuf message as its raw values by field number."""
    found: Raw = {}
    at = 0
    while at < len(data):
        value: int | bytes
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == 0:
            value, at = _varint(data, at)
        else:
            if wire == 2:  # noqa: PLR2004 length-delimited
                length, at = _varint(data, at)
            else:
                length = {1: 8, 5: 4}[wire]
            value = data[at : at + length]
            at += length
        found.setdefault(tag >> 3, []).append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 the last byte has no eighth bit
            return value, at


def _one(fields: Raw, number: int) -> bytes:
    found: bytes = fields[number][0] if number in fields else b""
    return found


def _number(fields: Raw, number: int) -> int:
    found: int = fields[number][0] if number in fields else 0
    return found


def _text(fields: Raw, number: int) -> str:
    return _one(fields, number).decode()
