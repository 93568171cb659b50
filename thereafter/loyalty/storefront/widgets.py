"""The programme on the merchant's own site: a script that puts a page of ours into a frame, and JSON for a theme.

The frame may stand on the sites named in the settings only. Browsers keep our cookie inside another site only where
the pages of the programme share its domain; there a member sees the balance, elsewhere the way to it.
"""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty import words
from thereafter.loyalty.actions import card_keys
from thereafter.loyalty.queries import standings
from thereafter.loyalty.storefront import doors, public
from thereafter.storefront import embedding
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.links import page


@require_safe
@shopper_page
def widget(request: ShopperRequest) -> HttpResponse:
    """Balance or invitation to join, and the ways to earn; without the shop's head and foot."""
    wanted = embedding.site_of(request)
    if wanted not in card_keys.origins_of(request.store):
        return refuse(request, 403)
    one = doors.standing_of(request)
    facts: dict[str, Any] = {**public.facts(request.store, clock.now()), "framed_by": wanted, "one": one}
    if one is not None:
        facts |= doors.common(request.store, one)
        facts["ready"] = sum(not offer.why_not for offer in standings.offers(one, clock.now()))
    response = doors.private(render(request, "loyalty/storefront/widget.html", facts))
    return embedding.framed(request, response, wanted)


@require_safe
@shopper_page
def script(request: ShopperRequest) -> HttpResponse:
    """Puts the programme into the merchant's page: `<div data-thereafter-rewards></div>`."""
    return embedding.frame_script(
        request,
        place="data-thereafter-rewards",
        page=page(request.store, "loyalty_storefront:widget"),
        title=lambda: _("Points and rewards"),
        highest=2400,
    )


@require_safe
@shopper_page
def programme(request: ShopperRequest) -> HttpResponse:
    """What everybody may know of the programme, for the shop's theme to draw itself. Nothing of any member."""
    facts = public.facts(request.store, clock.now())
    body = {
        "name": facts["programme_name"],
        "points": words.unit(facts["programme"], 2),
        "open": doors.is_open(request.store),
        "page": page(request.store, "loyalty_storefront:home"),
        "ways": [
            {"key": way.key, "name": way.name, "points": way.points, "limit": way.limit, "url": way.url}
            for way in facts["ways"]
        ],
        "extras": facts["extras"],
        "tiers": [{"name": tier.name, "from": tier.entry, "gains": tier.gains} for tier in facts["tiers"]],
        "rewards": [
            {"name": one.name, "text": one.text, "cost": one.cost, "image": one.image_url} for one in facts["rewards"]
        ],
        "referral": _referral(facts),
    }
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=300"
    return response


def _referral(facts: dict[str, Any]) -> dict[str, Any] | None:
    told = facts["referral"]
    return {"points": told.points, "friend": told.friend_points, "gift": told.has_gift} if told else None
