"""When somebody is turned away: a link that does not open, a product that is not here, too much from one address."""

from django.http import Http404, HttpResponse

from thereafter.commerce.models import Product
from thereafter.feedback.queries.products_named import named
from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.storefront import actions as doors
from thereafter.storefront.guards import ShopperRequest

# Of one address in ten minutes: each may bring photos, and those take a while.
MOST_POSTS = 20


def may_post(request: ShopperRequest) -> bool:
    return doors.knock(request.store, {f"review:{client_address(request)}": MOST_POSTS}, clock.now())


def no_such_link(request: ShopperRequest) -> HttpResponse:
    """Forged, of another shop, older than our links live, or of an order that is cancelled: we do not say which."""
    return render(request, "feedback/storefront/no_link.html", status=410)


def product_or_404(request: ShopperRequest, name: str) -> Product:
    """The product with its store, by any name that the shop has for it."""
    found = named(request.store, name)
    if found is None:
        raise Http404
    return Product.objects.of(request.store).select_related("store").get(pk=found.pk)
