"""What other rooms' pages show of messages."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import Told, customer_panel, order_panel, telling
from thereafter.console.nav import nav_item
from thereafter.kit import clock
from thereafter.kit.pages import humanise
from thereafter.kit.sockets import Panel
from thereafter.messaging import consenting, library, queries, words
from thereafter.messaging.channels.registry import label as channel_label
from thereafter.messaging.models import Message
from thereafter.messaging.words import reason_in_words
from thereafter.storefront.panels import account_panel

nav_item(
    "Contact rules",
    url_name="messaging_console:contact_rules",
    icon="shield",
    verb="messages.rules",
    group="Settings",
    place=60,
)
nav_item("Messages", url_name="messaging_console:messages", icon="mail", verb="messages.read", group="Engage", place=20)

SHOWN = 8


@order_panel(place=30)
def messages_about_order(request: HttpRequest, order: Order) -> Panel | None:
    return _panel(list(queries.of_order(order)[:SHOWN]))


@customer_panel(place=5)
def may_we_write(request: HttpRequest, customer: Customer) -> Panel:
    """What they allowed, and by whose word."""
    membership = getattr(request, "membership", None)
    context = {
        "ways": consenting.ways(customer, clock.now()),
        "customer": customer,
        "may_change": membership is not None and membership.may("customers.consent"),
    }
    return Panel("messaging/console/_consents.html", context, title="May we write?")


@customer_panel(place=30)
def messages_to_customer(request: HttpRequest, customer: Customer) -> Panel | None:
    return _panel(list(queries.of_customer(customer)[:SHOWN]))


@account_panel(place=82)
def notifications(request: HttpRequest, customer: Customer) -> Panel:
    return Panel("messaging/storefront/_notifications.html", title=gettext_noop("Notifications"))


@account_panel(place=80)
def what_they_get(request: HttpRequest, customer: Customer) -> Panel:
    return Panel("messaging/storefront/_account.html", title=gettext_noop("What you get from us"))


def _panel(messages: list[Message]) -> Panel | None:
    rows = [
        {
            "message": message,
            "state": words.state_of(message),
            "why": words.why(message.reason).short if message.reason else "",
            "until": words.until(message.reason),
            "by": words.CHANNELS.get(message.channel, message.channel),
            "label": library.templates[message.template].label
            if message.template in library.templates
            else humanise(message.template),
        }
        for message in messages
    ]
    context = {"rows": rows, "states": words.STATES, "tones": words.TONES}
    return Panel("messaging/console/_panel.html", context, title="Messages") if rows else None


@telling("message.sent")
def tell_sent(payload: dict[str, Any]) -> Told:
    return "mail", f"Mail sent: {payload.get('subject') or _label(payload)}", ""


@telling("message.skipped")
def tell_skipped(payload: dict[str, Any]) -> Told:
    return "mail", f"Not sent: {_label(payload)}", reason_in_words(str(payload.get("reason", "")))


@telling("message.failed")
def tell_failed(payload: dict[str, Any]) -> Told:
    return "warning", f"Could not be sent: {_label(payload)}", reason_in_words(str(payload.get("reason", "")))


@telling("message.delivered")
def tell_delivered(payload: dict[str, Any]) -> Told:
    return "mail", f"Arrived: {_label(payload)}", ""


@telling("message.bounced")
def tell_bounced(payload: dict[str, Any]) -> Told:
    title = "The address takes no mail" if payload.get("hard") else "Could not be delivered this time"
    return "warning", f"{title}: {_label(payload)}", str(payload.get("reason", ""))


@telling("message.complained")
def tell_complained(payload: dict[str, Any]) -> Told:
    return "warning", f"Reported as spam: {_label(payload)}", ""


@telling("message.opened")
def tell_opened(payload: dict[str, Any]) -> Told:
    return "eye", f"{'Fetched by a machine' if payload.get('machine') else 'Opened'}: {_label(payload)}", ""


@telling("message.clicked")
def tell_clicked(payload: dict[str, Any]) -> Told:
    who = "A machine followed a link" if payload.get("machine") else "Clicked"
    return "arrow-right", f"{who}: {_label(payload)}", str(payload.get("url", ""))


@telling("message.replied")
def tell_replied(payload: dict[str, Any]) -> Told:
    return "chat", f"Answered by {channel_label(str(payload.get('channel')))}", str(payload.get("text", ""))


def _label(payload: dict[str, Any]) -> str:
    template = library.templates.get(str(payload.get("template")))
    return template.label if template else str(payload.get("template"))
