"""Following a recommendation, and seeing some on the shop's own page. What a machine does is not counted."""

import base64
from datetime import UTC, datetime

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Customer, Product
from thereafter.kit import clock
from thereafter.kit.tokens import BadToken
from thereafter.recommendations import links
from thereafter.recommendations.actions import showing
from thereafter.recommendations.looking import is_somebody
from thereafter.storefront.guards import ShopperRequest, shopper_page

PICTURE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_safe
@never_cache
@shopper_page
def go(request: ShopperRequest, token: str) -> HttpResponse:
    """On to the product's own page, which is read from the product."""
    try:
        link = links.followed(request.store, token)
    except BadToken:
        raise Http404 from None
    product = Product.objects.of(request.store).filter(pk=link.product_id).only("url").first()
    if product is None:
        raise Http404
    now = clock.now()
    made_at = datetime.fromtimestamp(link.made_at, UTC) if link.made_at else None
    if is_somebody(request, made_at, now):
        _count(request, link, now)
    answer = HttpResponseRedirect(links.address(request.store, product.url))
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _count(request: ShopperRequest, link: links.Followed, now: datetime) -> None:
    """A customer's own click is theirs; one by a customer who is not there any more is a visitor's."""
    store = request.store
    customer = Customer.objects.of(store).filter(pk=link.customer_id).first() if link.customer_id else None
    if customer:
        showing.click(store, link, customer.merged_into_id or customer.pk, at=now)
    else:
        on = clock.day_in(now, store.time_zone)
        showing.tally(store.pk, slot=link.slot, product_id=link.product_id, on=on, clicked=1)


@require_safe
@never_cache
@shopper_page
def seen(request: ShopperRequest, token: str) -> HttpResponse:
    """A picture of one point, which the shop's page fetches when recommendations come into view."""
    now = clock.now()
    try:
        slot, product_id = links.seen(request.store, token)
    except BadToken:
        raise Http404 from None
    known = product_id is None or Product.objects.of(request.store).filter(pk=product_id).exists()
    if known and is_somebody(request, None, now):
        on = clock.day_in(now, request.store.time_zone)
        showing.tally(request.store.pk, slot=slot, product_id=product_id, on=on, shown=1)
    answer = HttpResponse(PICTURE, content_type="image/gif")
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
