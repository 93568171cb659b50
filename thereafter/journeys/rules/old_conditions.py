"""Conditions as they were written before they were a language: dictionaries, turned into text. Plain Python.

`{"fact": "late", "is": true}` was one thing and one test; `{"all": […]}` and `{"any": […]}` joined them.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_NAMES = ("fact", "trait", "order", "customer")
_SIGNS = {"at_least": ">=", "at_most": "<=", "in": "in"}
_MINOR = {"total_minor": "total", "subtotal_minor": "subtotal", "refunded_minor": "refunded"}
_KNOWN = {
    "order": {"number", "status", "currency", "channel", "placed_at"},
    "customer": {"name", "email", "phone", "locale", "country", "created_at"},
}


def as_text(condition: Any) -> str:
    """The same condition as a text; what is a text already stays as it is."""
    if not isinstance(condition, Mapping):
        return str(condition)
    if not condition:
        return "true"
    for group, sign, empty in (("all", " && ", "true"), ("any", " || ", "false")):
        if group in condition:
            parts = [as_text(part) for part in condition[group]]
            return sign.join(f"({part})" if " || " in part or " && " in part else part for part in parts) or empty
    return _one(condition)


def _one(condition: Mapping[str, Any]) -> str:
    root = next((name for name in _NAMES if name in condition), "")
    test = next((test for test in ("is", "is_not", "exists", *_SIGNS) if test in condition), "")
    if not root or not test:
        return "false"
    name, value = str(condition[root]), condition[test]
    if root in _KNOWN:
        return _of_field(root, name, test, value)
    thing = f"fact.{name}" if root == "fact" and re.fullmatch(r"[a-z]\w*", name) else f"{root}[{_literal(name)}]"
    known = f"has({thing})" if "[" not in thing else f"{_literal(name)} in {root}"
    if test == "exists" or value is None:
        is_there = f"{known} && {thing} != null"
        wanted = value if test == "exists" else test == "is_not"
        return is_there if wanted else f"!({is_there})"
    if test == "is_not":
        return f"!({known} && {thing} == {_literal(value)})"
    return f"{thing} {_SIGNS.get(test, '==')} {_literal(value)}"


def _of_field(root: str, name: str, test: str, value: Any) -> str:
    """Money was in cents. A column that conditions do not know any more is never so."""
    if name in _MINOR:
        name, value = _MINOR[name], _major(value)
    elif name not in _KNOWN[root]:
        return "false"
    if test == "exists" or value is None:
        wanted = value if test == "exists" else test == "is_not"
        return f"has({root}.{name})" if wanted else f"!has({root}.{name})"
    sign = "!=" if test == "is_not" else _SIGNS.get(test, "==")
    return f"{root}.{name} {sign} {_literal(value)}"


def _major(value: Any) -> Any:
    if isinstance(value, list):
        return [_major(each) for each in value]
    return value / 100 if isinstance(value, int | float) and not isinstance(value, bool) else value


def _literal(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, str):
        return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace("'", "\\'") + "'"
    return json.dumps(value)
