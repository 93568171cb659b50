"""The shop's product review feed, for Google to fetch by an address that only the shop knows."""

import hmac
from typing import Any

from django.http import Http404, StreamingHttpResponse
from django.views.decorators.http import require_safe

from thereafter.feedback.actions import widgets
from thereafter.feedback.queries.review_feed import listed
from thereafter.feedback.queries.widget_settings import settings_of
from thereafter.feedback.rules import review_feed as rules
from thereafter.kit import clock
from thereafter.storefront.guards import ShopperRequest, shopper_page


@require_safe
@shopper_page
def feed(request: ShopperRequest, token: str) -> Any:
    """Always whole, in pieces (an answer of its own kind to Django). A wrong address is nothing's, as is one that was
    renewed."""
    kept = settings_of(request.store)
    if not kept.feed_token or not hmac.compare_digest(kept.feed_token.encode(), token.encode()):
        raise Http404
    if request.method == "GET":
        widgets.fetched(kept, now=clock.now())
    response = StreamingHttpResponse(rules.feed(request.store.name, listed(request.store)))
    response["Content-Type"], response["Cache-Control"] = "application/xml; charset=utf-8", "private, no-store"
    return response
