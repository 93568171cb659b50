"""What goes well with a product or a basket, as HTML for the shop's own page: taken in by our script, or its server.

The same for everybody, and no cookies: it may be kept by browsers and by what stands between. Only the sites that the
shop named may read it from their pages.
"""

import hashlib

from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from thereafter.recommendations import widget_pages
from thereafter.recommendations.queries.products_named import named
from thereafter.recommendations.queries.settings import settings_of, sites_of
from thereafter.recommendations.rules.showing import BASKET, PRODUCT
from thereafter.storefront import embedding
from thereafter.storefront.guards import ShopperRequest, shopper_page
from thereafter.storefront.links import page
from thereafter.storefront.shell import choose_language

FRESH = "public, max-age=300, stale-while-revalidate=3600"
KINDS = (PRODUCT, BASKET)
MOST_IN_BASKET = 30


@require_safe
@shopper_page
def widget(request: ShopperRequest, kind: str) -> HttpResponse:
    """`?product=` names one, `?basket=` several with commas, by the shop's ids or SKUs; `?locale=` the language;
    `?as=include` is for the shop's server to put into its page."""
    if kind not in KINDS:
        raise Http404
    language = choose_language(request.GET.get("locale"), request.store.locale)
    with translation.override(language):
        counts = request.GET.get("count") != "0"
        inside = widget_pages.piece(request.store, kind, _products(request), counts=counts)
    included = request.GET.get("as") == "include"
    body = _included(kind, inside) if included else f"<style>{widget_pages.style()}</style>{inside}"
    response = _tagged(request, body)
    response["Content-Language"] = language
    return _shared(request, response)


def _products(request: ShopperRequest) -> tuple[int, ...]:
    names = [
        name for given in request.GET.getlist("product") + request.GET.getlist("basket") for name in given.split(",")
    ]
    names = [name.strip() for name in names if name.strip()][:MOST_IN_BASKET]
    found = named(request.store, names)
    return tuple(dict.fromkeys(found[name] for name in names if name in found))


def _included(kind: str, inside: str) -> str:
    """A shadow root that needs no script."""
    return format_html(
        '<div data-thereafter-picks="{}"><template shadowrootmode="open"><style>{}</style>{}</template></div>',
        kind,
        mark_safe(widget_pages.style()),  # noqa: S308 ours
        mark_safe(inside),  # noqa: S308 rendered by an escaping template
    )


def _tagged(request: ShopperRequest, body: str) -> HttpResponse:
    tag = f'"{hashlib.blake2b(body.encode(), digest_size=12).hexdigest()}"'
    is_known = tag in request.headers.get("If-None-Match", "")
    response: HttpResponse = HttpResponseNotModified() if is_known else HttpResponse(body)
    # `?lang=` makes the guard set a cookie: nobody else gets that one.
    response["ETag"], response["Cache-Control"] = tag, "private, no-store" if "lang" in request.GET else FRESH
    return response


def _shared(request: ShopperRequest, response: HttpResponse) -> HttpResponse:
    """For the script on a site that may."""
    origin = request.headers.get("Origin", "")
    response["Vary"] = "Origin"
    if origin and origin.lower() in sites_of(request.store, settings_of(request.store.pk)):
        response["Access-Control-Allow-Origin"] = origin
    return response


@require_safe
@shopper_page
def script(request: ShopperRequest) -> HttpResponse:
    """Fills the elements with `data-thereafter-picks` of a page of the shop."""
    base = page(request.store, "recommendations_storefront:widget", PRODUCT).removesuffix(PRODUCT)
    return embedding.script(request, {"base": base}, name="thereafterPicks", source="recommendations/picks.js")
