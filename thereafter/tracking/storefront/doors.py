"""Who may open these pages: whoever holds a link to the order, or a follower's link.

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
from thereafter.storefront.actions import knock
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.links import ORDER_LINK_DAYS
from thereafter.storefront.rules import FROM_ADDRESS
from thereafter.tracking import links
from thereafter.tracking.models import Subscription

View = Callable[..., HttpResponse]


def order_holder(view: View) -> View:
    """A page for whoever has a link to the order: the view gets `order` and `token`."""

    def checked(request: ShopperRequest, token: str, **kwargs: Any) -> HttpResponse:
        try:
            store_id, order_id = tokens.read("order", token, max_age_days=ORDER_LINK_DAYS)
        except tokens.Expired:
            return refuse(request, 410)
        except (tokens.BadToken, ValueError):
            return refuse(request, 404)
        rows = Order.objects.of(request.store).filter(pk=order_id, store_id=store_id)
        order = rows.select_related("store", "customer").first()
        return view(request, order=order, token=token, **kwargs) if order else refuse(request, 404)

    return csrf_exempt(never_cache(shopper_page(wraps(view)(checked))))


def follower(purpose: str) -> Callable[[View], View]:
    """A page for whoever follows a delivery: the view gets `subscription`. Who ended it sees that, nobody else's."""

    def guard(view: View) -> View:
        def checked(request: ShopperRequest, token: str, **kwargs: Any) -> HttpResponse:
            try:
                number = links.read(purpose, request.store, token)
            except tokens.BadToken:
                return refuse(request, 404)
            rows = Subscription.objects.of(request.store).filter(pk=number)
            found = rows.select_related("store", "order__store").first()
            return view(request, subscription=found, **kwargs) if found else refuse(request, 410)

        return csrf_exempt(never_cache(shopper_page(wraps(view)(checked))))

    return guard


def may_try_today(request: ShopperRequest, tries: dict[str, int]) -> bool:
    """Counts a try of this day for each key: what may be tried every few minutes must not go on for hours."""
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return knock(request.store, {f"day-{key}": limit for key, limit in tries.items()}, day)


def may_try(request: ShopperRequest, tries: dict[str, int]) -> bool:
    """Counts a try from this address and for each key; whether all are within their limits."""
    return knock(request.store, {f"address:{client_address(request)}": FROM_ADDRESS, **tries}, clock.now())
