"""Whether a shopper may keep an item although they get their money: the way back would cost more than it brings.

Keep it if label + handling + expected markdown > expected recovery (research, section 3.2), where the recovery is what
the item would sell for. Capped by value, per customer and by risk. Plain Python.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from thereafter.journeys.rules.problems import Problem
from thereafter.kit.money import to_minor
from thereafter.returns.rules.policy.snapshots import Customer

_PERCENT = 100
_MONEY = ("label", "handling", "below", "most_value")
_NUMBERS = ("markdown_percent", "most_per_customer")
_RISKS = ("low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """In minor units of `currency`. Items worth less than `below_minor` are always kept; none worth more than
    `most_value_minor` (0: no cap), and nobody keeps more than `most_per_customer` (None: no cap)."""

    currency: str
    label_minor: int = 0
    handling_minor: int = 0
    markdown_percent: int = 0
    below_minor: int = 0
    most_value_minor: int = 0
    most_per_customer: int | None = None
    not_for_risk: tuple[str, ...] = ("high",)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`loss_minor` is what the way back would lose, negative when it still brings something in."""

    keeps: bool
    loss_minor: int
    why: str


def may_keep(costs: Costs, value_minor: int, customer: Customer) -> Verdict:
    """The test for an item that would sell for `value_minor`; in another currency than the costs nothing is kept."""
    markdown = value_minor * costs.markdown_percent // _PERCENT
    loss = costs.label_minor + costs.handling_minor + markdown - value_minor
    if value_minor <= 0 or not (loss > 0 or value_minor < costs.below_minor):
        return Verdict(False, loss, "The way back brings more than it costs.")
    if costs.most_value_minor and value_minor > costs.most_value_minor:
        return Verdict(False, loss, "It is worth more than what may be kept.")
    if customer.risk in costs.not_for_risk:
        return Verdict(False, loss, "The risk of this shopper is too high.")
    if costs.most_per_customer is not None and customer.kept >= costs.most_per_customer:
        return Verdict(False, loss, "This shopper has kept as many items as the policy allows.")
    return Verdict(True, loss, "The way back would cost more than it brings.")


def costs_of(said: Mapping[str, Any], currency: str) -> Costs:
    """The costs of a document that was checked."""
    minor = {f"{name}_minor": to_minor(said[name], currency) for name in _MONEY if name in said}
    numbers = {name: said[name] for name in _NUMBERS if name in said}
    return Costs(currency=currency, **minor, **numbers, not_for_risk=tuple(said.get("not_for_risk", ("high",))))


def check(said: Any, currency: str) -> Iterator[Problem]:
    if not isinstance(said, Mapping):
        yield Problem("returnless", 'Say what the way back costs: {"label": "4.90", "handling": "3.00"}.')
        return
    for name, value in said.items():
        if name in _MONEY:
            good = not isinstance(value, bool) and _is_money(value, currency)
            sentence = "An amount is a decimal from 0, such as 4.90."
        elif name in _NUMBERS:
            most = _PERCENT if name == "markdown_percent" else 10_000
            good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
            sentence = f"This is a whole number from 0 to {most:,}."
        else:
            good = name == "not_for_risk" and isinstance(value, list) and all(one in _RISKS for one in value)
            sentence = f"Known are {', '.join((*_MONEY, *_NUMBERS))} and not_for_risk, a list of {', '.join(_RISKS)}."
        if not good:
            yield Problem("returnless", sentence, str(name))


def _is_money(value: Any, currency: str) -> bool:
    try:
        return to_minor(value, currency) >= 0
    except ValueError:  # not money, or no currency (said elsewhere)
        return False
