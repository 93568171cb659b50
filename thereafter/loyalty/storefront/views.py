"""The programme's first page, for members and for others; history, tiers, birthday."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from thereafter.commerce.models import Customer
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty import history as lines
from thereafter.loyalty import showing
from thereafter.loyalty.actions import members
from thereafter.loyalty.queries import programmes, standings
from thereafter.loyalty.queries.standings import Standing
from thereafter.loyalty.storefront import doors, public
from thereafter.loyalty.storefront.doors import member_page
from thereafter.loyalty.storefront.forms import BirthdayForm
from thereafter.storefront import sessions
from thereafter.storefront.guards import ShopperRequest, shopper_page
from thereafter.storefront.links import order_token

LONGEST_PAGE = 4

LINES = 25
FIRST_OFFERS = 6


@require_safe
@shopper_page
def home(request: ShopperRequest) -> HttpResponse:
    """A member's own page, or what the programme gives and how to join."""
    customer = sessions.customer_of(request, request.store)
    member = doors.member_of(customer)
    if member is None:
        return _welcome(request, customer)
    one = standings.standing(member, clock.now())
    request.page_context = {**request.page_context, **doors.common(request.store, one)}
    return doors.private(render(request, "loyalty/storefront/home.html", _home(request, one)))


def _home(request: ShopperRequest, one: Standing) -> dict[str, Any]:
    now = clock.now()
    offers = standings.offers(one, now)
    entries = lines.page(one.account, "", 0, 4) if one.account.pk else []
    return {
        "waiting": showing.waiting(one.account, one.version, now),
        "progress": showing.progress_of(request.store, one, now),
        "worth": showing.best_worth(one, offers),
        "offers": showing.offers_shown(one, offers),
        "first_offers": FIRST_OFFERS,
        "ways": showing.ways(request.store, one.version, one.account, now),
        "extras": showing.running_extras(one.version.programme, now),
        "lines": lines.told(one.version.programme, entries),
        "referral": showing.referral(one.version.programme),
        "birthday": _birthday_form(one),
        "said": request.GET.get("said", ""),
        "links": {"order": order_token},
    }


def _birthday_form(one: Standing) -> BirthdayForm | None:
    """Only where it brings something and was not told yet: a birthday does not change."""
    brings = one.version.programme.birthday is not None or any(
        tier.benefits.birthday_points for tier in one.version.programme.tiers
    )
    return BirthdayForm() if brings and one.member.birth_month is None else None


def _welcome(request: ShopperRequest, customer: Customer | None) -> HttpResponse:
    facts = public.facts(request.store, clock.now())
    if customer is not None:
        facts |= {"customer": customer, "reach_back": public.reach_back(customer, clock.now())}
    response = render(
        request, "loyalty/storefront/public.html", {**facts, "is_open": doors.is_open(request.store, customer)}
    )
    return doors.private(response) if customer else response


@require_safe
@member_page
def history(request: ShopperRequest, one: Standing) -> HttpResponse:
    """All that ever happened to the points, in plain words."""
    show = request.GET.get("show", "")
    show = show if show in lines.FILTERS else ""
    number = int(asked) if (asked := request.GET.get("page", "1")).isdecimal() and len(asked) <= LONGEST_PAGE else 1
    start = max(0, number - 1) * LINES
    entries = lines.page(one.account, show, start, LINES + 1) if one.account.pk else []
    facts = {
        "lines": lines.told(one.version.programme, entries[:LINES]),
        "show": show,
        "number": number,
        "has_more": len(entries) > LINES,
        "links": {"order": order_token},
    }
    return render(request, "loyalty/storefront/history.html", facts)


@require_safe
@shopper_page
def tiers(request: ShopperRequest) -> HttpResponse:
    """What each tier asks and gives; of a member also where they stand."""
    one = doors.standing_of(request)
    version = one.version if one else programmes.programme_now(request.store.pk)
    facts: dict[str, Any] = {
        **public.naming(request.store, version.programme),
        "tiers": public.tiers(request.store, version.programme),
        "standing": version.programme.tier,
        "one": one,
        "progress": showing.progress_of(request.store, one, clock.now()) if one else None,
    }
    response = render(request, "loyalty/storefront/tiers.html", facts)
    return doors.private(response) if one else response


@require_POST
@member_page
def birthday(request: ShopperRequest, one: Standing) -> HttpResponse:
    form = BirthdayForm(request.POST)
    if not form.is_valid():
        facts = {**_home(request, one), "birthday": form}
        return render(request, "loyalty/storefront/home.html", facts, status=422)
    if one.member.birth_month is None:
        chosen = form.cleaned_data
        members.set_birthday(one.member, month=chosen["month"], day=chosen["day"], now=clock.now())
    return redirect(f"{reverse('loyalty_storefront:home', args=[request.store.slug])}?said=birthday")
