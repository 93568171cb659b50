"""What other rooms' pages show of messages."""

from typing import Any

from django.http import HttpRequest

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import Told, customer_panel, order_panel, telling
from thereafter.console.nav import nav_item
from thereafter.kit.sockets import Panel
from thereafter.messaging import library, queries
from thereafter.messaging.words import reason_in_words

nav_item("Messages", url_name="messaging_console:messages", icon="mail", verb="messages.read", group="Engage", place=20)

SHOWN = 8


@order_panel(place=30)
def messages_about_order(request: HttpRequest, order: Order) -> Panel | None:
    return _panel(list(queries.of_order(order)[:SHOWN]))


@customer_panel(place=30)
def messages_to_customer(request: HttpRequest, customer: Customer) -> Panel | None:
    return _panel(list(queries.of_customer(customer)[:SHOWN]))


def _panel(messages: list[Any]) -> Panel | None:
    return Panel("messaging/console/_panel.html", {"messages_sent": messages}, title="Messages") if messages else None


@telling("message.sent")
def tell_sent(payload: dict[str, Any]) -> Told:
    return "mail", f"Mail sent: {payload.get('subject') or _label(payload)}", ""


@telling("message.skipped")
def tell_skipped(payload: dict[str, Any]) -> Told:
    return "mail", f"Not sent: {_label(payload)}", reason_in_words(str(payload.get("reason", "")))


@telling("message.failed")
def tell_failed(payload: dict[str, Any]) -> Told:
    return "warning", f"Could not be sent: {_label(payload)}", reason_in_words(str(payload.get("reason", "")))


def _label(payload: dict[str, Any]) -> str:
    template = library.templates.get(str(payload.get("template")))
    return template.label if template else str(payload.get("template"))
