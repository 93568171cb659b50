"""What other rooms' pages show of questions and answers."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import Told, customer_panel, telling
from thereafter.commerce.panels import order_panel as console_order_panel
from thereafter.console.nav import nav_item
from thereafter.console.tiles import Period, Tile, tile
from thereafter.feedback import links, queries
from thereafter.kit.pages import percent
from thereafter.kit.sockets import Panel
from thereafter.storefront.panels import order_panel
from thereafter.stores.models import Store

nav_item(
    "Satisfaction", url_name="feedback_console:results", icon="heart", verb="feedback.read", group="Engage", place=30
)

FACES = {1: "very bad", 2: "bad", 3: "okay", 4: "good", 5: "great"}


@order_panel(place=15)
def open_question(request: HttpRequest, order: Order) -> Panel | None:
    """While a question about the order waits for an answer, the order's page leads to it."""
    invitation = queries.open_invitation(order)
    if invitation is None:
        return None
    url = links.score_page(order.store, invitation, 0)
    return Panel("feedback/storefront/_ask.html", {"url": url}, title=gettext_noop("How did it go?"))


@console_order_panel(place=40)
def answers_about_order(request: HttpRequest, order: Order) -> Panel | None:
    answers = queries.answers_about(order)
    return Panel("feedback/console/_answers.html", {"answers": answers}, title="Answers") if answers else None


@customer_panel(place=50)
def answers_of_customer(request: HttpRequest, customer: Customer) -> Panel | None:
    answers = queries.answers_of(customer)
    context = {"answers": answers, "with_orders": True}
    return Panel("feedback/console/_answers.html", context, title="Answers") if answers else None


@tile(place=40)
def satisfaction(store: Store, period: Period) -> Tile:
    now = queries.csat(store, period.since, period.until)
    before = queries.csat(store, period.before.since, period.before.until)
    url = reverse("feedback_console:results", args=[store.slug])
    if now.share is None or now.low is None:
        return Tile("Satisfaction", "–", hint="no answers yet", url=url)
    hint = f"likely {percent(now.low)} to {percent(now.high)}, {now.n} answers"
    if before.share is None or min(now.n, before.n) < queries.ENOUGH_FOR_A_TREND:
        return Tile("Satisfaction", percent(now.share), hint=hint, url=url)
    change = now.share - before.share
    delta = f"{change * 100:+.0f} points"
    return Tile("Satisfaction", percent(now.share), delta=delta, good=change >= 0, hint=hint, url=url)


@telling("survey.asked")
def tell_asked(payload: dict[str, Any]) -> Told:
    return "chat", "Asked how it went", ""


@telling("survey.answered")
def tell_answered(payload: dict[str, Any]) -> Told:
    body = "With a comment" if payload.get("has_comment") else ""
    return "heart", f"Answered {_score(payload['score'])}", body


@telling("survey.answer_changed")
def tell_changed(payload: dict[str, Any]) -> Told:
    if payload["score"] == payload["was"]:
        return "heart", "Changed the words of an answer", ""
    return "heart", f"Changed an answer to {_score(payload['score'])}", f"It was {_score(payload['was'])}"


def _score(score: int) -> str:
    return f"“{FACES[score]}” ({score} of 5)" if score in FACES else str(score)
