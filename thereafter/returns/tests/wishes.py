"""Orders and what shoppers want of them, as decisions see it."""

from datetime import UTC, date, datetime
from typing import Any

from thereafter.returns.rules.legal import law
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.offers import LineOffer, Offers, Option
from thereafter.returns.rules.policy.policies import Policy, compile_policy
from thereafter.returns.rules.policy.snapshots import Asked, Customer, Line, Order, Snapshot
from thereafter.returns.rules.policy.trace_words import sentences

# A Monday; the order came on the Thursday before.
PLACED = datetime(2026, 9, 7, 9, tzinfo=UTC)
SENT = date(2026, 9, 8)
CAME = date(2026, 9, 10)
SOON = date(2026, 9, 14)
AFTER_WITHDRAWAL = date(2026, 9, 28)
LONG_AFTER = date(2026, 12, 14)


def a_policy(*rules: dict[str, Any], **parts: Any) -> Policy:
    return compile_policy({"name": "Ours", "window": {"days": 30}, "rules": list(rules), **parts})


def rule(name: str, *actions: dict[str, Any], when: str = "", priority: int = 0) -> dict[str, Any]:
    return {"name": name, "if": when, "priority": priority, "then": list(actions)}


def a_line(id: str = "L1", **known: Any) -> Line:
    usual: dict[str, Any] = {
        "quantity": 1,
        "price_minor": 8000,
        "paid_minor": 8000,
        "fulfilled_on": SENT,
        "delivered_on": CAME,
    }
    return Line(id=id, **{**usual, **known})


def an_order(country: str = "DE", **known: Any) -> Order:
    currency = {"GB": "GBP", "US": "USD"}.get(country, "EUR")
    usual: dict[str, Any] = {
        "number": "1001",
        "currency": currency,
        "country": country,
        "placed_at": PLACED,
        "total_minor": 8000,
    }
    return Order(**{**usual, **known})


def a_wish(reason: str = "changed_mind", *lines: Line, country: str = "DE", **known: Any) -> Snapshot:
    """Everything of the order comes back for one reason, unless `asked` says otherwise."""
    lines = lines or (a_line(),)
    asked = tuple(Asked(line=line.id, quantity=line.left, reason=reason) for line in lines)
    return Snapshot(**{"order": an_order(country), "lines": lines, "asked": asked, "customer": Customer(), **known})


def decided(policy: Policy, snapshot: Snapshot, today: date = SOON) -> Offers:
    return decide(policy, snapshot, law.current(), today)


def offered(policy: Policy, snapshot: Snapshot, today: date = SOON) -> LineOffer:
    """What is offered for the first item."""
    return decided(policy, snapshot, today).lines[0]


def option(offer: LineOffer, outcome: str) -> Option:
    """The option that must be there."""
    found = offer.option(outcome)
    assert found is not None, (outcome, offer.outcomes)
    return found


# A policy that would take everything the law gives.
STRICT = a_policy(
    rule("No money", {"do": "outcomes", "only": ["store_credit"]}),
    rule("Fee", {"do": "fee", "percent": 15}, {"do": "fee", "flat": "6.00", "for": "postage"}),
    rule("Slow", {"do": "release", "on": "inspected"}, {"do": "review", "why": "Always"}),
    rule("Only ours", {"do": "methods", "only": ["label"]}),
    window={"days": 7},
)


def told(offer: LineOffer) -> str:
    return "\n".join(sentences(offer.trace, offer.outcomes))
