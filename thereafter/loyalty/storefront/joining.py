"""Joining, by a link in a mail or by one press for who is signed in; and leaving."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.kit import clock, tokens
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.loyalty import links
from thereafter.loyalty.actions import joining, members
from thereafter.loyalty.models import Member
from thereafter.loyalty.queries.standings import Standing
from thereafter.loyalty.storefront import doors, public
from thereafter.loyalty.storefront.doors import member_page
from thereafter.loyalty.storefront.forms import JoinForm
from thereafter.storefront import actions, rules, sessions
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page


@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def join(request: ShopperRequest) -> HttpResponse:
    """One press for who is signed in; anybody else gets a mail with a link. The answer is the same whether we know the
    address or not. Who comes back to the address alone finds the page with the form."""
    if request.method != "POST":
        return redirect("loyalty_storefront:home", request.store.slug)
    customer = sessions.customer_of(request, request.store)
    if customer is not None and doors.is_open(request.store, customer):
        members.join(customer, source=Member.Source.PAGE, now=clock.now())
        return _home(request, "joined")
    form = JoinForm(request.POST)
    if not form.is_valid():
        facts = {**public.facts(request.store, clock.now()), "form": form, "is_open": doors.is_open(request.store)}
        return render(request, "loyalty/storefront/public.html", facts, status=422)
    email = form.cleaned_data["email"]
    tries = {f"address:{client_address(request)}": rules.FROM_ADDRESS, f"join:{email}": rules.FOR_EMAIL}
    if not actions.knock(request.store, tries, clock.now()):
        return refuse(request, 429)
    if not form.cleaned_data["website"]:
        joining.ask(request.store, email, language=get_language() or "", now=clock.now())
    return render(request, "loyalty/storefront/asked.html", {"email": email})


@csrf_exempt
@never_cache
@shopper_page
def confirm(request: ShopperRequest, token: str) -> HttpResponse:
    """The link of the mail. Link scanners open every link, so opening it only shows the button; a press counts."""
    try:
        asked = links.request_of(request.store, token)
    except tokens.Expired:
        return refuse(request, 410)
    except (tokens.BadToken, ValueError):
        return refuse(request, 404)
    if asked is None:
        return refuse(request, 404)
    is_known = asked.confirmed_at is not None or _is_member(request, asked.email)
    if request.method != "POST":
        facts: dict[str, Any] = {**public.facts(request.store, clock.now()), "asked": asked, "is_known": is_known}
        return render(request, "loyalty/storefront/confirm.html", {**facts, "is_open": doors.is_open(request.store)})
    if not is_known and not doors.is_open(request.store):
        return refuse(request, 404)
    member = joining.confirm(asked, now=clock.now())
    response = redirect(asked.then) if asked.then else _home(request, "" if is_known else "joined")
    sessions.sign_in(response, member.customer)
    return response


def _is_ours(request: ShopperRequest, there: str) -> bool:
    """Whether it is a page of this shop."""
    return there.startswith(f"/s/{request.store.slug}/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None)


def _is_member(request: ShopperRequest, email: str) -> bool:
    rows = Member.objects.of(request.store).filter(customer__email=email, left_at=None)
    return rows.exists()


@member_page
def leave(request: ShopperRequest, one: Standing) -> HttpResponse:
    """What is lost, and a press that does it."""
    if request.method != "POST" or request.POST.get("sure") != "yes":
        missed = request.method == "POST"
        return render(request, "loyalty/storefront/leave.html", {"missed": missed}, status=422 if missed else 200)
    members.leave(one.member, now=clock.now())
    return _home(request, "left")


def _home(request: ShopperRequest, said: str) -> HttpResponse:
    there = reverse("loyalty_storefront:home", args=[request.store.slug])
    return redirect(f"{there}?said={said}" if said else there)
