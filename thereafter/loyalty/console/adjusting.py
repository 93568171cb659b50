"""What somebody of the shop does for a member by hand, each with its reason."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from thereafter.commerce.models import Customer
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock, tokens
from thereafter.kit.pages import number, render
from thereafter.loyalty.actions import granting, points, reward_orders, tiers
from thereafter.loyalty.actions.redemptions import Refused
from thereafter.loyalty.console.forms import AdjustForm, CancelForm, GrantForm, TierForm
from thereafter.loyalty.console.member import customer_of
from thereafter.loyalty.models import Redemption
from thereafter.loyalty.queries import ledger, member_pages
from thereafter.loyalty.queries.programmes import Version, programme_now

REFUSED = {
    "limit_reached": "The programme gives points for this only so often, and the member had them.",
    "not_a_member": "This customer does not take part, or is left without rewards for comparison.",
    "unknown_action": "The programme gives no points for this any more.",
}


@staff_page("loyalty.adjust")
def adjust(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Points added or taken; or points for a deed that nobody told us of."""
    customer, version, now = customer_of(request, customer_id), programme_now(request.store.pk), clock.now()
    if customer.merged_into_id:
        raise Http404
    form, grant = _forms(request, version, now)
    done = (
        _granted(request, customer, grant, now) if "action" in request.POST else _adjusted(request, customer, form, now)
    )
    if done:
        return _back(request, customer)
    context = {
        "page_title": f"Points of {customer}",
        "customer": customer,
        "account": ledger.account_of(customer),
        "form": form,
        "grant": grant if grant.fields["action"].choices else None,  # type: ignore[attr-defined]  # it is a ChoiceField
    }
    return render(request, "loyalty/console/adjust.html", context)


def _forms(request: StaffRequest, version: Version, now: datetime) -> tuple[AdjustForm, GrantForm]:
    is_grant = "action" in request.POST
    sent: Any = request.POST or None
    once = {"once": tokens.random_token()[:40]}
    form = AdjustForm(
        None if is_grant else sent, today=now.astimezone(version.zone).date(), zone=version.zone, initial=once
    )
    grant = GrantForm(
        sent if is_grant else None, programme=version.programme, initial=once, prefix=None, auto_id="grant_%s"
    )
    return form, grant


def _back(request: StaffRequest, customer: Customer) -> HttpResponse:
    return redirect("loyalty_console:member", request.store.slug, customer.pk)


def _adjusted(request: StaffRequest, customer: Customer, form: AdjustForm, now: datetime) -> bool:
    """Whether it is done now, or was by the first press of the button; else the form says why not."""
    if not form.is_valid():
        return False
    try:
        points.adjust(
            customer,
            points=form.cleaned_data["points"],
            reason=form.cleaned_data["reason"],
            source=f"adjust:{form.cleaned_data['once']}",
            by=request.staff,
            now=now,
            expires_at=form.expires_at,
        )
    except (points.NotEnoughPoints, points.ZeroPoints, points.KeyReused) as refusal:
        form.add_error("points", str(refusal))
        return False
    messages.success(request, f"The points of {customer} are changed.")
    return True


def _granted(request: StaffRequest, customer: Customer, form: GrantForm, now: datetime) -> bool:
    if not form.is_valid():
        return False
    said = form.cleaned_data
    earned = granting.grant(customer, said["action"], key=said["once"], why=said["why"], by=request.staff, now=now)
    if earned.result == "refused":
        form.add_error("action", REFUSED.get(earned.reason, "No points are given for this now."))
        return False
    if earned.points:
        messages.success(request, f"{customer} has {number(earned.points)} points more.")
    return True


@staff_page("loyalty.adjust")
def set_tier(request: StaffRequest, customer_id: int) -> HttpResponse:
    customer, version = customer_of(request, customer_id), programme_now(request.store.pk)
    member = member_pages.find(request.store, customer.pk)
    if member is None or member.left_at or not version.programme.tiers:
        raise Http404
    form = TierForm(request.POST or None, programme=version.programme, initial={"tier": member.tier})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        tiers.set_by_hand(member, said["tier"], by=request.staff, why=said["why"], now=clock.now())
        tier = version.programme.tier_of(said["tier"])
        messages.success(request, f"{customer} has {tier.name if tier else 'no tier'} now.")
        return _back(request, customer)
    context = {
        "page_title": f"Tier of {customer}",
        "customer": customer,
        "title": f"Tier of {customer}",
        "text": "It is kept until its term ends, or, where your tiers have no terms, until somebody changes it again. "
        "Points for reaching a tier are not given.",
        "button": "Set the tier",
        "form": form,
    }
    return render(request, "loyalty/console/member_act.html", context)


@staff_page("loyalty.adjust")
def cancel(request: StaffRequest, customer_id: int, redemption_id: int) -> HttpResponse:
    customer = customer_of(request, customer_id)
    one = member_pages.redemption(request.store, customer, redemption_id)
    if one is None:
        raise Http404
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _cancelled(request, one, form):
        messages.success(request, "It is cancelled, and the points are back where they came from.")
        return _back(request, customer)
    name = one.said.get("name") or "Points at the checkout"
    context = {
        "page_title": f"Cancel: {name}",
        "customer": customer,
        "title": f"Cancel: {name}",
        "text": f"{number(one.points - one.restored)} points go back to the lots they came from; those that ran out "
        "meanwhile follow your programme. A code that was not used stops working.",
        "button": "Cancel it",
        "form": form,
    }
    return render(request, "loyalty/console/member_act.html", context)


def _cancelled(request: StaffRequest, one: Redemption, form: CancelForm) -> bool:
    try:
        reward_orders.cancel(one, why=form.cleaned_data["why"], by=request.staff, now=clock.now())
    except Refused as refusal:
        form.add_error(None, f"It cannot be cancelled. {refusal}")
        return False
    return True
