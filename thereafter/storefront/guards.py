"""Every shopper's page: `@shopper_page` finds the store, its brand, and the shopper's language."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation

from thereafter.storefront.branding import brand
from thereafter.stores.models import Store

LANGUAGE_COOKIE = "lang"
_LANGUAGES = [code for code, _ in settings.LANGUAGES]


class ShopperRequest(HttpRequest):
    """A request that passed `shopper_page`."""

    store: Store
    page_context: dict[str, Any]


View = Callable[..., HttpResponse]


def shopper_page(view: View) -> View:
    @wraps(view)
    def guarded(request: ShopperRequest, store_slug: str, **kwargs: Any) -> HttpResponse:
        request.store = get_object_or_404(Store, slug=store_slug)
        language = _language(request)
        request.page_context = {
            "store": request.store,
            "brand": brand(request.store.brand_colour),
            "lang": language,
            "languages": settings.LANGUAGES,
        }
        with timezone.override(request.store.time_zone), translation.override(language):
            response = view(request, **kwargs)
        response.headers.setdefault("X-Robots-Tag", "noindex")
        if request.GET.get("lang") in _LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, samesite="Lax")
        return response

    guarded.is_shopper_page = True  # type: ignore[attr-defined]  # read by the test that walks every page
    return guarded


def _language(request: ShopperRequest) -> str:
    """What the shopper chose, else what the shop speaks; else English."""
    wanted = (request.GET.get("lang"), request.COOKIES.get(LANGUAGE_COOKIE), request.store.locale)
    short = (code.replace("_", "-").split("-")[0] for code in wanted if code)
    return next((code for code in short if code in _LANGUAGES), "en")
