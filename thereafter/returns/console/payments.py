"""How refunds go out: accounts with payment providers, who pays back which way of paying, rates of other currencies."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.commerce.models import ShopAccess, Tender
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.console.sources import offered
from thereafter.kit import clock
from thereafter.kit.pages import humanise, render, url
from thereafter.returns.actions import accounts, checkout_credit, return_settings
from thereafter.returns.actions.accounts import BadCredentials
from thereafter.returns.actions.exchange_rates import set_rate
from thereafter.returns.case_words import counted
from thereafter.returns.checkouts.registry import CHECKOUTS
from thereafter.returns.console.payment_forms import BY_ITSELF, AccountForm, CheckoutForm, HoldForm, RateForm, RouteForm
from thereafter.returns.models import ExchangeRate, PaymentAccount, RefundRoute
from thereafter.returns.payments import registry
from thereafter.returns.payments.adapters import Account, BadAccount, Later
from thereafter.returns.queries import settings_of
from thereafter.stores.models import Store

# Ways of paying are taken from so many of the newest payments.
NEWEST = 2_000


@staff_page("settings.edit")
def settings(request: StaffRequest) -> HttpResponse:
    """One page with a form for each matter; a form that was not sent is shown as it stands."""
    sent = request.POST.get("form", "") if request.method == "POST" else ""
    account = PaymentAccount.objects.of(request.store).select_related("store").filter(provider=registry.STRIPE).first()
    known = accounts.unsealed(account) if account else {}
    provider = registry.PROVIDERS[registry.STRIPE]
    form = AccountForm(provider, known, request.POST if sent == "account" else None)
    routes = RouteForm(_kinds(request.store), _options(request.store), request.POST if sent == "routes" else None)
    rates = RateForm(request.store.currency, request.POST if sent == "rate" else None)
    chosen = settings_of(request.store).credit_checkout
    checkout = CheckoutForm(
        _checkouts(request.store), request.POST if sent == "checkout" else None, initial={"checkout": chosen}
    )
    instant = HoldForm(request.POST if sent == "instant" else None, initial=_instant(request.store))
    done = {
        "instant": lambda: instant.is_valid() and _set_instant(request, instant),
        "checkout": lambda: checkout.is_valid() and _choose_checkout(request, checkout),
        "account": lambda: form.is_valid() and _connect(request, form, known),
        "forget": lambda: account is not None and _forget(request, account),
        "routes": lambda: routes.is_valid() and _route(request, routes),
        "rate": lambda: rates.is_valid() and _rate(request, rates),
    }
    if sent in done and done[sent]():
        return redirect("returns_console:refund_settings", request.store.slug)
    context = {
        "account": account,
        "form": form,
        "provider": provider,
        "webhook": next((one.address(request.store) for one in offered() if one.name == registry.STRIPE), ""),
        "shops": _shops(request.store),
        "routes": routes,
        "checkout_form": checkout,
        "instant_form": instant,
        "rate_form": rates,
        "rates": ExchangeRate.objects.of(request.store).order_by("currency", "-on")[:50],
        "page_title": "How refunds go out",
    }
    return render(request, "returns/console/refund_settings.html", context)


def _connect(request: StaffRequest, form: AccountForm, known: dict[str, str]) -> bool:
    """The key is tried before it is kept; when Stripe cannot be reached it is kept, and that is said."""
    try:
        kept = accounts.completed(registry.STRIPE, form.cleaned_data, known)
        found, unproved = _try(kept)
    except (BadCredentials, BadAccount) as wrong:
        form.add_error(None, str(wrong))
        return False
    accounts.set_account(request.store, registry.STRIPE, kept, found, by=request.staff, now=clock.now())
    if unproved:
        messages.warning(request, f"The key is kept, but could not be tried: {unproved}")
    else:
        messages.success(request, "Stripe takes our key. Refunds that waited for it go out now.")
    return True


def _try(kept: Mapping[str, str]) -> tuple[Account, str]:
    """What Stripe says of the key, or what the key says of itself and why Stripe could not be asked."""
    try:
        return registry.check(registry.STRIPE, kept), ""
    except Later as later:
        key = kept["secret_key"]
        return Account(f"Key ending in {key[-4:]}", "_test_" in key), str(later)


def _forget(request: StaffRequest, account: PaymentAccount) -> bool:
    accounts.drop_account(account, by=request.staff, now=clock.now())
    messages.success(request, "Stripe is forgotten. What was to go out through it is done another way, or by hand.")
    return True


def _route(request: StaffRequest, form: RouteForm) -> bool:
    before = dict(RefundRoute.objects.of(request.store).values_list("kind", "adapter"))
    for kind, adapter in form.routes().items():
        if before.get(kind, "") != adapter:
            accounts.set_route(request.store, kind, adapter, by=request.staff, now=clock.now())
    messages.success(request, "Saved. It holds for refunds that go out from now on.")
    return True


def _rate(request: StaffRequest, form: RateForm) -> bool:
    given = form.cleaned_data
    set_rate(request.store, given["currency"], given["on"], given["rate"], by=request.staff, now=clock.now())
    messages.success(request, "The rate is noted.")
    return True


def _checkouts(store: Store) -> list[tuple[str, str]]:
    able = accounts.connected(store)
    return [(name, f"At the checkout of {one.title}") for name, one in CHECKOUTS.items() if name in able]


def _choose_checkout(request: StaffRequest, form: CheckoutForm) -> bool:
    chosen = form.cleaned_data["checkout"]
    if chosen == settings_of(request.store).credit_checkout:
        messages.info(request, "It was so already.")
        return True
    try:
        count = checkout_credit.choose(request.store, chosen, by=request.staff, now=clock.now())
    except checkout_credit.CannotMove as wrong:
        form.add_error("checkout", str(wrong))
        return False
    how = "goes there" if chosen else "is taken back from the checkout"
    messages.success(request, f"Saved. {counted(count, 'credit')} of today {how} now.")
    return True


def _instant(store: Store) -> dict[str, Any]:
    held = settings_of(store)
    return {name: getattr(held, name) for name in ("instant_exchange", "hold_days", "hold_kind")}


def _set_instant(request: StaffRequest, form: HoldForm) -> bool:
    return_settings.change_settings(request.store, by=request.staff, now=clock.now(), **form.cleaned_data)
    messages.success(request, "Saved. Holds that stand already stay as they were agreed.")
    return True


def _kinds(store: Store) -> list[tuple[str, str, str]]:
    """(kind, label, what was chosen) of the ways in which people paid lately."""
    chosen = dict(RefundRoute.objects.of(store).values_list("kind", "adapter"))
    newest = Tender.objects.of(store).order_by("-pk").values_list("kind", flat=True)[:NEWEST]
    kinds = sorted({*newest, *chosen} - {""})
    return [(kind, humanise(kind), chosen.get(kind, "")) for kind in kinds]


def _options(store: Store) -> list[tuple[str, str]]:
    able = [(name, registry.TITLES[name]) for name in sorted(accounts.connected(store))]
    return [(BY_ITSELF, "Who took the payment"), *able, (registry.CREDIT, "Store credit"), (registry.MANUAL, "By hand")]


def _shops(store: Store) -> list[dict[str, Any]]:
    held = {one.source: one for one in ShopAccess.objects.of(store).filter(source__in=accounts.SHOPS)}
    return [
        {
            "title": registry.TITLES[name],
            "access": held.get(name),
            "url": url("commerce_console:shop_access", store.slug, name),
            "needs": "write_orders" if name == registry.SHOPIFY else "read and write",
        }
        for name in accounts.SHOPS
    ]
