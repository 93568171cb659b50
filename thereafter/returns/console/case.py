"""The page of a case: its five machines side by side, what was said and decided, and what can be done now."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns import case_words, links
from thereafter.returns.actions import charges
from thereafter.returns.console import case_facts
from thereafter.returns.console.answers import answers_for
from thereafter.returns.console.case_traces import decision
from thereafter.returns.console.queue import team
from thereafter.returns.models import Case, CasePayment, Hold, ReturnParcel
from thereafter.returns.standings import Standing, standing


@require_safe
@staff_page("returns.read")
def case(request: StaffRequest, case_id: int) -> HttpResponse:
    rows = Case.objects.of(request.store).select_related("order", "customer", "policy", "assigned_to")
    found = get_object_or_404(rows, pk=case_id)
    found.order.store = found.customer.store = request.store
    context = _facts(standing(found)) | {
        "case": found,
        "order": found.order,
        "shopper": found.customer.display_name,
        "team": [("", "Nobody"), *((str(one.pk), one.name) for one in team(request.store))],
        "words": case_words,
        **_payments(found),
        "holds": list(Hold.objects.of(found.store_id).filter(case=found, held_on__isnull=False).order_by("pk")),
        "page_title": found.number,
    }
    return render(request, "returns/console/case.html", context)


def _facts(found: Standing) -> dict[str, Any]:
    today = case_facts.today_of(found.case, clock.now())
    taken = case_facts.photos(found.case)
    head = case_facts.head(found, today)
    return {
        **head,
        "today": today,
        "items": case_facts.items(found, taken),
        "photos": [one for one in taken if one.unit_id is None],
        "parcels": case_facts.parcels(found),
        "goods": case_facts.new_goods(found),
        "money": case_facts.money(found),
        "quote": case_facts.quote(found.case),
        "steps": case_facts.machine_steps(found.case),
        "remarks": case_facts.remarks(found.case),
        "evidence": case_facts.evidence(found.case) if head["is_claim"] else None,
        "decision": decision(found.case),
        "answers": answers_for([unit.reason for unit in found.units]),
        "to_open": _to_open(found),
        "to_ship": [one for one in found.goods if one.state == "released"],
        "to_cancel": [one for one in found.goods if one.state in ("reserved", "released")],
        "waits": [one for one in found.units if not one.released_at and one.state != "cancelled"],
    }


def _payments(case: Case) -> dict[str, Any]:
    """What the shopper pays towards the case, and where."""
    if not case.quote.get("charge"):
        return {"payments": []}
    rows = CasePayment.objects.of(case.store_id).filter(case=case)
    pays_here = charges.can_pay_online(case)
    return {
        "payments": list(rows.exclude(state__in=("asked", "ended")).order_by("pk")),
        "payment_words": case_words.PAYMENT,
        "pays_here": pays_here,
        "shopper_page": links.case_page(case) if charges.due(case) else "",
    }


def _to_open(found: Standing) -> ReturnParcel | None:
    """The parcel that is opened when its items are received: the one that has arrived, else the only one."""
    closed = [one for one in found.parcels if one.opened_at is None and one.state not in ("cancelled", "expired")]
    here = [one for one in closed if one.state == "delivered"]
    return next(iter(here or closed), None)
