"""Who may open a member's pages: whoever is signed in and takes part; others are led to the programme's first page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.commerce.models import Customer
from thereafter.kit import clock
from thereafter.loyalty import words
from thereafter.loyalty.models import Member
from thereafter.loyalty.queries import programmes, standings
from thereafter.loyalty.queries.standings import Standing
from thereafter.storefront import sessions
from thereafter.storefront.guards import ShopperRequest, shopper_page
from thereafter.stores.models import Store

View = Callable[..., HttpResponse]


def member_page(view: View) -> View:
    """The view gets `one`, the member's standing."""

    def checked(request: ShopperRequest, **kwargs: Any) -> HttpResponse:
        one = standing_of(request)
        if one is None:
            return redirect("loyalty_storefront:home", request.store.slug)
        request.page_context = {**request.page_context, **common(request.store, one)}
        return private(view(request, one=one, **kwargs))

    return shopper_page(wraps(view)(checked))


def standing_of(request: ShopperRequest) -> Standing | None:
    customer = sessions.customer_of(request, request.store)
    member = member_of(customer)
    if customer is None or member is None:
        return None
    request.customer = customer
    return standings.standing(member, clock.now())


def private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response


def common(store: Store, one: Standing) -> dict[str, Any]:
    """What every page of a member needs to speak of points."""
    programme = one.version.programme
    return {
        "one": one,
        "programme": programme,
        "programme_name": words.programme_name(programme, store.name),
        "words": words,
        "unit": words.unit(programme, one.account.available),
    }


def member_of(customer: Customer | None) -> Member | None:
    """Who was left without the programme for comparison sees the pages as somebody who does not take part."""
    member = standings.member_of(customer)
    return None if member is None or member.is_held_out else member


def is_open(store: Store, customer: Customer | None = None) -> bool:
    """Whether people, or this one, may join. A shop that has never set up a programme has the usual one, which is
    open."""
    row = programmes.row_of(store.pk)
    held_out = Member.objects.of(store).filter(customer=customer, is_held_out=True) if customer else None
    return (row is None or row.is_open) and not (held_out and held_out.exists())
