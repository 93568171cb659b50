"""A refund as the shopper sees it, and its credit note, through a signed link."""

from typing import Any

from django.http import HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from thereafter.kit import tokens
from thereafter.kit.pages import render
from thereafter.returns import refund_links, refund_queries, setting_credit_notes
from thereafter.returns.models import CreditAccount, Grant, GrantShare
from thereafter.returns.refund_words import kinds_of
from thereafter.returns.snapshots import STORE_CREDIT
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page

State = GrantShare.State


@require_safe
@shopper_page
def refund(request: ShopperRequest, token: str) -> HttpResponse:
    granted = _of(request, token)
    if isinstance(granted, HttpResponse):
        return granted
    shares = list(granted.shares.select_related("grant").exclude(state=State.REROUTED).order_by("pk"))
    context = {
        "grant": granted,
        "order": granted.order,
        "amount": granted.order.money(granted.amount_minor),
        "shares": _shares(request, shares),
        "notes": refund_queries.notes_of(granted),
        "token": token,
    }
    response = render(request, "returns/storefront/refund.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
@shopper_page
def note(request: ShopperRequest, token: str, number: int) -> HttpResponse:
    """The credit note as PDF, in the language that the page is read in."""
    granted = _of(request, token)
    if isinstance(granted, HttpResponse):
        return granted
    found = refund_queries.notes_of(granted).filter(number=number).first()
    if found is None:
        return refuse(request, 404)
    found.store = request.store
    made = setting_credit_notes.pdf(found, language=translation.get_language() or "")
    headers = {"Content-Disposition": f'inline; filename="{found.name}.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


def _of(request: ShopperRequest, token: str) -> Grant | HttpResponse:
    try:
        found = refund_links.refund_of(request.store, token)
    except tokens.Expired:
        return refuse(request, 410)
    except (tokens.BadToken, ValueError, IndexError):
        return refuse(request, 404)
    return found or refuse(request, 404)


def _shares(request: ShopperRequest, shares: list[GrantShare]) -> list[dict[str, Any]]:
    kinds = kinds_of(request.store, shares)
    refs = [int(one.provider_ref.removeprefix("credit-")) for one in shares if one.provider_ref.startswith("credit-")]
    given = {f"credit-{one.pk}": one for one in CreditAccount.objects.of(request.store).filter(pk__in=refs)}
    return [
        {
            "amount": one.grant.order.money(one.amount_minor),
            "kind": kinds.get((one.grant.order_id, one.tender), ""),
            "is_credit": one.tender == STORE_CREDIT,
            "state": {State.SETTLED: "paid", State.WITHDRAWN: "withdrawn"}.get(State(one.state), "waiting"),
            "at": one.changed_at,
            "credit": given.get(one.provider_ref),
        }
        for one in shares
    ]
