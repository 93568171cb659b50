"""Taking a reward: what it costs and what remains, one press, then the code; and all that was taken."""

import secrets
from typing import Any

from babel.core import Locale
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from thereafter.kit import clock
from thereafter.kit.pages import language, render
from thereafter.loyalty import rewards_shown, words
from thereafter.loyalty.actions import gifts
from thereafter.loyalty.actions.redemptions import Refused
from thereafter.loyalty.models import Redemption, Reward
from thereafter.loyalty.queries import rewards as asking
from thereafter.loyalty.queries import standings
from thereafter.loyalty.queries.standings import Offer, Standing
from thereafter.loyalty.rules import rewards as rules
from thereafter.loyalty.storefront.doors import member_page
from thereafter.loyalty.storefront.forms import AddressForm
from thereafter.storefront.guards import ShopperRequest
from thereafter.storefront.links import order_token

LONGEST_NUMBER = 9
COUNTRY_LETTERS = 2

LONGEST_KEY = 40


@member_page
def take(request: ShopperRequest, one: Standing, key: str) -> HttpResponse:
    """The page asks whether it is meant; a press takes it. The key in its form makes a second press harmless."""
    now = clock.now()
    offer = next((each for each in standings.offers(one, now) if each.reward.key == key), None)
    if request.method == "POST":
        return _taken(request, one, key, offer)
    if offer is None:
        raise Http404
    return _ask(request, one, offer, _address_form(request, one) if offer.reward.kind == rules.GIFT else None)


def _taken(request: ShopperRequest, one: Standing, key: str, offer: Offer | None) -> HttpResponse:
    reward = offer.reward if offer else get_object_or_404(Reward.objects.of(request.store), key=key)
    form = _address_form(request, one) if reward.kind == rules.GIFT else None
    if form is not None and not form.is_valid():
        return _refused(request, one, offer, form, "")
    chosen, once = request.POST.get("points", ""), request.POST.get("once", "")[:LONGEST_KEY]
    asked = gifts.Wanted(
        reward=reward,
        key=f"page:{one.member.pk}:{once}",
        points=int(chosen) if reward.is_stepped and chosen.isdecimal() and len(chosen) <= LONGEST_NUMBER else None,
        address=form.cleaned_data if form else {},
    )
    try:
        redemption = gifts.take(request.customer, asked, now=clock.now())
    except Refused as refused:
        return _refused(request, one, offer, form, _(words.REFUSALS.get(refused.reason, words.ANY_REFUSAL)))
    return redirect("loyalty_storefront:redemption", request.store.slug, redemption.pk)


def _refused(
    request: ShopperRequest, one: Standing, offer: Offer | None, form: AddressForm | None, problem: str
) -> HttpResponse:
    if offer is None:
        raise Http404
    return _ask(request, one, offer, form, problem, status=422)


def _ask(
    request: ShopperRequest, one: Standing, offer: Offer, form: AddressForm | None, problem: str = "", status: int = 200
) -> HttpResponse:
    facts: dict[str, Any] = {
        "offer": offer,
        "shown": rewards_shown.asked(one, offer, clock.now()),
        "once": secrets.token_urlsafe(12),
        "form": form,
        "problem": problem,
    }
    return render(request, "loyalty/storefront/take.html", facts, status=status)


def _address_form(request: ShopperRequest, one: Standing) -> AddressForm:
    names = Locale.parse(language()).territories
    countries = sorted(
        ((code, name) for code, name in names.items() if len(code) == COUNTRY_LETTERS), key=lambda pair: pair[1]
    )
    countries = [("", "–"), *countries]
    known = asking.last_address(request.store.pk, one.member.customer_id)
    return AddressForm(request.POST or None, initial=known or {"country": request.store.country}, countries=countries)


@member_page
def mine(request: ShopperRequest, one: Standing) -> HttpResponse:
    """All rewards that were taken, what can be used first."""
    rows = asking.redemptions(request.store).filter(account=one.account, reward__isnull=False) if one.account.pk else ()
    now = clock.now()
    shown = [rewards_shown.redemption(redemption, now) for redemption in rows]
    facts = {"ready": [each for each in shown if each.is_live], "past": [each for each in shown if not each.is_live]}
    return render(request, "loyalty/storefront/mine.html", facts)


@member_page
def redemption(request: ShopperRequest, one: Standing, redemption_id: int) -> HttpResponse:
    """What was taken, how it is used, until when."""
    rows: Any = asking.redemptions(request.store).exclude(state=Redemption.State.HELD)
    found = get_object_or_404(
        rows, pk=redemption_id, account=one.account if one.account.pk else 0, reward__isnull=False
    )
    shown = rewards_shown.redemption(found, clock.now())
    facts = {"shown": shown, "order_token": order_token(found.order) if found.order else ""}
    return render(request, "loyalty/storefront/redemption.html", facts)
