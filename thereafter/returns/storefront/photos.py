"""Photos for the shopper who took them, through a signed link only."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from thereafter.kit import tokens
from thereafter.returns import links
from thereafter.returns.showing import shown
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page


@require_safe
@shopper_page
def photo(request: ShopperRequest, token: str) -> HttpResponse:
    try:
        found, small = links.photo_of(request.store, token)
    except tokens.Expired:
        return refuse(request, 410)
    except (tokens.BadToken, ValueError, IndexError):
        return refuse(request, 404)
    return shown(found, small=small) if found else refuse(request, 404)
