"""The shopper lets a card be held, so that the new goods leave at once, and comes back."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns import holding
from thereafter.returns.actions import holds
from thereafter.returns.charging import NotNow
from thereafter.returns.models import Case, Hold
from thereafter.returns.storefront.doors import case_holder, may_try
from thereafter.storefront.guards import ShopperRequest, refuse
from thereafter.storefront.rules import FOR_ORDER

State = Hold.State


@require_POST
@case_holder
def at_once(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    """Leads on to the page of the provider, by a page of ours as `paying.pay` does."""
    if not may_try(request, {f"pay:{case.pk}": FOR_ORDER}):
        return refuse(request, 429)
    try:
        held = holding.open_page(case, now=clock.now())
    except holds.NothingToHold:
        return _back(request, token, "not_held")
    except NotNow:
        return _back(request, token, "pay_later")
    if held.state != State.OPEN or not held.page_url:
        return _back(request, token, "held" if held.state == State.HELD else "pay_later")
    context = {"case": case, "token": token, "payment": held, "label": _("Send the new one at once")}
    response = render(request, "returns/storefront/pay.html", context)
    response["Refresh"] = f"0; url={held.page_url}"
    return response


@require_safe
@case_holder
def held(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    """Back from the provider's page, which is asked what became of it, whether or not it has told us."""
    rows = Hold.objects.of(case.store_id).filter(case=case).select_related("case__order__store")
    last = rows.exclude(page_ref="").order_by("-pk").first()
    if last is not None and last.state in Hold.LIVE and may_try(request, {f"paid:{case.pk}": FOR_ORDER}):
        try:
            last = holding.look_up(last, now=clock.now())
        except NotNow:
            return _back(request, token, "not_held_yet")
    return _back(request, token, "held" if last and last.state == State.HELD else "not_held")


def _back(request: ShopperRequest, token: str, said: str) -> HttpResponse:
    page = reverse("returns_storefront:case", args=[request.store.slug, token])
    return HttpResponseRedirect(f"{page}?said={said}")
