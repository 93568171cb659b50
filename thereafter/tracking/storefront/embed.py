"""The merchant's own page shows deliveries: a script with an element that looks orders up, and the page in a frame.

No cookies: browsers keep none of ours inside another site. Only the shops named in the settings may ask and frame.
"""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.storefront import actions, embedding, links, order_page, queries, rules
from thereafter.storefront.branding import brand
from thereafter.storefront.forms import LookUpForm
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.shell import choose_language
from thereafter.stores.models import Store
from thereafter.tracking.queries import settings_of


@require_safe
@shopper_page
def script(request: ShopperRequest) -> HttpResponse:
    return embedding.script(request, _config(request.store), name="thereafterTracking", source="tracking/embed.js")


def _config(store: Store) -> dict[str, Any]:
    tints = brand(store.brand_colour)
    return {
        "lookUp": links.page(store, "tracking_storefront:embed_look_up"),
        "language": choose_language(store.locale),
        "colour": tints.colour,
        "onColour": tints.on_colour,
        "words": {code: _words(code) for code, _name in settings.LANGUAGES},
    }


@lru_cache(maxsize=16)
def _words(language: str) -> dict[str, str]:
    with translation.override(language):
        return {
            "number": _("Order number"),
            "proof": _("E-mail address, phone number or postcode"),
            "help": _("The one you gave when you ordered."),
            "find": _("Find my order"),
            "title": _("Your order"),
            "back": _("Look up another order"),
            "nothing": _("We found no order with these two."),
            "wait": _("That was a lot of tries. Please wait a few minutes."),
            "broken": _("Something went wrong on our side. Please try again in a moment."),
        }


@csrf_exempt
@never_cache
@require_POST
@shopper_page
def look_up(request: ShopperRequest) -> HttpResponse:
    """As the page that looks orders up, for the script on the merchant's page."""
    origin = _allowed(request, request.headers.get("Origin", ""))
    if not origin:
        return JsonResponse({"error": "This shop has not allowed this site to look orders up."}, status=403)
    response = _found(request)
    response["Access-Control-Allow-Origin"], response["Vary"] = origin, "Origin"
    return response


def _found(request: ShopperRequest) -> HttpResponse:
    form = LookUpForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "not_found"}, status=404)
    number, proof = form.cleaned_data["number"], form.cleaned_data["proof"]
    tries = {
        f"address:{client_address(request)}": rules.FROM_ADDRESS,
        f"order:{rules.bare_number(number)}": rules.FOR_ORDER,
    }
    if not actions.knock(request.store, tries, clock.now()):
        return JsonResponse({"error": "too_many"}, status=429)
    order = queries.order_by_proof(request.store, number, proof)
    if order is None:
        return JsonResponse({"error": "not_found"}, status=404)
    page = links.page(request.store, "tracking_storefront:embed_order", links.order_token(order))
    return JsonResponse({"page": page})


@require_safe
@shopper_page
def order(request: ShopperRequest, token: str) -> HttpResponse:
    """The order's page without its frame, for the merchant's page alone to show; links open beside it."""
    origin = _allowed(request, request.GET.get("in", ""))
    if not origin:
        return refuse(request, 403)
    asked = order_page.Asked(
        store_slug=request.store.slug,
        token=token,
        wanted=request.GET.get("lang", ""),
        seen=request.headers.get("If-None-Match", ""),
        framed_by=origin,
    )
    reply = order_page.answer(asked, clock.now())
    return HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))


def _allowed(request: HttpRequest, origin: str) -> str:
    """The origin, if the merchant has named it."""
    store: Store = request.store  # type: ignore[attr-defined]  # set by the guard
    named = {one.rstrip("/").lower() for one in settings_of(store).page.embed_origins}
    return origin if origin and origin.lower() in named else ""
