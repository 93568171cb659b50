"""What other pages show of follow-ups."""

from typing import Any

from django.http import HttpRequest

from thereafter.commerce.models import Customer
from thereafter.commerce.panels import Told, customer_panel, telling
from thereafter.console.menu_counts import kept
from thereafter.console.nav import nav_item
from thereafter.feedback.models import FollowUp
from thereafter.feedback.queries import follow_ups as queries
from thereafter.feedback.queries import questions
from thereafter.feedback.rules.follow_ups import OUTCOMES, REASONS
from thereafter.kit.sockets import Panel

nav_item(
    "Follow-ups",
    url_name="feedback_console:follow_ups",
    icon="chat",
    verb="feedback.read",
    group="Engage",
    place=33,
    count=kept("follow_ups", queries.to_answer),
)
nav_item(
    "Questions",
    url_name="feedback_console:questions",
    icon="info",
    verb="feedback.read",
    group="Engage",
    place=34,
    count=kept("product_questions", questions.to_look_at),
)
nav_item("Asking", url_name="feedback_console:asking", icon="people", verb="feedback.read", group="Engage", place=36)


@customer_panel(place=45)
def open_follow_ups(request: HttpRequest, customer: Customer) -> Panel | None:
    running = FollowUp.objects.of(customer.store_id).filter(customer=customer, closed_at=None)
    found = list(running.select_related("owner").order_by("due_at")[:3])
    return Panel("feedback/console/_follow_ups.html", {"found": found}, title="Unhappy") if found else None


@telling("follow_up.opened")
def tell_opened(payload: dict[str, Any]) -> Told:
    return "heart", "A bad answer needs somebody", payload.get("comment", "")[:200]


@telling("follow_up.replied")
def tell_replied(payload: dict[str, Any]) -> Told:
    return "mail", "We wrote about the bad answer", ""


@telling("follow_up.overdue")
def tell_overdue(payload: dict[str, Any]) -> Told:
    return "clock", "Nobody answered the bad answer in time", payload.get("owner", "")


@telling("follow_up.closed")
def tell_closed(payload: dict[str, Any]) -> Told:
    why = REASONS.get(payload.get("reason", ""), "")
    done = OUTCOMES.get(payload.get("outcome", ""), "")
    title = "The bad answer was looked after" if payload.get("resolved") else "The follow-up was closed"
    return "check", title, ". ".join(part for part in (why, done) if part)
