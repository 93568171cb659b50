"""The preference page: what a person wants to get, by which way, how often and in which language."""

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache

from thereafter.commerce.models import Customer
from thereafter.kit import clock, tokens
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.messaging import standing
from thereafter.messaging.actions import preferences as actions
from thereafter.messaging.facts import LINK_DAYS
from thereafter.messaging.rules.addresses import shortened
from thereafter.messaging.rules.contact_rules import CHANNELS
from thereafter.messaging.rules.gate import CONFIRMED, OFFERS, PACE_TRAIT, Facts
from thereafter.messaging.storefront import choosing
from thereafter.storefront import sessions
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page, signed_in_page


@never_cache
@shopper_page
def preferences(request: ShopperRequest, token: str) -> HttpResponse:
    """Reached by the signed link of a mail: no sign-in, because the law wants objecting to be easy."""
    try:
        store_id, customer_id = tokens.read("preferences", token, max_age_days=LINK_DAYS)
    except tokens.Expired:
        return refuse(request, 410)
    except (tokens.BadToken, ValueError):
        raise Http404 from None
    customer = sessions.known_customer(request.store, customer_id) if store_id == request.store.pk else None
    if customer is None:
        raise Http404
    return _page(request, customer)


@signed_in_page
def account(request: ShopperRequest) -> HttpResponse:
    return _page(request, request.customer)


def _page(request: ShopperRequest, customer: Customer) -> HttpResponse:
    customer.store, now = request.store, clock.now()
    facts = standing.of_customer(customer, now)
    language = translation.get_language() or "en"
    offered = choosing.sections(
        facts, shop=request.store.name, language=language, shop_language=request.store.locale[:2]
    )
    if request.method == "POST":
        return _back(request, _keep(request, customer, offered, _theirs(facts)))
    waits = facts.said.get(("email", OFFERS))
    context = {
        "sections": offered,
        "languages_offered": settings.LANGUAGES,
        "spoken": (customer.locale or request.store.locale).replace("_", "-").split("-")[0].lower(),
        "pace": customer.trait(PACE_TRAIT, ""),
        "done": request.GET.get("done", ""),
        "unconfirmed": bool(
            waits and waits.granted and facts.rules.consent.double_opt_in == "all" and waits.source != CONFIRMED
        ),
    }
    return render(request, "messaging/storefront/preferences.html", context)


def _theirs(facts: Facts) -> dict[str, str]:
    """By channel; a ticket goes to the shop and is none of theirs."""
    return {channel: facts.addresses[channel] for channel in CHANNELS if channel in facts.addresses}


def _keep(
    request: ShopperRequest, customer: Customer, offered: list[choosing.Section], addresses: dict[str, str]
) -> str:
    now, place = clock.now(), place_of(request)
    if "leave" in request.POST:
        actions.leave(customer, addresses, source=actions.PAGE, place=place, now=now)
        return "left"
    chosen = choosing.choices(offered, request.POST)
    waits = actions.choose(customer, chosen, addresses, source=actions.PAGE, place=place, now=now)
    if "pace" in request.POST:
        actions.choose_pace(customer, request.POST["pace"])
    if request.POST.get("language") in dict(settings.LANGUAGES):
        actions.speak(customer, request.POST["language"])
    return "confirm" if waits else "saved"


def place_of(request: ShopperRequest) -> str:
    """From where, for the evidence: no more of the address than says from which network."""
    seen = shortened(client_address(request))
    return f"from {seen}" if seen else "from an unknown address"


def _back(request: ShopperRequest, done: str) -> HttpResponse:
    spoken = request.POST.get("language", "")
    more = f"&lang={spoken}" if spoken in dict(settings.LANGUAGES) else ""
    return HttpResponseRedirect(f"{request.path}?done={done}{more}")


@never_cache
@shopper_page
def confirm(request: ShopperRequest, token: str) -> HttpResponse:
    """The link of the double opt-in. Mail scanners open every link, so only the button counts."""
    try:
        store_id, customer_id, address, shown = tokens.read("confirm-offers", token, max_age_days=actions.CONFIRM_DAYS)
    except tokens.Expired:
        return refuse(request, 410)
    except (tokens.BadToken, ValueError):
        raise Http404 from None
    customer = sessions.known_customer(request.store, customer_id) if store_id == request.store.pk else None
    if customer is None or customer.email.lower() != address:
        raise Http404
    customer.store = request.store
    if request.method == "POST":
        actions.confirm(customer, shown=str(shown), place=place_of(request), now=clock.now())
        return HttpResponseRedirect(f"{request.path}?done=1")
    link = tokens.sign("preferences", request.store.pk, customer.pk)
    context = {
        "address": customer.email,
        "done": request.GET.get("done") == "1",
        "preferences_url": reverse("messaging_storefront:preferences", args=[request.store.slug, link]),
    }
    return render(request, "messaging/storefront/confirm.html", context)
