"""What conditions of returns may name, and what a snapshot knows of it. Plain Python.

The language is that of journeys (docs/conditions.md). Money is in whole units of the order's currency, 49.90.
"""

from datetime import UTC, date, datetime, time
from typing import Any

from thereafter.commerce.rules.after_sale import KINDS
from thereafter.journeys.rules.vocabulary import Field, Schema, add_place
from thereafter.kit.money import exponent
from thereafter.returns.rules.policy.snapshots import Asked, Line, Snapshot
from thereafter.returns.rules.policy.windows import Span
from thereafter.returns.rules.reasons import BY_KEY, Reason

RETURN, ORDER, LINE, CUSTOMER = "Return", "Order", "Item", "Customer"
_FAULTS = (("nobody", "Nobody"), ("shopper", "Shopper"), ("shop", "Shop"), ("carrier", "Carrier"))
_CHANNELS = (
    ("portal", "Portal"),
    ("support", "Support"),
    ("counter", "Counter"),
    ("api", "API"),
    ("watch", "Reported or noticed on the way"),
)
_PERKS = (
    ("free_returns", "Free returns"),
    ("return_extra_days", "More days to return"),
    ("warranty_extra_months", "Longer warranty"),
    ("priority_support", "Priority support"),
    ("free_shipping", "Free shipping"),
    ("early_access_hours", "Early access"),
    ("workshop_seats", "Workshop seats"),
)
_RISKS = (("low", "Low"), ("medium", "Medium"), ("high", "High"))

_FIELDS = (
    Field("reason", "text", "Reason", RETURN, choices=tuple((one.key, one.text) for one in BY_KEY.values())),
    Field("fault", "text", "Whose fault", RETURN, choices=_FAULTS),
    Field("days_since", "number", "Days since the window began", RETURN, hint="0 while it is under way"),
    Field("quantity", "number", "Units in this return", RETURN),
    Field("value", "number", "Value of this return", RETURN, hint="What was paid for what comes back"),
    Field("whole_order", "flag", "Everything comes back", RETURN),
    Field("channel", "text", "Where it was asked", RETURN, choices=_CHANNELS),
    Field("unsealed", "flag", "The seal was broken", RETURN),
    Field("is_gift", "flag", "Asked by who got it as a gift", RETURN),
    Field("now", "moment", "Now", RETURN),
    Field("order.total", "number", "Order total", ORDER),
    Field("order.subtotal", "number", "Order subtotal", ORDER),
    Field("order.discount", "number", "Discount of the order", ORDER),
    Field("order.country", "text", "Delivery country", ORDER, choose="countries"),
    Field("order.region", "text", "Delivery region", ORDER),
    Field("order.currency", "text", "Currency", ORDER, choose="currencies"),
    Field("order.number", "text", "Order number", ORDER),
    Field("order.channel", "text", "Sales channel", ORDER, choose="channels"),
    Field("order.placed_at", "moment", "Order placed", ORDER),
    Field("order.tags", "list", "Tags of the order", ORDER),
    Field("order.codes", "list", "Discount codes used", ORDER),
    Field("order.paid_with", "list", "Paid with", ORDER),
    Field("order.returns", "number", "Returns of this order so far", ORDER),
    Field("order.item_count", "number", "Number of items", ORDER),
    Field("order.is_business", "flag", "Bought by a business", ORDER),
    Field("line.sku", "text", "SKU", LINE),
    Field("line.title", "text", "Product", LINE, choose="products"),
    Field("line.product_id", "text", "Product number", LINE),
    Field("line.product_type", "text", "Product type", LINE),
    Field("line.category", "text", "Category", LINE, choose="categories"),
    Field("line.vendor", "text", "Vendor", LINE),
    Field("line.location", "text", "Sent from", LINE),
    Field("line.tags", "list", "Tags of the product", LINE),
    Field("line.flags", "list", "Kinds of goods the law names", LINE, choices=tuple(KINDS.items())),
    Field("line.price", "number", "Unit price", LINE),
    Field("line.paid", "number", "Paid for a unit", LINE),
    Field("line.discount", "number", "Discount of the item", LINE),
    Field("line.discount_percent", "number", "Discount of the item in percent", LINE),
    Field("line.quantity", "number", "Units bought", LINE),
    Field("line.final_sale", "flag", "Final sale", LINE),
    Field("line.delivered_at", "moment", "Delivered", LINE, may_miss=True),
    Field("customer.country", "text", "Country", CUSTOMER, choose="countries"),
    Field("customer.tags", "list", "Tags", CUSTOMER, choose="tags"),
    Field("customer.segments", "list", "Segments", CUSTOMER, choose="segments"),
    Field("customer.tier", "text", "Tier", CUSTOMER, hint="Its key in the points programme"),
    Field("customer.perks", "list", "Perks", CUSTOMER, choices=_PERKS, hint="What the tier gives"),
    Field("customer.orders", "number", "Orders placed", CUSTOMER),
    Field("customer.returns", "number", "Returns so far", CUSTOMER),
    Field("customer.return_rate", "number", "Share of units returned", CUSTOMER, hint="0 to 1"),
    Field("customer.units_bought", "number", "Units bought so far", CUSTOMER),
    Field("customer.kept", "number", "Items kept after a refund", CUSTOMER),
    Field("customer.bonuses", "number", "Bonuses received", CUSTOMER),
    Field("customer.claims", "number", "Claims so far", CUSTOMER, hint="Damaged, wrong or missing"),
    Field("customer.failed_payments", "number", "Failed payments", CUSTOMER),
    Field("customer.risk", "text", "Risk of fraud", CUSTOMER, choices=_RISKS),
)
# One schema for ever: compiled conditions are kept by it.
SCHEMA = Schema("return", {each.name: each for each in _FIELDS}, {})
add_place(SCHEMA)
Facts = dict[str, Any]
_OF_LINE = frozenset({"reason", "fault", "unsealed", "days_since"})


def is_of_line(name: str) -> bool:
    """Whether a field differs from item to item of a return."""
    return name in _OF_LINE or name.startswith("line.")


def order_facts(snapshot: Snapshot, today: date) -> Facts:
    """What is so of the whole return."""
    order, customer, wanted = snapshot.order, snapshot.customer, snapshot.wanted()
    unit = 10 ** exponent(order.currency)
    value = sum(line.paid_minor * asked.quantity // max(line.quantity, 1) for line, asked in wanted)
    return {
        "now": _moment(today),
        "channel": snapshot.channel,
        "is_gift": snapshot.is_gift,
        "quantity": float(sum(asked.quantity for _, asked in wanted)),
        "value": value / unit,
        "whole_order": is_whole(snapshot),
        "order.total": order.total_minor / unit,
        "order.subtotal": order.subtotal_minor / unit,
        "order.discount": order.discount_minor / unit,
        "order.country": order.country,
        "order.region": order.region,
        "order.currency": order.currency,
        "order.number": order.number,
        "order.channel": order.channel,
        "order.placed_at": order.placed_at.astimezone(UTC),
        "order.tags": list(order.tags),
        "order.codes": list(order.codes),
        "order.paid_with": list(order.paid_with),
        "order.returns": float(order.returns),
        "order.item_count": float(sum(line.quantity for line in snapshot.lines)),
        "order.is_business": order.is_business,
        "customer.country": customer.country,
        "customer.tags": list(customer.tags),
        "customer.segments": list(customer.segments),
        "customer.tier": snapshot.perks.tier,
        "customer.perks": list(snapshot.perks.names),
        "customer.orders": float(customer.orders),
        "customer.returns": float(customer.returns),
        "customer.return_rate": customer.return_rate,
        "customer.units_bought": float(customer.units_bought),
        "customer.kept": float(customer.kept),
        "customer.bonuses": float(customer.bonuses),
        "customer.claims": float(customer.claims),
        "customer.failed_payments": float(customer.failed_payments),
        "customer.risk": customer.risk,
    }


def line_facts(line: Line, asked: Asked, reason: Reason, unit: int) -> Facts:
    """What is so of one item of it."""
    listed = line.price_minor * line.quantity
    facts: Facts = {
        "reason": asked.reason,
        "fault": reason.fault,
        "unsealed": asked.unsealed,
        "line.sku": line.sku,
        "line.title": line.title,
        "line.product_id": line.product_id,
        "line.product_type": line.product_type,
        "line.category": line.category,
        "line.vendor": line.vendor,
        "line.location": line.location,
        "line.tags": list(line.tags),
        "line.flags": list(line.flags),
        "line.price": line.price_minor / unit,
        "line.paid": line.paid_minor / max(line.quantity, 1) / unit,
        "line.discount": line.discount_minor / unit,
        "line.discount_percent": 100 * line.discount_minor / listed if listed else 0.0,
        "line.quantity": float(line.quantity),
        "line.final_sale": line.final_sale,
    }
    if line.delivered_on:
        facts["line.delivered_at"] = _moment(line.delivered_on)
    return facts


def days_since(span: Span, today: date) -> float:
    return float(max((today - span.since).days, 0)) if span.since else 0.0


def is_whole(snapshot: Snapshot) -> bool:
    """Whether with this everything that was bought has come back or was cancelled."""
    units = coming(snapshot)
    return all(units.get(line.id, 0) >= line.left for line in snapshot.lines)


def coming(snapshot: Snapshot) -> dict[str, int]:
    """Units of each line in this return."""
    units: dict[str, int] = {}
    for line, asked in snapshot.wanted():
        units[line.id] = units.get(line.id, 0) + asked.quantity
    return units


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
