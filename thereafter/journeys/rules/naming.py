"""What a condition names: fields, maps and their keys, and places in its text. Plain Python."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from thereafter.journeys.rules.trees import Node
from thereafter.journeys.rules.vocabulary import Schema

# Under this name the presence of a field is asked: `has(customer.x)` is read as `has(_ustomer.x)`, a map, because
# CEL knows no presence of a plain variable. It is as long as the name, so that places in the text stay as they are.
_SHADOW = "_"
# These maps are given whole; of the others only what is asked for is loaded.
WHOLE = frozenset({"trait", "fact"})


def shadow(root: str) -> str:
    return _SHADOW + root[1:]


def presence(roots: Collection[str], facts: Mapping[str, Any]) -> dict[str, dict[str, bool]]:
    """Which fields are known, by shadow: {"_ustomer": {"country": True}}."""
    made: dict[str, dict[str, bool]] = {shadow(root): {} for root in roots}
    for name in facts:
        root, _, rest = name.partition(".")
        if root in roots and rest:
            made[shadow(root)][rest] = True
    return made


def key_of(node: Node) -> tuple[str, str] | None:
    """The map and the name it is asked for: happened['x'], happened.x, has(fact.x) or 'x' in happened."""
    pair: tuple[Node, Any] | None = None
    if node.kind in {"field", "has"}:
        pair = node.parts[0], node.what
    elif is_call(node, "_[_]") and node.parts[1].kind == "value":
        pair = node.parts[0], node.parts[1].what
    elif is_call(node, "@in") and node.parts[0].kind == "value":
        pair = node.parts[1], node.parts[0].what
    if pair and pair[0].kind == "name" and isinstance(pair[1], str):
        return pair[0].what, pair[1]
    return None


def is_call(node: Node, name: str) -> bool:
    return node.kind == "call" and node.what == name


def field_asked(node: Node, schema: Schema) -> str:
    """The field whose presence has() asks for, "customer.last_order_at"; "" when the node is something else."""
    if node.kind != "has" or node.parts[0].kind != "name":
        return ""
    return next((f"{root}.{node.what}" for root in schema.roots if shadow(root) == node.parts[0].what), "")


def names_in(tree: Node, schema: Schema) -> frozenset[str]:
    """Fields by name; of the maps that are loaded key by key, which key."""
    found: set[str] = set()
    for node in tree.walk():
        called, presence_of = key_of(node), field_asked(node, schema)
        if presence_of:
            found.add(presence_of)
        elif called and called[0] in schema.maps and called[0] not in WHOLE:
            found.add(f"{called[0]}:{called[1]}")
        elif node.kind == "name" and (node.what in schema.fields or node.what in WHOLE):
            found.add(node.what)
    return frozenset(found)


def window(key: str) -> tuple[str, int] | None:
    """ "order.placed in 30 days" as the event and the days, 0 for ever; None for what cannot be read."""
    found = re.fullmatch(r"([a-z_.]+)(?: in (\d{1,4}) days?)?", key)
    return (found[1], int(found[2] or 0)) if found else None


def place_in(text: str, at: int) -> tuple[int, int]:
    """Line and column of a place in a text, both from 1."""
    before = text[: max(at, 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
