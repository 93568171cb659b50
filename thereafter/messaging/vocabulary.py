"""What a template may name, for the editor's menu and for finding names that give nothing."""

import re
from collections.abc import Collection, Iterable
from dataclasses import fields
from functools import lru_cache
from typing import NamedTuple

from thereafter.events.base import Event
from thereafter.messaging.blocks import blocks


class Fact(NamedTuple):
    """`insert` is what the editor's menu writes into a text."""

    path: str
    label: str
    insert: str
    group: str


def _fact(path: str, label: str, form: str = "") -> Fact:
    return Fact(path, label, f"{{{{ {path}{form} }}}}", path.partition(".")[0])


_MONEY = " | money: order.currency"
FACTS: tuple[Fact, ...] = (
    _fact("customer.first_name", "First name", ' | default: "there"'),
    _fact("customer.last_name", "Last name"),
    _fact("customer.name", "Full name"),
    _fact("customer.email", "E-mail address"),
    _fact("customer.country", "Country"),
    _fact("customer.language", "Language"),
    _fact("trait.loyalty.points", "Points (trait)", " | number"),
    _fact("order.number", "Order number"),
    _fact("order.total_minor", "Total", _MONEY),
    _fact("order.subtotal_minor", "Subtotal", _MONEY),
    _fact("order.shipping_minor", "Shipping", _MONEY),
    _fact("order.discount_minor", "Discount", _MONEY),
    _fact("order.placed_on", "Day of the order", " | day"),
    _fact("order.promised_on", "Promised day", " | day"),
    Fact("order.items", "First item", "{{ order.items[0].title }}", "order"),
    _fact("delivery.from", "Expected day", " | day"),
    _fact("delivery.to", "Expected day, latest", " | day"),
    _fact("delivery.delivered_on", "Day of delivery", " | day"),
    _fact("delivery.carrier", "Carrier"),
    _fact("delivery.tracking_number", "Tracking number"),
    _fact("coupon.code", "Coupon code"),
    _fact("coupon.until", "Coupon: last day", " | day"),
    _fact("store.name", "Name of the shop"),
    _fact("store.shop_url", "Address of the shop"),
    _fact("store.support_email", "Support e-mail"),
)
LINKS: tuple[tuple[str, str], ...] = (
    ("{{ links.order }}", "The order’s page"),
    ("{{ links.account }}", "The customer’s account"),
    ("{{ store.shop_url }}", "The shop"),
    ("{{ links.view }}", "This mail in the browser"),
    ("{{ links.unsubscribe }}", "Unsubscribe"),
)
GROUPS = {
    "customer": "Customer",
    "trait": "Customer",
    "order": "Order",
    "delivery": "Delivery",
    "coupon": "Coupon",
    "store": "Shop",
}
# All that is ever in them: a name that is not here shows nothing.
_CLOSED = {
    "customer": {"first_name", "last_name", "name", "email", "country", "language"},
    "store": {"name", "logo_url", "shop_url", "support_email", "legal_address"},
    "links": {"order", "account", "view", "unsubscribe", "follow", "preferences"},
    "order": {
        *("number", "placed_on", "promised_on", "currency", "taxes_included", "items", "has_images", "more_items"),
        *("address", "subtotal_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor"),
        "refunded_minor",
    },
}
# Given by whoever sends, or written by blocks.
_OPEN = {"event", "trait", "order_card", "news", "fact", "coupon", "campaign", "delivery", "forloop"}
# Not of an event, but given beside one.
_BESIDE = {"subject", "paragraphs", "until", "kind", "amount_minor", "currency", "promised_on", "properties"}


def conditions() -> list[tuple[str, str]]:
    """What blocks are often shown for: the condition, and what it is called."""
    return [
        ("customer.first_name", "The first name is known"),
        ("order.number", "It is about an order"),
        ("order.total_minor >= 10000", "The order is worth 100 or more"),
        ('customer.country == "DE"', "The customer is in Germany"),
        ("trait.loyalty.points > 0", "The customer has points"),
        ("coupon.code", "There is a coupon"),
        ("delivery.tracking_number", "There is a tracking number"),
        ("event.late", "The parcel is late"),
    ]


_LABELS = {fact.path: fact.label for fact in FACTS}
_VARIABLE = re.compile(r"\{\{\s*([\w.]+)[^}]*\}\}")
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)


def in_words(text: str) -> str:
    """A text with its variables as what they are called, for lists: "Thank you, [First name]!"."""
    named = _VARIABLE.sub(lambda found: f"[{_LABELS.get(found[1], found[1])}]", _TAG.sub("", text))
    return " ".join(named.replace("**", "").split())


def unknown(paths: Iterable[str], rooms: Collection[str] = ()) -> list[tuple[str, bool]]:
    """Names that give nothing, and whether that is certain; others may be given by who sends, or by these rooms."""
    asked = {path for path in paths if path.partition(".")[0] not in rooms}
    return sorted((path, certain) for path in asked if (certain := _is_nothing(path)) is not None)


def _is_nothing(path: str) -> bool | None:
    """True for certain, False for probably, None when it is known."""
    root, _, rest = path.partition(".")
    if root in _CLOSED:
        return True if rest and rest.split(".")[0] not in _CLOSED[root] else None
    if root == "event" and rest:
        return False if rest.split(".")[0] not in _event_fields() else None
    return None if root in _OPEN or root in blocks or not root else _is_typo(root)


def _is_typo(root: str) -> bool:
    """A room that is not installed may bring its block later; what looks like one of ours does not."""
    return any(_distance_is_one(root, known) for known in (*_CLOSED, "event", "coupon", "delivery"))


def _distance_is_one(one: str, other: str) -> bool:
    """Whether one letter too many, too few, other or swapped makes the one the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    if sorted(one) == sorted(other):
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) == len(longer):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


@lru_cache(maxsize=1)
def _event_fields() -> frozenset[str]:
    return frozenset({field.name for event in Event.names.values() for field in fields(event)} | _BESIDE)
