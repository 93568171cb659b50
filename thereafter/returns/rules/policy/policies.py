"""A return policy, ready to decide by: made from a checked document. Plain Python.

`window`, `claims`, `holidays`, `outcomes`, `methods`, `release`, `refund_shipping`, `reasons` and `returnless` are what
holds when no rule says otherwise; `rules` are conditions with actions (`policy_actions`). A document is plain JSON.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from thereafter.journeys.rules.conditions import Condition, compile_condition
from thereafter.journeys.rules.problems import Problem
from thereafter.returns.rules.policy import policy_actions
from thereafter.returns.rules.policy.outcomes import EXCHANGES, METHODS, OUTCOMES
from thereafter.returns.rules.policy.policy_actions import Claim, Slot
from thereafter.returns.rules.policy.policy_checks import check
from thereafter.returns.rules.policy.returnless import Costs, costs_of
from thereafter.returns.rules.policy.vocabulary import SCHEMA, is_of_line
from thereafter.returns.rules.policy.windows import Holiday, Window

__all__ = ["BadPolicy", "Policy", "Rule", "check", "compile_policy", "fingerprint"]

Document = Mapping[str, Any]
DEFAULT_OUTCOMES = ("exchange_variant", "exchange_product", "exchange_shop", "store_credit", "refund")
DEFAULT_METHODS = ("label", "own_carrier")
DEFAULT_RELEASE = dict.fromkeys([*EXCHANGES, "replacement"], "in_transit") | {
    "repair": "received",
    "store_credit": "received",
    "refund": "received",
    "keep": "at_once",
    "donate": "at_once",
}
# What the house holds for right when neither a rule nor the document says anything.
_CLAIM_DAYS = 60


class BadPolicy(ValueError):
    """A document that cannot be used; `problems` are sentences with their places."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """`names` are the facts its condition asks for, in a fixed order; `of_line`: some differ from item to item."""

    name: str
    place: int
    priority: int
    condition: Condition | None
    names: tuple[str, ...]
    of_line: bool
    claims: tuple[Claim, ...]


@dataclass(frozen=True, eq=False)
class Policy:
    """A checked policy. `fixed` is what holds when no rule says otherwise, by slot. `fingerprint` names its content."""

    name: str
    currency: str
    fingerprint: str
    window: Window
    claims: Window
    holidays: tuple[Holiday, ...]
    fixed: Mapping[Slot, Any]
    returnless: Costs | None
    rules: tuple[Rule, ...]
    document: Document


def compile_policy(document: Document) -> Policy:
    """The checked policy; raises `BadPolicy`."""
    problems = check(document)
    if problems:
        raise BadPolicy(problems)
    currency = document.get("currency", "EUR")
    costs = document.get("returnless")
    return Policy(
        name=document["name"],
        currency=currency,
        fingerprint=fingerprint(document),
        window=policy_actions.window_of(document["window"]),
        claims=policy_actions.window_of(document.get("claims", {"days": _CLAIM_DAYS})),
        holidays=tuple(map(_holiday, document.get("holidays", ()))),
        fixed=_fixed(document),
        returnless=costs_of(costs, currency) if costs else None,
        rules=tuple(
            _rule(place, said, currency) for place, said in enumerate(document.get("rules", ())) if not said.get("off")
        ),
        document=document,
    )


def fingerprint(document: Document) -> str:
    """Twelve letters that name the content of a document, whatever the order of its parts."""
    plain = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()[:12]


def _rule(place: int, said: Mapping[str, Any], currency: str) -> Rule:
    condition = compile_condition(said["if"], SCHEMA) if said.get("if") else None
    claims = [claim for action in said["then"] for claim in policy_actions.claims(action, currency)]
    names = tuple(sorted(condition.names)) if condition else ()
    of_line = any(map(is_of_line, names))
    return Rule(said["name"], place, said.get("priority", 0), condition, names, of_line, tuple(claims))


def _fixed(document: Document) -> dict[Slot, Any]:
    outcomes, methods = document.get("outcomes", DEFAULT_OUTCOMES), document.get("methods", DEFAULT_METHODS)
    release = DEFAULT_RELEASE | dict(document.get("release", {}))
    fixed: dict[Slot, Any] = {("outcome", name): name in outcomes for name in OUTCOMES}
    fixed |= {("method", name): name in methods for name in METHODS}
    fixed |= {("release", name): release[name] for name in OUTCOMES}
    fixed |= {("reasons",): document.get("reasons", ""), ("refund_shipping",): document.get("refund_shipping", "none")}
    # In a document both may be offered to everybody, for the whole value.
    return fixed | {("percent", name): policy_actions.WHOLE for name in ("keep", "donate")}


def _holiday(said: Mapping[str, Any]) -> Holiday:
    first, last, until = (date.fromisoformat(said[name]) for name in ("from", "to", "until"))
    return Holiday(said.get("name", ""), first, last, until)
