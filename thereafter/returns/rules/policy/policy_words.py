"""A policy as a text that a merchant can read from top to bottom, in English. Plain Python."""

from collections.abc import Iterator

from thereafter.kit.money import Money
from thereafter.returns.rules.policy.outcomes import METHODS, OUTCOMES, RELEASES, SHIPPING
from thereafter.returns.rules.policy.policies import Policy, Rule
from thereafter.returns.rules.policy.returnless import Costs
from thereafter.returns.rules.policy.trace_words import claims_in_words
from thereafter.returns.rules.policy.windows import Window
from thereafter.returns.rules.sentences import in_english

_SINCE = {"order": "the order", "fulfilment": "the day it was sent", "delivery": "delivery"}
_BACK = ("refund", "store_credit", "exchange_variant")


def text(policy: Policy) -> str:
    """The policy in lines; where the law gives more, the law holds."""
    return "\n".join(lines(policy))


def lines(policy: Policy) -> Iterator[str]:
    yield policy.name
    yield f"Goods may come back within {window(policy.window)}."
    yield f"Problems may be reported within {window(policy.claims)}."
    for one in policy.holidays:
        until = in_english(one.until)
        yield f"{one.name}: orders from {in_english(one.first)} to {in_english(one.last)} until {until}."
    yield f"Outcomes: {_chosen(policy, 'outcome', OUTCOMES)}."
    yield f"Ways back: {_chosen(policy, 'method', METHODS)}."
    for outcome in _BACK:
        if policy.fixed["outcome", outcome]:
            yield f"{OUTCOMES[outcome]}: {RELEASES[policy.fixed['release', outcome]].lower()}."
    yield f"Delivery costs: {SHIPPING[policy.fixed['refund_shipping',]].lower()}."
    if policy.returnless:
        yield _returnless(policy.returnless)
    for rule in sorted(policy.rules, key=lambda one: (-one.priority, one.place)):
        yield rule_in_words(rule)


def rule_in_words(rule: Rule) -> str:
    """ "Sale goods (30): if line.discount_percent >= 50: does not offer “Money back”." """
    condition = f"if {rule.condition.text}" if rule.condition else "always"
    return f"{rule.name} ({rule.priority}): {condition}: {'; '.join(claims_in_words(rule.claims)).rstrip('.')}."


def window(one: Window) -> str:
    fixed = f", at least until {in_english(one.until)}" if one.until else ""
    buffer = f" (or {one.buffer_days} days after it was sent, where delivery is not known)"
    return f"{one.days} days from {_SINCE[one.since]}{buffer if one.since == 'delivery' else ''}{fixed}"


def _chosen(policy: Policy, kind: str, names: dict[str, str]) -> str:
    return ", ".join(label for name, label in names.items() if policy.fixed[kind, name]).lower()


def _returnless(costs: Costs) -> str:
    sent = Money(costs.label_minor + costs.handling_minor, costs.currency).format("en")
    most = Money(costs.most_value_minor, costs.currency).format("en") if costs.most_value_minor else "any value"
    cap = f", {costs.most_per_customer} times per shopper" if costs.most_per_customer is not None else ""
    return (
        f"May be kept when label and handling ({sent}) and {costs.markdown_percent}% of markdown are more than it "
        f"brings, up to {most}{cap}."
    )
