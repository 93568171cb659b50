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
from thereafter.feedback import (
    follow_up_panels,  # noqa: F401 it adds its own when it is read
    links,
    moderation_panels,  # noqa: F401 it adds its own when it is read
    review_panels,  # noqa: F401 it adds its own when it is read
    survey_panels,  # noqa: F401 it adds its own when it is read
)
from thereafter.feedback import score_words as words
from thereafter.feedback.queries import results as queries
from thereafter.feedback.queries.sittings import survey_on_page
from thereafter.kit import scores as rules
from thereafter.kit.comparing import compare
from thereafter.kit.scores import SCALES
from thereafter.kit.sockets import Panel
from thereafter.storefront.panels import order_panel
from thereafter.stores.models import Store

nav_item(
    "Feedback results",
    url_name="feedback_console:results",
    icon="heart",
    verb="feedback.read",
    group="Engage",
    place=30,
)

FACES = {1: "very bad", 2: "bad", 3: "okay", 4: "good", 5: "great"}


@order_panel(place=15)
def open_question(request: HttpRequest, order: Order) -> Panel | None:
    """While a question about the order waits for an answer, or the shop asks one of everybody whose parcel is there,
    the order's page leads to it."""
    url = _question_page(order)
    if not url:
        return None
    return Panel("feedback/storefront/_ask.html", {"url": url}, title=gettext_noop("How did it go?"))


def _question_page(order: Order) -> str:
    invitation = queries.open_invitation(order)
    if invitation:
        return links.score_page(order.store, invitation, None)
    survey = survey_on_page(order)
    return links.order_survey(order, survey, "page") if survey else ""


@console_order_panel(place=40)
def answers_about_order(request: HttpRequest, order: Order) -> Panel | None:
    answers = queries.answers_about(order)
    context = {"answers": [words.told(given) for given in answers]}
    return Panel("feedback/console/_answers.html", context, title="Answers") if answers else None


@customer_panel(place=50)
def answers_of_customer(request: HttpRequest, customer: Customer) -> Panel | None:
    answers = queries.answers_of(customer)
    context = {"answers": [words.told(given) for given in answers], "with_orders": True}
    return Panel("feedback/console/_answers.html", context, title="Answers") if answers else None


@tile(place=40)
def satisfaction(store: Store, period: Period) -> Tile:
    now, before = (rules.reading("csat", queries.satisfaction(store, each)) for each in (period, period.before))
    return _tile("Satisfaction", store, now, before)


@tile(place=41)
def recommendation(store: Store, period: Period) -> Tile | None:
    """Only where somebody was asked for one."""
    now, before = (rules.reading("nps", queries.recommendation(store, each)) for each in (period, period.before))
    return _tile("NPS", store, now, before) if now.n else None


def _tile(label: str, store: Store, now: rules.Reading, before: rules.Reading) -> Tile:
    url = reverse("feedback_console:results", args=[store.slug])
    if not now.n:
        return Tile(label, "–", hint="no answers yet", url=url)
    moved, good = words.change(compare(now.kind, now.counts, before.counts), now.kind, now, before)
    hint = f"{words.likely(now)}, {words.answers(now.n)}"
    return Tile(label, words.value(now.kind, now.value), delta=moved, good=good, hint=hint, url=url)


@telling("survey.asked")
def tell_asked(payload: dict[str, Any]) -> Told:
    return "chat", "Asked how it went", ""


@telling("survey.answered")
def tell_answered(payload: dict[str, Any]) -> Told:
    body = "With a comment" if payload.get("has_comment") else ""
    return "heart", f"Answered {_score(payload)}", body


@telling("survey.finished")
def tell_finished(payload: dict[str, Any]) -> Told:
    return "heart", "Answered all questions of a survey", ""


@telling("survey.answer_changed")
def tell_changed(payload: dict[str, Any]) -> Told:
    if payload["score"] == payload["was"]:
        return "heart", "Changed the words of an answer", ""
    return "heart", f"Changed an answer to {_score(payload)}", f"It was {_score(payload | {'score': payload['was']})}"


def _score(payload: dict[str, Any]) -> str:
    """Of what an event says; events of before there were other kinds are of satisfaction."""
    score, kind = payload["score"], payload.get("kind", "csat")
    if score is None:
        return "a form"
    if kind == "csat" and score in FACES:
        return f"“{FACES[score]}” ({score} of 5)"
    return f"{score} of {SCALES[kind].high}" if kind in SCALES else str(score)
