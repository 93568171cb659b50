"""What fees and extras of a policy would bring over past returns, under stated assumptions. Plain Python.

Nobody knows what shoppers would have done. What is assumed: of those who wanted their money and would have paid for it,
`turned` (0 to 1) take an exchange or credit instead where one costs less; all others do as they did. Goods that stay
sold bring `margin` (0 to 1) of their value. Amounts are minor units, rounded down.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from thereafter.returns.rules.legal.law import Law
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.offers import LineOffer
from thereafter.returns.rules.policy.outcomes import EXCHANGES
from thereafter.returns.rules.policy.policies import Policy
from thereafter.returns.rules.policy.simulating import best_bonus, fees_of
from thereafter.returns.rules.policy.snapshots import Snapshot

INSTEAD = ("store_credit", *EXCHANGES)


class PastReturn(NamedTuple):
    """What was asked for on a day, and what it ended in."""

    snapshot: Snapshot
    day: date
    outcome: str = "refund"


@dataclass(frozen=True, slots=True)
class Assumed:
    turned: float
    margin: float


@dataclass(slots=True)
class Effect:
    """In one currency: `returns` there were, `charged` would pay a fee, `fees_minor` they would pay, `kept_minor` of
    sales would stay because money turned into goods or credit, `extras_minor` the shop would add."""

    returns: int = 0
    charged: int = 0
    fees_minor: float = 0
    kept_minor: float = 0
    extras_minor: float = 0

    def together(self, margin: float) -> int:
        return int(self.fees_minor + self.kept_minor * margin - self.extras_minor)


def effects(policy: Policy, past: Iterable[PastReturn], law: Law, assumed: Assumed) -> dict[str, Effect]:
    """By currency."""
    found: dict[str, Effect] = defaultdict(Effect)
    for one in past:
        offers = decide(policy, one.snapshot, law, one.day)
        values = [line.paid_minor * asked.quantity // max(line.quantity, 1) for line, asked in one.snapshot.wanted()]
        rows = [(line, value) for line, value in zip(offers.lines, values, strict=True) if line.allowed]
        _add(found[one.snapshot.order.currency], rows, one.outcome, assumed)
    return dict(found)


def _add(effect: Effect, rows: list[tuple[LineOffer, int]], outcome: str, assumed: Assumed) -> None:
    effect.returns += 1
    taken = [(line, value) for line, value in rows if line.option(outcome)]
    fee = fees_of(taken, outcome)
    extras = sum(best_bonus(line, value) for line, value in rows)
    effect.charged += fee > 0
    if outcome != "refund":
        effect.fees_minor += fee
        effect.extras_minor += extras if outcome in INSTEAD else 0
        return
    turned = assumed.turned if fee and _is_cheaper_instead(taken, fee) else 0.0
    effect.fees_minor += fee * (1 - turned)
    effect.kept_minor += turned * sum(value for _, value in taken)
    effect.extras_minor += turned * extras


def _is_cheaper_instead(rows: list[tuple[LineOffer, int]], fee: int) -> bool:
    """Something else is open for all of it, and costs less than money."""
    return any(all(line.option(other) for line, _ in rows) and fees_of(rows, other) < fee for other in INSTEAD)
