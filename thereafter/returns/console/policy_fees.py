"""The usual fees and extras of a policy: what holds for everybody, kept as one rule without a condition.

Rules that do nothing but take a fee or add something, for everybody, are read into one table and written back as one
rule of the lowest priority, so that any other rule can say otherwise.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from thereafter.returns.rules.policy.outcomes import EXCHANGES

Document = Mapping[str, Any]
Values = dict[str, Any]
NAME = "Usual fees and extras"
PRIORITY = -100
ON = {"refund": ("refund",), "credit": ("store_credit",), "exchange": EXCHANGES}
_FEE = {"do", "flat", "percent", "for", "outcomes"}
_EXTRA = {"do", "flat", "percent", "most"}

# Ready to choose: the values of the table.
PRESETS: dict[str, tuple[str, str, Values]] = {
    "free": ("Free returns", "Nobody pays for the way back.", {}),
    "label": (
        "Label for money back",
        "Whoever wants money pays the label; exchange and credit are free.",
        {"refund_postage": "4.95"},
    ),
    "steer": (
        "Exchange first",
        "Money back costs the label, an exchange or credit brings a little more.",
        {"refund_postage": "4.95", "exchange_percent": 10, "exchange_most": "15.00", "credit_percent": 5,
         "credit_most": "10.00"},
    ),
    "everybody": (
        "Label for everybody but exchanges",
        "Money and credit cost the label; whoever exchanges pays nothing.",
        {"refund_postage": "4.95", "credit_postage": "4.95"},
    ),
    "handling": (
        "Label and handling",
        "For goods that cost much to take back: label and 10% handling for money.",
        {"refund_postage": "4.95", "refund_handling": 10, "credit_percent": 5},
    ),
}  # fmt: skip
EXTRAS = ("flat", "percent", "most")


def read(document: Document) -> Values:
    """The table: refund_postage, refund_handling (percent), …; exchange_flat, exchange_percent, exchange_most, …"""
    values: Values = {}
    for rule in document.get("rules", ()):
        if is_usual(rule):
            for action in rule["then"]:
                for name, value in _values(action):
                    values.setdefault(name, value)
    return values


def put(document: Document, values: Values) -> dict[str, Any]:
    """The document with this table instead of its usual rules."""
    rules = list(document.get("rules", ()))
    kept = [rule for rule in rules if not is_usual(rule)]
    actions = list(_actions(values))
    if actions:
        about = "For everybody, unless another rule says otherwise."
        kept.append({"name": _free(kept), "about": about, "priority": PRIORITY, "then": actions})
    return {**document, "rules": kept}


def is_usual(rule: Any) -> bool:
    """Whether a rule is for everybody and says nothing that the table cannot."""
    if not isinstance(rule, Mapping) or rule.get("if") or rule.get("off"):
        return False
    then = rule.get("then")
    return isinstance(then, list) and bool(then) and all(map(_fits, then))


def _fits(action: Any) -> bool:
    if not isinstance(action, Mapping):
        return False
    if action.get("do") == "fee":
        by = ("flat", "postage") if action.get("for") == "postage" else ("percent", "restocking")
        other = {"flat", "percent"} - {by[0]}
        known = set(action) <= _FEE and not other & set(action)
        return known and action.get("for", "restocking") == by[1] and bool(_targets(action)) and by[0] in action
    return action.get("do") in {"bonus", "credit"} and set(action) <= _EXTRA


def _targets(action: Mapping[str, Any]) -> list[str]:
    """The columns of the table that a fee is about; none when it is about others too."""
    outcomes = set(action.get("outcomes", ("refund",)))
    found = [name for name, some in ON.items() if set(some) <= outcomes]
    return found if outcomes == {one for name in found for one in ON[name]} else []


def _values(action: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if action["do"] == "fee":
        kind, value = ("postage", action["flat"]) if action.get("for") == "postage" else ("handling", action["percent"])
        yield from ((f"{name}_{kind}", value) for name in _targets(action))
        return
    name = "exchange" if action["do"] == "bonus" else "credit"
    yield from ((f"{name}_{part}", action[part]) for part in EXTRAS if part in action)


def _actions(values: Values) -> Iterator[dict[str, Any]]:
    for name, outcomes in ON.items():
        if values.get(f"{name}_postage"):
            yield {"do": "fee", "flat": values[f"{name}_postage"], "for": "postage", "outcomes": list(outcomes)}
        if values.get(f"{name}_handling"):
            yield {"do": "fee", "percent": values[f"{name}_handling"], "for": "restocking", "outcomes": list(outcomes)}
    for do, name in (("bonus", "exchange"), ("credit", "credit")):
        said = {part: values[f"{name}_{part}"] for part in EXTRAS if values.get(f"{name}_{part}")}
        if {"flat", "percent"} & set(said):
            yield {"do": do, **said}


def _free(rules: list[Any]) -> str:
    names = {rule.get("name") for rule in rules if isinstance(rule, Mapping)}
    return next(name for name in (NAME, *(f"{NAME} ({n})" for n in range(2, 300))) if name not in names)
