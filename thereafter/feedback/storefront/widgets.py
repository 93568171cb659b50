"""Reviews on the shop's own pages, as HTML that its page takes in: by our script, or by its own server.

Anybody may read what they hold, for it is public; browsers let only the sites that the shop named read it from their
pages. No cookies: a widget's language is asked for by `locale`, which, unlike `lang`, is not remembered.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Product
from thereafter.feedback import widget_pages
from thereafter.feedback.models import WidgetSettings
from thereafter.feedback.queries import shown_reviews
from thereafter.feedback.queries.products_named import named, named_many
from thereafter.feedback.queries.widget_settings import settings_of, sites_of
from thereafter.feedback.rules.widgets import KINDS, Wanted, wanted
from thereafter.feedback.widget_pages import Piece
from thereafter.kit import clock
from thereafter.storefront import embedding
from thereafter.storefront.guards import ShopperRequest, shopper_page
from thereafter.storefront.links import page
from thereafter.storefront.shell import choose_language
from thereafter.stores.models import Store

# How long browsers and what stands between may show it without asking; then they ask with its tag.
FRESH = "public, max-age=60, stale-while-revalidate=600"
# A name that shops gave to no product of theirs is looked for again after this.
UNKNOWN_SECONDS = 60
MOST_AT_ONCE = 50
View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """In the language asked for, for the pages of the sites that may show it, with a tag."""

    @wraps(view)
    def told(request: ShopperRequest, **kwargs: Any) -> HttpResponse:
        language = choose_language(request.GET.get("locale"), request.store.locale)
        look = settings_of(request.store)
        with translation.override(language):
            response = view(request, look=look, **kwargs)
        response["Content-Language"] = language
        return shared(request, _tagged(request, response), look)

    return require_safe(shopper_page(told))


def shared(request: ShopperRequest, response: HttpResponse, look: WidgetSettings) -> HttpResponse:
    """For the script on a site that may."""
    origin = request.headers.get("Origin", "")
    response["Vary"] = "Origin"
    if origin and origin.lower() in sites_of(request.store, look):
        response["Access-Control-Allow-Origin"] = origin
    return response


def _tagged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    tag = f'"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
    if tag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified(headers={"Content-Language": response["Content-Language"]})
    response["ETag"], response["Cache-Control"] = tag, FRESH
    return response


@public
def widget(request: ShopperRequest, kind: str, look: WidgetSettings) -> HttpResponse:
    """One widget of the product named in `?product=`; `?as=include` for the shop's server to put into its page."""
    if kind not in KINDS:
        raise Http404
    name = request.GET.get("product", "")
    found = piece(request.store, look, kind, name, wanted(request.GET))
    if request.GET.get("as") == "include":
        return HttpResponse(_included(kind, name, look, found))
    return HttpResponse(f"<style>{widget_pages.style(look)}</style>{found.html}{_data(found)}")


def piece(store: Store, look: WidgetSettings, kind: str, name: str, asked: Wanted) -> Piece:
    product = product_of(store, name)
    if product is None:
        return widget_pages.empty(store, kind)
    return widget_pages.piece(store, product, look, kind, asked, clock.now())


def product_of(store: Store, name: str) -> Product | None:
    """A wrong name in a shop's template is asked for by each of its visitors, and looked for once a minute."""
    key = f"feedback.unknown:{store.pk}:{hashlib.blake2b(name.encode(), digest_size=16).hexdigest()}"
    if cache.get(key):
        return None
    found = named(store, name)
    if found is None:
        cache.set(key, True, UNKNOWN_SECONDS)
    return found


def _included(kind: str, name: str, look: WidgetSettings, found: Piece) -> str:
    """A shadow root that needs no script, and what search engines read beside it."""
    return format_html(
        '<div data-thereafter-reviews="{}" data-product="{}"><template shadowrootmode="open"><style>{}</style>{}'
        "</template>{}</div>",
        kind,
        name,
        mark_safe(widget_pages.style(look)),  # noqa: S308 ours, with checked colours
        mark_safe(found.html),  # noqa: S308 rendered by an escaping template
        mark_safe(_data(found)),  # noqa: S308 JSON without < and >
    )


def _data(found: Piece) -> str:
    return f'<script type="application/ld+json">{found.json_ld}</script>' if found.json_ld else ""


@public
def stars(request: ShopperRequest, look: WidgetSettings) -> HttpResponse:
    """The stars of up to fifty products at once, for pages that show many, by the names they were asked by."""
    names = request.GET.getlist("product")[:MOST_AT_ONCE]
    found = named_many(request.store, names)
    ratings = shown_reviews.ratings_of(request.store.pk, [one.pk for one in found.values()])
    pieces = {name: _stars(request.store, found.get(name), ratings) for name in names}
    return JsonResponse({"style": f"<style>{widget_pages.style(look)}</style>", "stars": pieces})


def _stars(store: Store, product: Product | None, ratings: Any) -> str:
    rating = ratings.get(product.pk) if product else None
    if product is None or rating is None:
        return widget_pages.empty(store, "stars").html
    return widget_pages.stars(store, product, rating)


@public
def document(request: ShopperRequest, look: WidgetSettings) -> HttpResponse:
    """A product's reviews as JSON, for shops that draw them themselves: what the list shows, and nothing more."""
    product = product_of(request.store, request.GET.get("product", ""))
    if product is None:
        return JsonResponse({"product": None, "count": 0, "reviews": []})
    facts = widget_pages.plain(request.store, product, look, wanted(request.GET), clock.now())
    return JsonResponse({"product": request.GET.get("product", "")} | facts, json_dumps_params={"ensure_ascii": False})


@require_safe
@shopper_page
def script(request: ShopperRequest) -> HttpResponse:
    """Fills the elements with `data-thereafter-reviews` of a page of the shop."""
    config = {"base": page(request.store, "feedback_storefront:widget", "list").removesuffix("list")}
    return embedding.script(request, config, name="thereafterWidgets", source="feedback/widgets.js")
