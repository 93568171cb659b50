"""What other rooms' pages show of refunds and store credit."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import Told, customer_panel, telling
from thereafter.console.menu_counts import kept
from thereafter.console.nav import nav_item
from thereafter.console.sources import OWN, Source, connection_source
from thereafter.kit import clock
from thereafter.kit.money import Money
from thereafter.kit.sockets import Panel
from thereafter.returns import refund_queries
from thereafter.returns.actions.credit import usable
from thereafter.returns.models import Grant
from thereafter.returns.refund_links import refund_page
from thereafter.storefront.panels import account_panel, order_panel

nav_item(
    "Refunds",
    url_name="returns_console:refunds",
    icon="card",
    verb="returns.read",
    group="Orders",
    place=33,
    count=kept("refunds", refund_queries.asking),
)
nav_item(
    "Store credit", url_name="returns_console:credits", icon="gift", verb="returns.read", group="Customers", place=30
)
connection_source(
    Source(
        "stripe",
        "Stripe",
        "card",
        "Whether shoppers paid, and whether banks took refunds or sent them back.",
        "/hooks/{store}/stripe",
        (
            "In Stripe, open Developers, Webhooks, and add an endpoint with the address below.",
            "Choose the events refund.updated, refund.failed, charge.refund.updated and all of checkout.session.",
            "Stripe shows a signing secret that begins with whsec_. Paste it here.",
        ),
        their_secret=True,
        group=OWN,
    )
)


@customer_panel(place=42)
def credit_of_customer(request: HttpRequest, customer: Customer) -> Panel | None:
    rows = list(refund_queries.credits_of(customer)[:10])
    return Panel("returns/console/_credit.html", {"rows": rows}, title="Store credit") if rows else None


@order_panel(place=32)
def refunds_for_shopper(request: HttpRequest, order: Order) -> Panel | None:
    rows = [_for_shopper(granted, order) for granted in refund_queries.grants_of(order) if granted.amount_minor]
    context = {"refunds": rows, "currency": order.currency}
    return Panel("returns/storefront/_refunds.html", context, title=gettext_noop("Your refund")) if rows else None


def _for_shopper(granted: Grant, order: Order) -> dict[str, Any]:
    granted.order = order
    state = "withdrawn" if granted.withdrawn_at else "paid" if granted.settled_at else "waiting"
    at = granted.withdrawn_at or granted.settled_at or granted.granted_at
    return {
        "amount_minor": granted.amount_minor,
        "state": state,
        "at": clock.day_in(at, order.store.time_zone).isoformat(),
        "url": refund_page(granted),
    }


@account_panel(place=25)
def credit_for_shopper(request: HttpRequest, customer: Customer) -> Panel | None:
    now = clock.now()
    rows = [
        {
            "code": one.shown_code,
            "amount": one.money(usable(one, now)),
            "bonus": one.money(usable(one, now) - one.paid_minor),
            "until": one.expires_on,
        }
        for one in refund_queries.credits_of(customer)[:20]
        if usable(one, now)
    ]
    title = gettext_noop("Your store credit")
    return Panel("returns/storefront/_credit.html", {"rows": rows}, title=title) if rows else None


def _amount(payload: dict[str, Any], name: str = "amount_minor") -> str:
    return Money(int(payload[name]), str(payload["currency"])).format("en")


@telling("refund.granted")
def told_promise(payload: dict[str, Any]) -> Told:
    return "return", f"Refund of {_amount(payload)} promised", ""


@telling("refund.settled")
def told_arrival(payload: dict[str, Any]) -> Told:
    return "check", f"Refund of {_amount(payload)} paid", ""


@telling("refund.failed")
def told_failure(payload: dict[str, Any]) -> Told:
    return "warning", f"Refund of {_amount(payload)} did not go through", str(payload.get("why", ""))


@telling("refund.withdrawn")
def told_withdrawal_of_it(payload: dict[str, Any]) -> Told:
    return "close", f"Refund of {_amount(payload)} taken back", ""


@telling("credit.issued")
def told_credit(payload: dict[str, Any]) -> Told:
    bonus = f"{_amount(payload, 'bonus_minor')} of it is a bonus." if payload.get("bonus_minor") else ""
    return "gift", f"Store credit of {_amount(payload)} given", bonus


@telling("credit.spent")
def told_spending(payload: dict[str, Any]) -> Told:
    return "bag", f"Store credit of {_amount(payload)} spent", f"{_amount(payload, 'left_minor')} is left."
