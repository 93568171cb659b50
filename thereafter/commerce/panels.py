"""What other rooms show of an order or a customer in the console: `@order_panel(place=20)` in their `panels.py`."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from thereafter.commerce.models import Customer, Order
from thereafter.console.nav import SEARCH, nav_item
from thereafter.console.sources import Further, further_page
from thereafter.kit.pages import humanise, money
from thereafter.kit.sockets import Panel, Socket

order_panel: Socket[Callable[[HttpRequest, Order], Panel | None]] = Socket()
customer_panel: Socket[Callable[[HttpRequest, Customer], Panel | None]] = Socket()

# One line of the timeline in plain words, by the event's name: `@telling("parcel.delivered")`.
Told = tuple[str, str, str]
_WHY_CANCELLED = {
    "customer": "By the customer",
    "declined": "The payment was declined",
    "fraud": "Suspected fraud",
    "inventory": "Out of stock",
    "other": "",
    "staff": "A mistake of the staff",
}
tellers: dict[str, Callable[[dict[str, Any]], Told]] = {}


def telling(*names: str) -> Callable[[Callable[[dict[str, Any]], Told]], Callable[[dict[str, Any]], Told]]:
    """Says how events are told on the timeline: the function turns a payload into (icon, title, body)."""

    def add(teller: Callable[[dict[str, Any]], Told]) -> Callable[[dict[str, Any]], Told]:
        tellers.update(dict.fromkeys(names, teller))
        return teller

    return add


nav_item("Orders", url_name="commerce_console:orders", icon="orders", verb="orders.read", group="Orders", place=10)
nav_item("Products", url_name="commerce_console:products", icon="tag", verb="products.read", group="Orders", place=30)
nav_item(
    "Customers",
    url_name="commerce_console:customers",
    icon="people",
    verb="customers.read",
    group="Customers",
    place=10,
)
nav_item("Coupons", url_name="commerce_console:coupons", icon="tag", verb="coupons.read", group="Engage", place=45)
nav_item("Search", url_name="commerce_console:search", icon="search", verb="orders.read", group=SEARCH)


for _source in ("shopify", "woocommerce"):
    further_page(
        _source,
        Further(
            "Key for writing",
            "With it we put coupon codes into the shop, so that the checkout knows them.",
            "commerce_console:shop_access",
        ),
    )


@telling("order.placed")
def tell_placed(told: dict[str, Any]) -> Told:
    items = "1 item" if told["items"] == 1 else f"{told['items']} items"
    return (
        "bag",
        f"Ordered {told['number']} for {_amount(told, 'total_minor')}",
        f"{items}, through {humanise(told['source'])}",
    )


@telling("order.changed")
def tell_changed(told: dict[str, Any]) -> Told:
    return "refresh", f"The shop changed {told['number']}", f"Total now {_amount(told, 'total_minor')}"


@telling("order.cancelled")
def tell_cancelled(told: dict[str, Any]) -> Told:
    return "close", f"{told['number']} was cancelled", _why_cancelled(told.get("reason", ""))


@telling("order.fulfilled")
def tell_fulfilled(told: dict[str, Any]) -> Told:
    return "truck", f"{told['number']} handed over{_to_carrier(told)}", told.get("tracking_number", "")


@telling("order.fulfilment_changed")
def tell_fulfilment_changed(told: dict[str, Any]) -> Told:
    status = f": {told['status'].replace('_', ' ')}" if told.get("status") else ""
    return "truck", f"A shipment of {told['number']} changed{status}", " ".join(_shipment(told))


@telling("order.refunded")
def tell_refunded(told: dict[str, Any]) -> Told:
    return "card", f"{_amount(told, 'amount_minor')} refunded for {told['number']}", ""


@telling("order.reorder_due")
def tell_reorder_due(told: dict[str, Any]) -> Told:
    return "clock", f"{told['title'] or 'Something bought before'} is about to run out", ""


@telling("coupon.issued")
def tell_coupon_issued(told: dict[str, Any]) -> Told:
    return "gift", f"Got the code {told['code']}", told["pool"]


@telling("coupon.redeemed")
def tell_coupon_redeemed(told: dict[str, Any]) -> Told:
    return "check", f"Used the code {told['code']}", told["pool"]


@telling("coupon.expires_soon")
def tell_coupon_expires(told: dict[str, Any]) -> Told:
    return "clock", f"The code {told['code']} ends soon", told["pool"]


@telling("customer.joined")
def tell_joined(told: dict[str, Any]) -> Told:
    return "person", "Became a customer", f"First met through {humanise(told['source'])}"


@telling("customer.merged")
def tell_merged(_told: dict[str, Any]) -> Told:
    return "people", "Two records became one", "They turned out to be the same person."


@telling("customer.consent_changed")
def tell_consent(told: dict[str, Any]) -> Told:
    verb = "May be sent" if told["granted"] else "Wants no"
    return (
        "shield",
        f"{verb} {told['purpose']} by {told['channel'].replace('email', 'e-mail')}",
        f"Said at {humanise(told['source']).lower()}",
    )


def _amount(told: dict[str, Any], field: str) -> str:
    return money(told[field], told["currency"])


def _why_cancelled(reason: str) -> str:
    return _WHY_CANCELLED.get(reason, humanise(reason))


def _to_carrier(told: dict[str, Any]) -> str:
    return f" to {told['carrier']}" if told.get("carrier") else ""


def _shipment(told: dict[str, Any]) -> list[str]:
    return [told[part] for part in ("carrier", "tracking_number") if told.get(part)]
