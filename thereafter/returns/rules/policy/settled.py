"""What stands for one item: rules over what the house holds for right over what the document says. Plain Python.

Of rules that claim the same slot the highest priority stands, then the earliest. Items alike are settled once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from thereafter.returns.rules.policy.offers import HOUSE, Step
from thereafter.returns.rules.policy.policies import Policy, Rule
from thereafter.returns.rules.policy.policy_actions import Slot


class Held(NamedTuple):
    """What the house holds for right of an item, and why."""

    slot: Slot
    value: Any
    why: str


@dataclass(frozen=True, slots=True)
class Settled:
    """`values` is what stands by slot, `rulers` the rule that said it, where one did."""

    values: Mapping[Slot, Any]
    rulers: Mapping[Slot, str]
    trace: tuple[Step, ...]

    def value(self, slot: Slot) -> Any:
        """What stands, None where nobody said anything."""
        return self.values.get(slot)

    def ruled(self, slot: Slot) -> Any:
        """What a rule said, None where none did."""
        return self.values[slot] if slot in self.rulers else None

    def by(self, slot: Slot) -> str:
        """The rule that said it; "" when none did."""
        return self.rulers.get(slot, "")


@lru_cache(maxsize=4096)
def settle(policy: Policy, matching: tuple[int, ...], held: tuple[Held, ...]) -> Settled:
    """What stands when the rules at these places hold."""
    rules = [rule for rule in policy.rules if rule.place in matching]
    winners: dict[Slot, Rule] = {}
    for rule in sorted(rules, key=lambda one: (-one.priority, one.place)):
        for claim in rule.claims:
            winners.setdefault(claim.slot, rule)
    values = {**policy.fixed, **{one.slot: one.value for one in held}}
    trace = []
    for rule in rules:
        # Within one rule the last word counts: `only` these, and `add` that.
        for slot, value in dict(rule.claims).items():
            winner = winners[slot]
            if winner is rule:
                values[slot] = value
            why = "" if winner is rule else f"“{winner.name}” goes before it"
            trace.append(Step(slot, value, rule.name, "rule", winner is rule, why))
    for one in held:
        ruler = winners.get(one.slot)
        why = f"“{ruler.name}” says otherwise" if ruler else one.why
        trace.append(Step(one.slot, one.value, HOUSE, "house", ruler is None, why))
    return Settled(values, {slot: rule.name for slot, rule in winners.items()}, tuple(trace))
