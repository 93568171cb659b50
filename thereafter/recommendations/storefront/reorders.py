"""One product, ordered again with one tap: what, how many, at which price; and later, or never."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.recommendations import reorder_links
from thereafter.recommendations.actions import reorder_answers
from thereafter.recommendations.links import picture
from thereafter.recommendations.models import Reorder
from thereafter.recommendations.queries import due
from thereafter.recommendations.rules.reorder_carts import MOST
from thereafter.storefront.guards import ShopperRequest, shopper_page


# The link's signature is the key, and mail programs often keep no cookie for a token.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def reorder(request: ShopperRequest, token: str) -> HttpResponse:
    """Opening it changes nothing; it shows no name, address or order. Links of mails are opened by machines too."""
    try:
        found = due.one(request.store, reorder_links.read(request.store, token))
    except BadToken:
        found = None
    if found is None:
        return render(request, "recommendations/storefront/reorder_gone.html", status=410)
    if request.method == "POST":
        return _take(request, found)
    return _show(request, found)


def _take(request: ShopperRequest, found: Reorder) -> HttpResponse:
    said, now = request.POST.get("say", ""), clock.now()
    if said == "later":
        today = clock.day_in(now, request.store.time_zone)
        reorder_answers.snooze(found, now=now, today=today)
    elif said == "never":
        reorder_answers.stop(found, now=now)
    elif said == "again" and found.state == Reorder.State.STOPPED:
        reorder_answers.go_on(found, now=now)
    return redirect(request.path)


def _show(request: ShopperRequest, found: Reorder) -> HttpResponse:
    url, is_cart = reorder_links.into_cart(found)
    price = due.price_now(found)
    quantity = min(max(found.quantity, 1), MOST)  # what the link puts into the cart
    context = {
        "reorder": found,
        "product": found.product,
        "image": picture(found.product.image_url),
        "variant": found.variant.title if found.variant and found.variant.title != found.product.title else "",
        "price_minor": price,
        "quantity": quantity,
        "sum_minor": price * quantity if price is not None else None,
        "currency": request.store.currency,
        "url": url,
        "is_cart": is_cart,
        "is_gone": not found.product.is_active or due.is_sold_out(found),
        "here": request.path,
    }
    return render(request, "recommendations/storefront/reorder.html", context)
