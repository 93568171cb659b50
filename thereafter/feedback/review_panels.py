"""What other rooms' pages show of reviews: to shoppers the way to write them, to the shop's people what happened."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import Told, telling
from thereafter.feedback import review_links
from thereafter.feedback.queries import review_forms as queries
from thereafter.kit.sockets import Panel
from thereafter.storefront.panels import account_panel, order_panel


@order_panel(place=16)
def review_what_you_bought(request: HttpRequest, order: Order) -> Panel | None:
    """For everybody whose goods came, whatever else they told us."""
    goods = queries.can_be_reviewed(order)
    if not goods:
        return None
    context = {
        "url": review_links.form_page(order),
        "titles": [title for title, review in goods if review is None],
        "done": sum(1 for _, review in goods if review is not None),
        "of": len(goods),
    }
    return Panel("feedback/storefront/_review_panel.html", context, title=gettext_noop("Review what you bought"))


@account_panel(place=45)
def my_reviews(request: HttpRequest, customer: Customer) -> Panel | None:
    reviews = queries.written_by(customer)
    if not reviews:
        return None
    context = {"reviews": [(review, review_links.own_page(review)) for review in reviews]}
    return Panel("feedback/storefront/_my_reviews.html", context, title=gettext_noop("My reviews"))


@telling("review.asked")
def tell_asked(payload: dict[str, Any]) -> Told:
    count = payload["products"]
    return "star", "Asked for a review" if count == 1 else f"Asked to review {count} products", ""


@telling("review.written")
def tell_written(payload: dict[str, Any]) -> Told:
    more = ["with words" if payload["has_words"] else "", "with photos" if payload["photos"] else ""]
    return "star", f"Wrote a review: {_stars(payload['rating'])}", ", ".join(filter(None, more)).capitalize()


@telling("review.changed")
def tell_changed(payload: dict[str, Any]) -> Told:
    if payload["rating"] == payload["was"]:
        return "star", f"Changed the words of a review: {_stars(payload['rating'])}", ""
    return "star", f"Changed a review to {_stars(payload['rating'])}", f"It was {_stars(payload['was'])}"


@telling("review.published")
def tell_published(payload: dict[str, Any]) -> Told:
    return "star", "Their review is shown in the shop", _stars(payload["rating"]).capitalize()


@telling("review.withdrawn")
def tell_withdrawn(payload: dict[str, Any]) -> Told:
    return "star", "Took a review back", ""


def _stars(count: int) -> str:
    return f"{count} star" if count == 1 else f"{count} stars"
