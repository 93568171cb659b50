"""The shoppers' shell: the order's page, looking it up, signing in, the account."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from thereafter.kit import clock, tokens
from thereafter.kit.http import client_address
from thereafter.kit.pages import render, render_panels
from thereafter.storefront import actions, order_page, queries, rules, sessions
from thereafter.storefront.forms import LookUpForm, SignInForm
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page, signed_in_page
from thereafter.storefront.links import ACCOUNT_LINK_DAYS, order_token
from thereafter.storefront.panels import account_panel
from thereafter.storefront.shell import LANGUAGE_COOKIE


@require_safe
def order(request: HttpRequest, store_slug: str, token: str) -> HttpResponse:
    """The order's page; `hot.py` serves the same past Django when the server lets it."""
    asked = order_page.Asked(
        store_slug=store_slug,
        token=token,
        wanted=request.GET.get("lang", ""),
        cookie=request.COOKIES.get(LANGUAGE_COOKIE, ""),
        seen=request.headers.get("If-None-Match", ""),
    )
    reply = order_page.answer(asked, clock.now())
    response = HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))
    if reply.keep_language:
        response.set_cookie(LANGUAGE_COOKIE, reply.keep_language, max_age=31_536_000, samesite="Lax")
    return response


order.is_shopper_page = True  # type: ignore[attr-defined]  # finds the store of its token itself


@shopper_page
def start(request: ShopperRequest) -> HttpResponse:
    """The shop's door: find an order, or sign in."""
    customer = sessions.customer_of(request, request.store)
    return render(request, "storefront/start.html", {"form": LookUpForm(), "customer": customer})


@shopper_page
def look_up(request: ShopperRequest) -> HttpResponse:
    """Order number and something only the buyer knows. A wrong try never tells which of the two was wrong."""
    form = LookUpForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "storefront/look_up.html", {"form": form})
    number, proof = form.cleaned_data["number"], form.cleaned_data["proof"]
    named = f"order:{rules.bare_number(number)}"
    tries = {f"address:{client_address(request)}": rules.FROM_ADDRESS, named: rules.FOR_ORDER}
    if not actions.knock(request.store, tries, clock.now()):
        return refuse(request, 429)
    found = queries.order_by_proof(request.store, number, proof)
    if found is None:
        return render(request, "storefront/look_up.html", {"form": form, "not_found": True}, status=404)
    return redirect("storefront:order", request.store.slug, order_token(found))


@shopper_page
def sign_in(request: ShopperRequest) -> HttpResponse:
    """Sends a link by mail. The answer is the same whether we know the address or not."""
    form = SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "storefront/sign_in.html", {"form": form})
    now = clock.now()
    if not actions.knock(request.store, {f"address:{client_address(request)}": rules.FROM_ADDRESS}, now):
        return refuse(request, 429)
    actions.request_account_link(request.store, form.cleaned_data["email"], now)
    return render(request, "storefront/link_sent.html", {"email": form.cleaned_data["email"]})


@require_safe
@shopper_page
def account_link(request: ShopperRequest, token: str) -> HttpResponse:
    """The link of a mail signs in. It may be opened again: what it gives away is in the same mailbox anyway."""
    try:
        store_id, customer_id = tokens.read("account", token, max_age_days=ACCOUNT_LINK_DAYS)
    except tokens.Expired:
        return refuse(request, 410)
    except (tokens.BadToken, ValueError):
        return refuse(request, 404)
    customer = sessions.known_customer(request.store, customer_id) if store_id == request.store.pk else None
    if customer is None:
        return refuse(request, 404)
    response = HttpResponseRedirect(_next(request) or reverse("storefront:account", args=[request.store.slug]))
    sessions.sign_in(response, customer)
    return response


def _next(request: ShopperRequest) -> str:
    """Where the link leads on to, if that is a page of this shop."""
    there = request.GET.get("next", "")
    here = there.startswith(reverse("storefront:start", args=[request.store.slug]))
    return there if here and url_has_allowed_host_and_scheme(there, allowed_hosts=None) else ""


@signed_in_page
def account(request: ShopperRequest) -> HttpResponse:
    """The customer's orders, and what other rooms have for them."""
    orders = [{"order": one, "token": order_token(one)} for one in queries.orders_of(request.customer)]
    facts: dict[str, Any] = {
        "customer": request.customer,
        "orders": orders,
        "panels": render_panels(request, account_panel, request.customer),
    }
    return render(request, "storefront/account.html", facts)


@require_POST
@shopper_page
def sign_out(request: ShopperRequest) -> HttpResponse:
    response = redirect("storefront:start", request.store.slug)
    sessions.sign_out(response, request.store)
    return response
