"""Who may open the portal's pages: whoever holds a link to the order, to a gift, to a visit or to a case.

The signed link is the key, not a cookie: browsers inside mail apps often keep none, hence no CSRF token.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from thereafter.commerce.models import Order
from thereafter.kit import clock, tokens
from thereafter.kit.http import client_address
from thereafter.returns import links
from thereafter.returns.models import Case, Visit
from thereafter.storefront.actions import knock
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.links import ORDER_LINK_DAYS
from thereafter.storefront.rules import FROM_ADDRESS

View = Callable[..., HttpResponse]


def _behind(view: View, find: Callable[[ShopperRequest, str], dict[str, Any] | None]) -> View:
    """A page for whoever holds a good link; `find` gives what it leads to, None when that is not here."""

    def checked(request: ShopperRequest, token: str, **kwargs: Any) -> HttpResponse:
        try:
            found = find(request, token)
        except tokens.Expired:
            return refuse(request, 410)
        except (tokens.BadToken, ValueError, TypeError, IndexError):
            return refuse(request, 404)
        return view(request, token=token, **found, **kwargs) if found else refuse(request, 404)

    return csrf_exempt(never_cache(shopper_page(wraps(view)(checked))))


def order_holder(view: View) -> View:
    """The view gets `order` and `token`."""

    def find(request: ShopperRequest, token: str) -> dict[str, Any] | None:
        return _order(request, tokens.read("order", token, max_age_days=ORDER_LINK_DAYS))

    return _behind(view, find)


def gift_holder(view: View) -> View:
    """Somebody who got it as a gift; the view gets `order` and `token`."""

    def find(request: ShopperRequest, token: str) -> dict[str, Any] | None:
        return _order(request, tokens.read(links.GIFT, token, max_age_days=links.GIFT_DAYS))

    return _behind(view, find)


def _order(request: ShopperRequest, parts: list[int | str]) -> dict[str, Any] | None:
    rows = Order.objects.of(request.store).filter(pk=parts[1]) if parts[0] == request.store.pk else None
    found = rows.select_related("store", "customer").first() if rows is not None else None
    return {"order": found} if found else None


def visitor(view: View) -> View:
    """Somebody on the way through the portal; the view gets `visit` and `token`."""

    def find(request: ShopperRequest, token: str) -> dict[str, Any] | None:
        store_id, pk = tokens.read(links.VISIT, token, max_age_days=links.VISIT_DAYS)
        rows = Visit.objects.of(request.store).select_related("store", "order__store", "order__customer")
        found = rows.filter(pk=pk).first() if store_id == request.store.pk else None
        return {"visit": found} if found else None

    return _behind(view, find)


def case_holder(view: View) -> View:
    """The view gets `case` and `token`."""

    def find(request: ShopperRequest, token: str) -> dict[str, Any] | None:
        store_id, pk = tokens.read(links.CASE, token, max_age_days=ORDER_LINK_DAYS)
        rows = Case.objects.of(request.store).select_related("store", "order__store", "customer")
        found = rows.filter(pk=pk).first() if store_id == request.store.pk else None
        return {"case": found} if found else None

    return _behind(view, find)


def may_try(request: ShopperRequest, tries: dict[str, int]) -> bool:
    """Counts a try from this address and for each key; whether all are within their limits."""
    return knock(request.store, {f"address:{client_address(request)}": FROM_ADDRESS, **tries}, clock.now())
