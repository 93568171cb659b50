"""Reading the text of a condition back as rows; a text that says more than rows can stays a text. Plain Python."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from thereafter.journeys.rules.conditions import BadCondition, compile_condition
from thereafter.journeys.rules.naming import key_of, window
from thereafter.journeys.rules.rows import COMPARED, METHODS, NOT, SIGNS, Group, Incomplete, Join, Row, Rows, text_of
from thereafter.journeys.rules.trees import Node
from thereafter.journeys.rules.vocabulary import Kind, Schema

_BY_SIGN = {f"_{sign}_": name for name, sign in COMPARED.items()}
_BY_METHOD = {method: name for name, method in METHODS.items()}


class _Beyond(Exception):
    """More than rows can say."""


def rows_of(text: str, schema: Schema) -> Rows | None:
    """The text as rows; None when it says more than rows can. Raises `BadCondition`."""
    if not text.strip():
        return Rows()
    tree = compile_condition(text, schema).tree
    try:
        rows = _rows(tree, schema)
        again = compile_condition(text_of(rows, schema), schema).tree
    except (_Beyond, Incomplete, BadCondition):
        return None
    return rows if _bare(again) == _bare(tree) else None


def _bare(node: Node) -> tuple[object, ...]:
    """The tree without places in the text, and however && and || were nested."""
    if node.kind == "call" and node.what in {"_&&_", "_||_"}:
        return (node.what, *map(_bare, _flat(node, node.what)))
    return node.kind, node.what, type(node.what).__name__, tuple(map(_bare, node.parts))


def _flat(node: Node, sign: str) -> Iterator[Node]:
    if node.kind == "call" and node.what == sign:
        for part in node.parts:
            yield from _flat(part, sign)
    else:
        yield node


def _rows(tree: Node, schema: Schema) -> Rows:
    join: Join = "any" if tree.kind == "call" and tree.what == "_||_" else "all"
    other: Join = "all" if join == "any" else "any"
    items: list[Row | Group] = []
    for node in _flat(tree, f"_{SIGNS[join]}_"):
        if node.kind == "call" and node.what == f"_{SIGNS[other]}_":
            items.append(Group(other, tuple(_row(each, schema) for each in _flat(node, node.what))))
        else:
            items.append(_row(node, schema))
    return Rows(join, tuple(items))


def _row(node: Node, schema: Schema) -> Row:
    if node.kind == "call" and node.what == "!_":
        inner = node.parts[0]
        if inner.kind == "call" and inner.what == "_&&_":
            inner = inner.parts[1]
        row = _atom(inner, schema)
        if row.operator not in NOT:
            raise _Beyond
        return replace(row, operator=NOT[row.operator])
    return _atom(node, schema)


def _atom(node: Node, schema: Schema) -> Row:
    if node.kind == "has":
        return _known(node, schema)
    if node.kind in {"name", "field"} or (node.kind == "call" and node.what == "_[_]"):
        return replace(_thing(node, schema), operator="yes", kind="flag")
    if node.kind != "call":
        raise _Beyond
    readers: dict[str, Callable[[Node, Schema], Row]] = {"@in": _read_in}
    readers |= dict.fromkeys(_BY_SIGN, _read_compared) | dict.fromkeys(_BY_METHOD, _read_method)
    if node.what not in readers:
        raise _Beyond
    return readers[node.what](node, schema)


def _thing(node: Node, schema: Schema) -> Row:
    """The field or the key of a map that a node names."""
    if node.kind == "name" and node.what in schema.fields and node.what != "now":
        return Row(node.what, kind=schema.fields[node.what].kind)
    if node.kind == "call" and node.what == "date" and len(node.parts) == 1:
        return replace(_thing(node.parts[0], schema), kind="moment")
    asked = key_of(node) if node.kind in {"field", "call"} else None
    if asked is None or asked[0] not in schema.maps or node.what == "@in":
        raise _Beyond
    root, key = asked
    span = window(key) if root == "times" else None
    name, days = span or (key, 0)
    return Row(root, key=name, span=str(days) if days else "", kind=schema.maps[root].kind)


def _known(node: Node, schema: Schema) -> Row:
    asked = key_of(node)
    if asked is None:
        raise _Beyond
    root, key = asked
    if root in schema.maps:
        return Row(root, "known", key=key, kind=schema.maps[root].kind)
    name = next((each for each in schema.fields if each.endswith(f"{root[1:]}.{key}")), "")
    if not name:
        raise _Beyond
    return Row(name, "known", kind=schema.fields[name].kind)


def _read_in(node: Node, schema: Schema) -> Row:
    member, where = node.parts
    if where.kind == "name" and where.what in schema.maps and member.kind == "value":
        return Row(where.what, "known", key=str(member.what), kind=schema.maps[where.what].kind)
    if where.kind == "list":
        row = _thing(member, schema)
        if any("," in str(item.what) or item.kind != "value" for item in where.parts):
            raise _Beyond
        kinds = {_kind_of_value(item) for item in where.parts}
        return replace(
            row, operator="in", value=", ".join(map(_shown, where.parts)), kind=kinds.pop() if kinds else "text"
        )
    if member.kind != "value" or not isinstance(member.what, str):
        raise _Beyond
    return replace(_thing(where, schema), operator="has", value=member.what, kind="list")


def _read_compared(node: Node, schema: Schema) -> Row:
    left, right = node.parts
    row, operator = _thing(left, schema), _BY_SIGN[node.what]
    if right.kind == "value":
        return replace(row, operator=operator, value=_shown(right), kind=_kind_of_value(right))
    if operator not in {"ge", "lt"} or right.kind != "call":
        raise _Beyond
    if right.what == "date" and right.parts[0].kind == "value":
        return replace(row, operator="since" if operator == "ge" else "before", value=str(right.parts[0].what))
    days = right.parts[1] if right.what == "_-_" and right.parts[0].what == "now" else None
    if days is None or days.what != "days" or days.parts[0].kind != "value":
        raise _Beyond
    return replace(row, operator="within" if operator == "ge" else "older", value=str(days.parts[0].what))


def _read_method(node: Node, schema: Schema) -> Row:
    thing, wanted = node.parts
    if wanted.kind != "value":
        raise _Beyond
    return replace(_thing(thing, schema), operator=_BY_METHOD[node.what], value=str(wanted.what), kind="text")


def _kind_of_value(node: Node) -> Kind:
    if isinstance(node.what, bool) or node.what is None:
        raise _Beyond
    return "number" if isinstance(node.what, int | float) else "text"


def _shown(node: Node) -> str:
    return str(node.what)
