"""What CEL lets pass in a condition and we do not: what would never be so, or would cost too much. Plain Python."""

import re
from collections.abc import Callable

from thereafter.journeys.rules import complaints
from thereafter.journeys.rules.naming import WHOLE, field_asked, is_call, key_of, window
from thereafter.journeys.rules.trees import Node
from thereafter.journeys.rules.vocabulary import Schema

Check = Callable[[Node, Schema], str]


def wrong(node: Node, schema: Schema) -> str:
    """A sentence about this piece of a condition, "" when it is in order."""
    return next(filter(None, (check(node, schema) for check in _CHECKS)), "")


def _loop_in_a_loop(node: Node, _schema: Schema) -> str:
    inside = (inner for part in node.parts for inner in part.walk())
    if node.kind == "loop" and any(inner.kind == "loop" for inner in inside):
        return "One exists() or all() cannot stand in another."
    return ""


def _presence_of_nothing(node: Node, schema: Schema) -> str:
    name = field_asked(node, schema)
    return complaints.unknown(name, schema) if name and name not in schema.fields else ""


def _dots_in_traits(node: Node, _schema: Schema) -> str:
    if node.kind not in {"field", "has"} or node.parts[0].kind != "field":
        return ""
    owner, key = node.parts[0].parts[0], f"{node.parts[0].what}.{node.what}"
    is_trait = owner.kind == "name" and owner.what == "trait"
    return f"Write trait['{key}']: a name with a dot stands in brackets and quotes." if is_trait else ""


def _compared_with_nothing(node: Node, _schema: Schema) -> str:
    kinds = {part.type for part in node.parts} - {"any"}
    if node.kind == "call" and node.what in {"_==_", "_!=_"} and "null" in kinds and len(kinds) > 1:
        return "Whether something is known is asked with has(…), such as has(customer.last_order_at)."
    return ""


def _unknown_fact(node: Node, schema: Schema) -> str:
    asked = key_of(node)
    known = schema.of_event
    if asked and asked[0] == "fact" and known is not None and asked[1] not in known:
        return complaints.unknown_fact(asked[1], schema)
    return ""


def _without_a_name(node: Node, schema: Schema) -> str:
    """Of these maps only what is named can be loaded, so it must be named outright."""
    for part in node.parts:
        if part.kind == "name" and part.what in schema.maps and part.what not in WHOLE and key_of(node) is None:
            return f"Say which, in quotes: {schema.maps[part.what].what.rpartition('such as ')[2]}."
    return ""


def _window_of_times(node: Node, _schema: Schema) -> str:
    asked = key_of(node)
    if asked and asked[0] == "times" and not window(asked[1]):
        return "Write times['order.placed'] or times['order.placed in 30 days']."
    return ""


def _span(node: Node, _schema: Schema) -> str:
    if not is_call(node, "duration") or node.parts[0].kind != "value":
        return ""
    good = re.fullmatch(r"-?(\d+(\.\d+)?(h|m|s|ms|us|ns))+", str(node.parts[0].what))
    return "" if good else "Write days(7) for seven days, or duration('36h')."


def _division(node: Node, _schema: Schema) -> str:
    by = node.parts[1] if node.kind == "call" and node.what in {"_/_", "_%_"} else None
    return "Nothing can be divided by 0." if by and by.kind == "value" and not by.what else ""


_CHECKS: tuple[Check, ...] = (
    _loop_in_a_loop,
    _presence_of_nothing,
    _dots_in_traits,
    _compared_with_nothing,
    _unknown_fact,
    _without_a_name,
    _window_of_times,
    _span,
    _division,
)
