"""The withdrawal function of Directive 2011/83 Art. 11a: a statement, a button that confirms it, and a receipt.

No account, no reason, no cookie and no script are needed. Nothing is looked up when a statement comes in, so the answer
and the time it takes are the same whether there is such an order or not.
"""

import secrets
from typing import Any

import msgspec
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Order
from thereafter.kit import clock, tokens
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.returns import statements
from thereafter.returns.actions import withdrawals
from thereafter.returns.actions.withdrawals import Circumstances, TooMany
from thereafter.returns.models import Withdrawal
from thereafter.returns.statements import Declared
from thereafter.returns.storefront.forms import OrderWithdrawalForm, WithdrawalForm
from thereafter.storefront import actions as doors
from thereafter.storefront import rules
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page
from thereafter.storefront.links import ORDER_LINK_DAYS
from thereafter.stores.models import Store

STATEMENT, RECEIPT = "withdrawal-statement", "withdrawal-receipt"
# Whoever leaves the second step open over night can still press the button.
STATEMENT_DAYS, RECEIPT_DAYS = 2, 90


@csrf_exempt
@shopper_page
def withdraw(request: ShopperRequest, token: str = "") -> HttpResponse:
    """Both steps. Without a cookie: who posts it from elsewhere has to know as much as who declares it here."""
    order = None
    if token:
        try:
            order = _order(request.store, token)
        except tokens.BadToken:
            # A link that has run out takes nobody's right away: the same page asks for the number.
            return HttpResponseRedirect(reverse("returns_storefront:withdraw", args=[request.store.slug]))
    if request.method == "POST" and "statement" in request.POST:
        return _second_step(request, order)
    form = _form(order, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _shown_for_confirmation(request, order, form.declared())
    return _first_step(request, order, form)


def _order(store: Store, token: str) -> Order:
    parts = tokens.read("order", token, max_age_days=ORDER_LINK_DAYS)
    found = (
        Order.objects.of(store).select_related("store").filter(pk=parts[1]).first() if parts[0] == store.pk else None
    )
    if found is None:
        raise tokens.BadToken("no such order here")
    return found


def _form(order: Order | None, data: Any, initial: Any = None) -> WithdrawalForm:
    if order is None:
        return WithdrawalForm(data, initial=initial)
    return OrderWithdrawalForm(order.number, order.lines.order_by("id"), data, initial)


def _first_step(request: ShopperRequest, order: Order | None, form: WithdrawalForm) -> HttpResponse:
    facts = {"form": form, "order": order, "labels": statements.labels(_language())}
    return render(request, "returns/storefront/withdraw.html", facts)


def _shown_for_confirmation(request: ShopperRequest, order: Order | None, declared: Declared) -> HttpResponse:
    """Exactly what will be sent, sealed against changes until the button is pressed."""
    packed = msgspec.json.encode(declared).decode()
    sealed = tokens.sign(STATEMENT, request.store.pk, secrets.token_urlsafe(12), order.pk if order else 0, packed)
    return _confirmation(request, order, declared, sealed)


def _confirmation(request: ShopperRequest, order: Order | None, declared: Declared, sealed: str) -> HttpResponse:
    facts = {
        "order": order,
        "lines": statements.written(declared, request.store).splitlines(),
        "statement": sealed,
        "labels": statements.labels(_language()),
    }
    response = render(request, "returns/storefront/withdraw_confirm.html", facts)
    response["Cache-Control"] = "no-store"
    return response


def _second_step(request: ShopperRequest, order: Order | None) -> HttpResponse:
    try:
        nonce, declared = _unsealed(request, order)
    except (tokens.BadToken, msgspec.DecodeError, ValueError):
        return _first_step(request, order, _form(order, None))
    if "change" in request.POST:
        return _first_step(request, order, _form(order, None, initial=_typed(declared)))
    source = f"page:{nonce}"
    known = Withdrawal.objects.of(request.store).filter(source=source).first()
    if known is None:
        if not _may_try(request, declared.email):
            return refuse(request, 429)
        how = Circumstances(source=source, language=_language(), order=order)
        now = clock.now()
        try:
            known = withdrawals.declare(request.store, declared, how, declared_at=now, now=now)
        except TooMany:
            return refuse(request, 429)
    token = tokens.sign(RECEIPT, request.store.pk, known.pk)
    return HttpResponseRedirect(
        reverse("returns_storefront:withdrawal_received", args=[request.store.slug, token]), status=303
    )


def _unsealed(request: ShopperRequest, order: Order | None) -> tuple[str, Declared]:
    parts = tokens.read(STATEMENT, request.POST["statement"], max_age_days=STATEMENT_DAYS)
    store_id, nonce, order_id, packed = parts
    if store_id != request.store.pk or order_id != (order.pk if order else 0):
        raise tokens.BadToken("of another shop or order")
    return str(nonce), msgspec.json.decode(str(packed), type=Declared)


def _typed(declared: Declared) -> dict[str, Any]:
    """What stood in the form, for who wants to change it."""
    return {name: getattr(declared, name) for name in ("name", "contract", "email", "items", "postcode", "picks")}


def _may_try(request: ShopperRequest, email: str) -> bool:
    tries = {f"address:{client_address(request)}": rules.FROM_ADDRESS, f"withdrawal:{email}": rules.FOR_EMAIL}
    return doors.knock(request.store, tries, clock.now())


def _language() -> str:
    return statements.in_language(translation.get_language() or "en")


@require_safe
@shopper_page
def received(request: ShopperRequest, token: str) -> HttpResponse:
    """What was declared and when; to print, to keep, and it is on its way by mail."""
    found = _declared_before(request, token)
    if found is None:
        return refuse(request, 404)
    facts = {
        "withdrawal": found,
        "lines": found.text.splitlines(),
        "moment": statements.exact(found.declared_at, request.store.time_zone, _language()),
        "token": token,
    }
    response = render(request, "returns/storefront/withdrawal_received.html", facts)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@shopper_page
def receipt_file(request: ShopperRequest, token: str) -> HttpResponse:
    found = _declared_before(request, token)
    if found is None:
        return refuse(request, 404)
    moment = statements.exact(found.declared_at, request.store.time_zone, found.language)
    with translation.override(found.language):
        body = statements.receipt_text(found.text, moment, request.store.name)
    response = HttpResponse(body, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="withdrawal-{found.declared_at:%Y-%m-%d}.txt"'
    response["Cache-Control"] = "no-store"
    return response


def _declared_before(request: ShopperRequest, token: str) -> Withdrawal | None:
    try:
        store_id, pk = tokens.read(RECEIPT, token, max_age_days=RECEIPT_DAYS)
    except (tokens.BadToken, ValueError):
        return None
    rows = Withdrawal.objects.of(request.store)
    return rows.filter(pk=pk).first() if store_id == request.store.pk else None
