"""The programme on the merchant's own site: a script that puts a page of ours into a frame, and JSON for a theme.

The frame may stand on the sites named in the settings only. Browsers keep our cookie inside another site only where
the pages of the programme share its domain; there a member sees the balance, elsewhere the way to it.
"""

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty import words
from thereafter.loyalty.actions import card_keys
from thereafter.loyalty.queries import standings
from thereafter.loyalty.storefront import doors, public
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.links import page
from thereafter.storefront.shell import choose_language


@require_safe
@shopper_page
def widget(request: ShopperRequest) -> HttpResponse:
    """Balance or invitation to join, and the ways to earn; without the shop's head and foot."""
    wanted = request.GET.get("in", "").rstrip("/").lower()
    if wanted not in card_keys.origins_of(request.store):
        return refuse(request, 403)
    one = doors.standing_of(request)
    facts: dict[str, Any] = {**public.facts(request.store, clock.now()), "framed_by": wanted, "one": one}
    if one is not None:
        facts |= doors.common(request.store, one)
        facts["ready"] = sum(not offer.why_not for offer in standings.offers(one, clock.now()))
    response = doors.private(render(request, "loyalty/storefront/widget.html", facts))
    nonce = getattr(request, "csp_nonce", "")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; style-src 'self' 'nonce-{nonce}'; script-src 'self' 'nonce-{nonce}'; "
        f"img-src 'self' data: https:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {wanted}"
    )
    return response


@require_safe
@shopper_page
def script(request: ShopperRequest) -> HttpResponse:
    """Puts the programme into the merchant's page: `<div data-thereafter-rewards></div>`."""
    config = {
        "page": page(request.store, "loyalty_storefront:widget"),
        "language": choose_language(request.store.locale),
        "title": {code: _title(code) for code, _name in settings.LANGUAGES},
    }
    written = json.dumps(config, ensure_ascii=False, separators=(",", ":"))
    body = f"globalThis.thereafterRewards={written};\n{_element()}"
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@lru_cache(maxsize=16)
def _title(language: str) -> str:
    with translation.override(language):
        return _("Points and rewards")


@lru_cache(maxsize=1)
def _element() -> str:
    found = finders.find("loyalty/rewards.js")
    with open(str(found), encoding="utf-8") as file:
        return file.read()


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
