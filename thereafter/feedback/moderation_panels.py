"""What other rooms' pages show of reviews being looked at and answered."""

from typing import Any

from django.http import HttpRequest

from thereafter.commerce.models import Customer
from thereafter.commerce.panels import Told, customer_panel, telling
from thereafter.console.menu_counts import kept
from thereafter.console.nav import nav_item
from thereafter.feedback.queries import moderation as queries
from thereafter.feedback.rules.moderation import REASONS
from thereafter.kit.sockets import Panel

_TONES = {"pending": "warn", "published": "good", "hidden": "bad"}
nav_item(
    "Reviews",
    url_name="feedback_console:reviews",
    icon="star",
    verb="feedback.read",
    group="Engage",
    place=31,
    count=kept("reviews", queries.waiting),
)


@customer_panel(place=52)
def reviews_of_customer(request: HttpRequest, customer: Customer) -> Panel | None:
    """On the customer's page; an order's page has no room for another question, its timeline tells of them."""
    found = queries.of_customer(customer)
    rows = [{"one": one, "state": (one.get_state_display(), _TONES.get(one.state, "neutral"))} for one in found]
    return Panel("feedback/console/_reviews.html", {"rows": rows}, title="Reviews") if rows else None


@telling("review.hidden")
def tell_hidden(payload: dict[str, Any]) -> Told:
    reason = REASONS.get(payload["reason"])
    return "eye", "Their review was hidden", reason.label if reason else ""


@telling("review.replied")
def tell_replied(payload: dict[str, Any]) -> Told:
    return (
        "chat",
        "We answered their review" if payload["public"] else "We wrote to them about their review",
        payload["text"],
    )


@telling("review.update_asked")
def tell_update_asked(payload: dict[str, Any]) -> Told:
    return "refresh", "Asked whether their review still holds", ""


@telling("review.appealed")
def tell_appealed(payload: dict[str, Any]) -> Told:
    return "warning", "Objected to their review being hidden", ""


@telling("review.appeal_decided")
def tell_appeal_decided(payload: dict[str, Any]) -> Told:
    title = "Their review is shown again" if payload["upheld"] else "Their review stays hidden"
    return "people", title, payload["answer"]
