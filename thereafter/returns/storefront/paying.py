"""The shopper pays what an exchange costs more, on a page of the shop's payment provider, and comes back."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from thereafter.kit import clock
from thereafter.kit.pages import money, render
from thereafter.returns import charging
from thereafter.returns.actions import charges
from thereafter.returns.models import Case, CasePayment
from thereafter.returns.storefront.doors import case_holder, may_try
from thereafter.storefront.guards import ShopperRequest, refuse
from thereafter.storefront.rules import FOR_ORDER

State = CasePayment.State
_SAID = {
    State.PAID: "paid",
    State.UNDERWAY: "underway",
    State.OWED: "not_needed",
    State.RETURNED: "not_needed",
}


@require_POST
@case_holder
def pay(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    """Leads on to the payment page. By a page of ours, because the policy for content keeps forms within the shop."""
    if not may_try(request, {f"pay:{case.pk}": FOR_ORDER}):
        return refuse(request, 429)
    if not charges.can_pay_online(case):
        return _back(request, token, "paid" if case.charged_at else "not_needed")
    try:
        payment = charging.open_page(case, now=clock.now())
    except charges.NothingToPay:
        return _back(request, token, "not_needed")
    except charging.NotNow:
        return _back(request, token, "pay_later")
    if payment.state != State.OPEN or not payment.page_url:
        return _back(request, token, _SAID.get(State(payment.state), "pay_later"))
    label = _("Pay %(amount)s") % {"amount": money(payment.amount)}
    context = {"case": case, "token": token, "payment": payment, "label": label}
    response = render(request, "returns/storefront/pay.html", context)
    response["Refresh"] = f"0; url={payment.page_url}"
    return response


@require_safe
@case_holder
def paid(request: ShopperRequest, case: Case, token: str) -> HttpResponse:
    """Back from the payment page: the provider is asked what became of it, whether or not it has told us."""
    rows = CasePayment.objects.of(case.store_id).filter(case=case).select_related("case__order__store")
    last = rows.exclude(page_ref="").order_by("-pk").first()
    if last is None:
        return _back(request, token, "not_paid")
    if last.state in CasePayment.LIVE and may_try(request, {f"paid:{case.pk}": FOR_ORDER}):
        try:
            last = charging.look_up(last, now=clock.now())
        except charging.NotNow:
            return _back(request, token, "underway")
    return _back(request, token, _SAID.get(State(last.state), "not_paid"))


def _back(request: ShopperRequest, token: str, said: str) -> HttpResponse:
    page = reverse("returns_storefront:case", args=[request.store.slug, token])
    return HttpResponseRedirect(f"{page}?said={said}")
