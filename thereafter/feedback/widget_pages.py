"""Widgets as HTML, made once for each generation of a product's reviews and kept in the memory of this process.

Not in the database: whoever reads a page must never wait for who writes. What is kept is good for ten minutes, so that
votes, which change no generation, are seen soon; and for one look of the shop.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language

from thereafter.commerce.models import Product
from thereafter.feedback import widget_facts
from thereafter.feedback.kept import Kept, Key
from thereafter.feedback.models import Rating, ReviewSettings, WidgetSettings
from thereafter.feedback.queries import shown_reviews
from thereafter.feedback.rules.widgets import Wanted
from thereafter.kit.colours import contrast, mixed
from thereafter.stores.models import Store

GOOD_FOR = timedelta(minutes=10)
# Stars are drawn, not written: WCAG 2.2 asks for a contrast of 3.
VISIBLE = 3.0
LIGHT, DARK = "#ffffff", "#14171a"


@dataclass(frozen=True, slots=True)
class Piece:
    """A widget: what stands in the page, and what search engines read ("" for most)."""

    html: str
    json_ld: str = ""


# A page is some 30 kB: a process keeps 12 MB of them at most.
_kept: Kept[Piece] = Kept(400, GOOD_FOR)


def piece(store: Store, product: Product, look: WidgetSettings, kind: str, wanted: Wanted, now: datetime) -> Piece:
    """The widget in the language in force, from what is kept if that is as it would be now."""
    rating = shown_reviews.rating_of(store.pk, product.pk)
    key = (product.pk, rating.generation, rating.changed_at, kind, get_language(), wanted, *_look(store, look))
    kept = _kept.read(key, now) if wanted.is_kept else None
    if kept is not None:
        return kept
    made = _made(widget_facts.subject(store, product, look, rating, now), kind, wanted)
    if wanted.is_kept:
        _kept.keep(key, made, now)
    return made


def forget() -> None:
    """All that is kept; for tests, whose databases give the same numbers to other things."""
    _kept.clear()
    widget_facts.forget()


def _made(one: widget_facts.Subject, kind: str, wanted: Wanted) -> Piece:
    facts = widget_facts.GATHER[kind](one, wanted)
    return Piece(_html(kind, one.store, facts), facts.get("json_ld", ""))


def _html(kind: str, store: Store, facts: dict[str, Any]) -> str:
    context = facts | {"lang": get_language(), "shop_name": store.name}
    return render_to_string(f"feedback/storefront/widgets/{kind}.html", context, using="jinja2")


def empty(store: Store, kind: str) -> Piece:
    """For a product that we do not know: friendly, and nothing that leads nowhere."""
    facts: dict[str, Any] = {"rating": Rating(), "photos": (), "questions": ()}
    return Piece(_html("unknown" if kind in {"list", "form"} else kind, store, facts))


def _look(store: Store, look: WidgetSettings) -> Key:
    """Whatever shows on a widget beside the reviews."""
    reviewing = ReviewSettings.objects.of(store).values_list("changed_at", flat=True).first()
    return (look.changed_at, reviewing, store.name, store.domain, store.time_zone)


def style(look: WidgetSettings) -> str:
    return _style(look.stars_colour)


@lru_cache(maxsize=256)
def _style(colour: str) -> str:
    star = {"light": visible(colour, LIGHT, "#000000"), "dark": visible(colour, DARK, "#ffffff")}
    return render_to_string("feedback/storefront/widgets/_style.html", {"star": star}, using="jinja2")


def visible(colour: str, page: str, towards: str) -> str:
    """The colour, mixed with black or white until its contrast with the page is 3."""
    tints = (mixed(colour, towards, step / 20) for step in range(21))
    return next(tint for tint in tints if contrast(tint, page) >= VISIBLE or tint == towards)


def stars(store: Store, product: Product, rating: Rating) -> str:
    """The line of stars alone, from counts that are known already."""
    return _html("stars", store, {"rating": rating, "page_url": widget_facts.product_page(store, product)})


def plain(store: Store, product: Product, look: WidgetSettings, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """What the list shows, as plain values."""
    rating = shown_reviews.rating_of(store.pk, product.pk)
    facts = widget_facts.reviews(widget_facts.subject(store, product, look, rating, now), wanted)
    page = facts["page"]
    return {
        "count": rating.count,
        "mean": round(rating.mean, 3) if rating.mean is not None else None,
        "stars": rating.counts,
        "together": facts["together"].plain(),
        "found": page.found,
        "page": page.number,
        "pages": page.pages,
        "reviews": facts["shown"],
    }
