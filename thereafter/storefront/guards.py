"""Every shopper's page: `@shopper_page` finds the store, its brand, the shopper's language and who is signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation

from thereafter.commerce.models import Customer
from thereafter.kit.http import leave_out_nul
from thereafter.kit.pages import render
from thereafter.storefront import sessions
from thereafter.storefront.shell import LANGUAGE_COOKIE, choose_language, languages, page_facts
from thereafter.stores.models import Store


class ShopperRequest(HttpRequest):
    """A request that passed `shopper_page`; `customer` is there behind `signed_in_page` only."""

    store: Store
    customer: Customer
    page_context: dict[str, Any]


View = Callable[..., HttpResponse]


def shopper_page(view: View) -> View:
    """A page of the store in the address, in the shopper's language; what is not there is told in the shop's look."""

    @wraps(view)
    def guarded(request: ShopperRequest, store_slug: str, **kwargs: Any) -> HttpResponse:
        leave_out_nul(request)
        request.store = get_object_or_404(Store, slug=store_slug)
        language = _language(request)
        request.page_context = page_facts(request.store, language) | _languages(request, language)
        with timezone.override(request.store.time_zone), translation.override(language):
            response = _answer(view, request, kwargs)
        response.headers.setdefault("X-Robots-Tag", "noindex")
        response.headers.setdefault("Content-Language", language)
        if request.GET.get("lang") == language:
            response.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, samesite="Lax")
        return response

    guarded.is_shopper_page = True  # type: ignore[attr-defined]  # read by the test that walks every page
    return guarded


def signed_in_page(view: View) -> View:
    """A page for the customer who is signed in to this store; others are shown the way in."""

    def checked(request: ShopperRequest, **kwargs: Any) -> HttpResponse:
        customer = sessions.customer_of(request, request.store)
        if customer is None:
            there = reverse("storefront:sign_in", args=[request.store.slug])
            return HttpResponseRedirect(f"{there}?{urlencode({'next': request.path})}")
        request.customer = customer
        response = view(request, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    return shopper_page(wraps(view)(checked))


def refuse(request: HttpRequest, status: int) -> HttpResponse:
    """The shop's page for what went wrong, with a way on."""
    return render(request, "storefront/error.html", {"status": status}, status=status)


def _languages(request: ShopperRequest, language: str) -> dict[str, Any]:
    """Another language shows the same page: the rest of the address stays."""
    asked = request.GET.copy()
    asked.pop("lang", None)
    if not asked:
        return {}
    kept = asked.urlencode()
    return {"languages": [one | {"url": f"{one['url']}&{kept}"} for one in languages(language)]}


def _answer(view: View, request: ShopperRequest, kwargs: dict[str, Any]) -> HttpResponse:
    try:
        return view(request, **kwargs)
    except Http404:
        return refuse(request, 404)
    except PermissionDenied:
        return refuse(request, 403)


def _language(request: ShopperRequest) -> str:
    return choose_language(request.GET.get("lang"), request.COOKIES.get(LANGUAGE_COOKIE), request.store.locale)
