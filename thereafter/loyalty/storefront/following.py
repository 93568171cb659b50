"""A member says that they follow the shop somewhere."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty import words
from thereafter.loyalty.actions import deeds
from thereafter.loyalty.queries.standings import Standing
from thereafter.loyalty.storefront.doors import member_page
from thereafter.storefront.guards import ShopperRequest, refuse


@require_POST
@member_page
def follow(request: ShopperRequest, one: Standing, network: str) -> HttpResponse:
    """Taken on trust, once; the page then leads on to the shop's own there, because a form may not lead elsewhere."""
    action = one.version.programme.actions.get(f"{deeds.SOCIAL}{network}")
    try:
        earned = deeds.follow(one.member, network, clock.now())
    except deeds.NoSuchWay:
        return refuse(request, 404)
    there = action.url if action and action.url.startswith("https://") else ""
    facts = {"name": words.way_name(f"{deeds.SOCIAL}{network}", action), "points": earned.points, "there": there}
    return render(request, "loyalty/storefront/followed.html", facts)
