"""A condition as people say it: "order total is at least 100 and not late". Plain Python.

What is too clever for a sentence is shown as it was written.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.conditions import BadCondition, compile_condition
from thereafter.journeys.rules.old_conditions import as_text
from thereafter.journeys.rules.trees import Node

LONGEST = 160
_COMPARED = {
    "_==_": "is",
    "_!=_": "is not",
    "_>=_": "is at least",
    "_<=_": "is at most",
    "_>_": "is more than",
    "_<_": "is less than",
}
# Of moments one says before and after.
_OF_TIME = {"_>=_": "is after", "_>_": "is after", "_<=_": "is before", "_<_": "is before"}
# Of a moment against "now - days(30)": the same as the rows of the editor say.
_BACK = {
    "_>=_": "is in the last {}",
    "_>_": "is in the last {}",
    "_<=_": "is more than {} ago",
    "_<_": "is more than {} ago",
}
_ALLOWED = ("is allowed", "is not allowed")
_HAPPENED = ("has happened", "has never happened")
_AMONG = ("is among", "is not among")
_CHANNELS = {"email": "e-mail", "sms": "SMS", "whatsapp": "WhatsApp", "push": "notification"}
_TOLD = {"contains": "contains", "startsWith": "begins with", "endsWith": "ends with", "matches": "matches"}


class _Unsayable(Exception):
    """There are no words for this."""


def in_words(condition: Any, longest: int = LONGEST) -> str:
    """The sentence for a condition; "" for none."""
    if not condition:
        return ""
    try:
        return _sentence(condition if isinstance(condition, str) else as_text(condition), longest)
    except (BadCondition, ValueError, TypeError, KeyError, StopIteration):
        return str(condition)[:longest]


def as_line(condition: str, longest: int = LONGEST) -> str:
    """The sentence for a line of its own; what was left as it was written keeps its small letter."""
    told = in_words(condition, longest)
    return told if told == " ".join(condition.split())[:longest] else told[:1].upper() + told[1:]


@lru_cache(maxsize=2048)
def _sentence(text: str, longest: int) -> str:
    compact = " ".join(text.split())
    try:
        told = _say(_tree(text))
    except (BadCondition, _Unsayable):
        return compact[:longest]
    return told if len(told) <= longest else f"{told[: longest - 1]}…"


def _tree(text: str) -> Node:
    """As a journey understands it, else another room."""
    for schema in (vocabulary.journey(), *vocabulary.places()):
        try:
            return compile_condition(text, schema).tree
        except BadCondition:
            continue
    raise BadCondition("Nobody knows this condition.")


def _known(name: str) -> vocabulary.Field | None:
    found = (schema.fields.get(name) for schema in (vocabulary.journey(), *vocabulary.places()))
    return next(filter(None, found), None)


def _say(node: Node) -> str:
    return _WORDS[node.kind](node) if node.kind in _WORDS else _unsayable(node)


def _unsayable(node: Node) -> str:
    raise _Unsayable(node.kind)


def _value(node: Node) -> str:
    if isinstance(node.what, bool):
        return "so" if node.what else "not so"
    if isinstance(node.what, str):
        return f"“{node.what}”"
    return f"{node.what:g}" if isinstance(node.what, float) else str(node.what)


def _name(node: Node) -> str:
    field = _known(str(node.what))
    return _lower(field.label) if field else _plain(str(node.what))


def _lower(label: str) -> str:
    """ "Order total" in the middle of a sentence; "SKUs" stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _plain(name: str) -> str:
    return name.removeprefix("trait.").removeprefix("_").replace(".", " ").replace("_", " ").strip()


def _field(node: Node) -> str:
    owner, schema = node.parts[0], vocabulary.journey()
    # In has(customer.x) the name of the root is shadowed, see `conditions`.
    root = next((one for one in schema.roots if f"_{one[1:]}" == owner.what), str(owner.what))
    known = schema.fields.get(f"{root}.{node.what}")
    return _lower(known.label) if known else _plain(str(node.what))


def _call(node: Node) -> str:
    what, parts = str(node.what), node.parts
    if what in _COMPARED:
        return _comparison(what, *parts)
    if what in _TOLD:
        return f"{_say(parts[0])} {_TOLD[what]} {_say(parts[1])}"
    return _CALLS[what](*parts) if what in _CALLS else _unsayable(node)


def _grouped(node: Node, outer: str) -> str:
    told = _say(node)
    inner = str(node.what) if node.kind == "call" else ""
    return f"({told})" if inner in {"_&&_", "_||_"} and inner != outer else told


def _comparison(what: str, left: Node, right: Node) -> str:
    if isinstance(right.what, bool) and right.kind == "value":
        wanted = right.what if what == "_==_" else not right.what
        return _say(left) if wanted else f"not {_say(left)}"
    if what in _BACK and (span := _span_back(right)):
        return f"{_say(left)} {_BACK[what].format(span)}"
    words = _OF_TIME.get(what) if "moment" in {left.type, right.type} else None
    return f"{_say(left)} {words or _COMPARED[what]} {_chosen(left, right)}"


def _chosen(of: Node, value: Node) -> str:
    """A value as the choices of its field call it."""
    field = _known(str(of.what)) if of.kind == "name" and value.kind == "value" else None
    label = dict(field.choices).get(str(value.what)) if field else None
    return f"“{label}”" if label else _say(value)


def _span_back(node: Node) -> str:
    """ "30 days" of now - days(30); "" for anything else."""
    if node.what != "_-_" or node.parts[0].what != "now":
        return ""
    span = node.parts[1]
    if span.what not in {"days", "hours"} or span.parts[0].kind != "value":
        return ""
    count, unit = _value(span.parts[0]), str(span.what)
    return f"{count} {unit.removesuffix('s') if count == '1' else unit}"


def _membership(one: Node, many: Node, *, not_in: bool = False) -> str:
    if many.kind == "list":
        choices = [_chosen(one, part) for part in many.parts]
        return f"{_say(one)} is {'neither ' if not_in else ''}{(' nor ' if not_in else ' or ').join(choices)}"
    if many.what == "happened" and one.kind == "value":
        return f"“{_plain(str(one.what))}” {_HAPPENED[not_in]}"
    if str(many.what).removeprefix("customer.") == "consents" and one.kind == "value":
        channel, _, purpose = str(one.what).partition(":")
        return f"{purpose or 'writing'} by {_CHANNELS.get(channel, channel)} {_ALLOWED[not_in]}"
    return f"{_say(one)} {_AMONG[not_in]} {_say(many)}"


def _not(part: Node) -> str:
    return _membership(*part.parts, not_in=True) if part.what == "@in" else f"not {_grouped(part, '!_')}"


def _among_them(node: Node) -> str:
    """ "tags of the product include “sale” or “outlet”" """
    step = node.parts[1]
    test = step.parts[1] if step.what == "_||_" and step.parts[0].what == "@result" else node
    if test.what not in {"@in", "_==_"} or test.parts[0].what != node.what:
        return _unsayable(node)
    wanted = test.parts[1]
    values = wanted.parts if wanted.kind == "list" else (wanted,)
    return f"{_say(node.parts[0])} include {' or '.join(_chosen(node.parts[0], value) for value in values)}"


def _indexed(owner: Node, key: Node) -> str:
    name = _plain(str(key.what))
    if owner.kind != "name" or key.kind != "value":
        return _unsayable(owner)
    told = {"happened": f"the last “{name}”", "times": f"the number of “{name}”"}
    mail = {"sent", "opened", "clicked"}
    return f"“{name}” {owner.what}" if owner.what in mail else told.get(str(owner.what), name)


_CALLS: dict[str, Callable[..., str]] = {
    "_&&_": lambda *parts: " and ".join(_grouped(part, "_&&_") for part in parts),
    "_||_": lambda *parts: " or ".join(_grouped(part, "_||_") for part in parts),
    "!_": _not,
    "@in": _membership,
    "_[_]": _indexed,
    # In whatever letters: nobody needs to be told.
    "lower": _say,
}
_WORDS: dict[str, Callable[[Node], str]] = {
    "value": _value,
    "name": _name,
    "field": _field,
    "call": _call,
    "loop": _among_them,
    "has": lambda node: f"{_field(node)} is known",
    "list": lambda node: ", ".join(map(_say, node.parts)),
}
