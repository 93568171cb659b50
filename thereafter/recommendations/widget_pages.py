"""The widget as HTML: the same for everybody who asks for the same products in the same language."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language

from thereafter.recommendations import links
from thereafter.recommendations.queries.picks import Context, Pick, answers
from thereafter.recommendations.queries.settings import settings_of
from thereafter.recommendations.rules.showing import BASKET
from thereafter.recommendations.words import sentence
from thereafter.stores.models import Store

SHOWN = 4


def piece(store: Store, slot: str, products: tuple[int, ...], *, counts: bool = True) -> str:
    """The widget without its style, "" with nothing to show. Without `counts` nobody's looks or clicks are counted."""
    kept = settings_of(store.pk)
    counted = counts and kept.counts_clicks
    answer = answers(store.pk, [Context(slot, products=products, most=SHOWN)], kept)[0] if products else None
    if answer is None or not answer.picks:
        return ""
    facts = {
        "picks": [_shown(store, pick, slot, counted=counted) for pick in answer.picks],
        "currency": store.currency,
        "lang": get_language(),
        "seen": _seen(store, slot, products) if counted else "",
    }
    return str(render_to_string("recommendations/storefront/widgets/picks.html", facts, using="jinja2"))


def _seen(store: Store, slot: str, products: tuple[int, ...]) -> str:
    return links.seen_picture(store, slot, None if slot == BASKET else products[0])


def _shown(store: Store, pick: Pick, slot: str, *, counted: bool) -> dict[str, Any]:
    own = links.address(store, pick.url)
    return {
        "title": pick.title,
        "url": links.tracked(store, pick, slot, customer_id=None, order_id=None) if counted else own,
        "image": links.picture_abroad(pick.image_url),
        "price_minor": pick.price_minor,
        "why": sentence(pick.reason, pick.because),
    }


def style() -> str:
    return str(render_to_string("recommendations/storefront/widgets/_style.html", {}, using="jinja2"))
