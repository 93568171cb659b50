"""Claims against carriers: what was asked of them, what they answered, and the file to send them."""

import csv
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock, money
from thereafter.kit.pages import render
from thereafter.kit.tables import harmless
from thereafter.tracking.actions import watching as actions
from thereafter.tracking.actions.watching import NotPossible
from thereafter.tracking.console.watch_words import REASONS
from thereafter.tracking.models import CarrierClaim

PAGE = 50
State = CarrierClaim.State
STATES = {
    State.OPEN: ("To file", "warn"),
    State.FILED: ("Filed", "info"),
    State.PAID: ("Paid", "good"),
    State.DENIED: ("Denied", "neutral"),
}


@require_safe
@staff_page("tracking.read")
def claims(request: StaffRequest) -> HttpResponse:
    chosen = request.GET.get("state", "")
    rows = CarrierClaim.objects.of(request.store).select_related("parcel__order__customer", "opened_by")
    rows = rows.filter(state=chosen) if chosen in State.values else rows
    page = Paginator(rows.order_by("-opened_at", "-id"), PAGE).get_page(request.GET.get("page"))
    address = reverse("tracking_console:claims", args=[request.store.slug])
    context = {
        "page": page,
        "rows": [_facts(claim) for claim in page],
        "tabs": [
            {"label": label, "url": f"{address}?state={name}", "current": name == chosen}
            for name, label in (("", "All"), *((state.value, words) for state, (words, _) in STATES.items()))
        ],
        "states": [(state.value, words) for state, (words, _) in STATES.items()],
        "query": f"?state={chosen}&page=",
        "is_new": not chosen and not page.paginator.count,
        "may_act": request.membership.may("tracking.edit"),
    }
    return render(request, "tracking/console/claims.html", context)


def _facts(claim: CarrierClaim) -> dict[str, Any]:
    words, tone = STATES[State(claim.state)]
    amount = money.Money(claim.amount_minor, claim.currency)
    return {
        "claim": claim,
        "state": words,
        "tone": tone,
        "reason": dict(REASONS)[claim.reason],
        "amount": amount.amount,
    }


@require_POST
@staff_page("tracking.edit")
def change(request: StaffRequest, claim_id: int) -> HttpResponse:
    rows = CarrierClaim.objects.of(request.store).select_related("parcel", "store")
    claim = get_object_or_404(rows, pk=claim_id)
    given = request.POST
    try:
        amount = _minor(given.get("amount", ""), claim.currency)
        state, reference = given.get("state", ""), given.get("reference", "")
        actions.change_claim(
            claim, state=state, reference=reference, amount_minor=amount, by=request.staff, now=clock.now()
        )
        messages.success(request, "Saved.")
    except NotPossible as problem:
        messages.error(request, str(problem))
    return HttpResponseRedirect(reverse("tracking_console:claims", args=[request.store.slug]))


def _minor(text: str, currency: str) -> int:
    try:
        return money.to_minor(text.replace(",", "."), currency)
    except money.NotMoney:
        raise NotPossible("Give the amount as a number, such as 49.90.") from None


@require_safe
@staff_page("tracking.read")
def file(request: StaffRequest) -> HttpResponse:
    """The claims that are to be filed, as carriers' claim desks take them."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="claims.csv"'
    write = csv.writer(response)
    write.writerow(
        [
            "carrier",
            "tracking_number",
            "order",
            "reason",
            "shipped_on",
            "promised_on",
            "amount",
            "currency",
            "opened_on",
        ]
    )
    rows = CarrierClaim.objects.of(request.store).filter(state=State.OPEN).select_related("parcel__order")
    for claim in rows.order_by("parcel__carrier", "opened_at"):
        parcel = claim.parcel
        write.writerow(
            [
                harmless(parcel.carrier),
                harmless(parcel.tracking_number),
                harmless(parcel.order.number),
                claim.reason,
                parcel.shipped_at.date() if parcel.shipped_at else "",
                parcel.promised_on or "",
                money.Money(claim.amount_minor, claim.currency).amount,
                claim.currency,
                claim.opened_at.date(),
            ]
        )
    return response
