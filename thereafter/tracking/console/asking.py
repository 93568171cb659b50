"""On a parcel's page: whose it is and who said so, when its carrier is asked, and what a person may do about both."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.tracking.actions import corrections, planning
from thereafter.tracking.actions.planning import connected_codes
from thereafter.tracking.carriers.covering import NAMES, carrier_name, covering
from thereafter.tracking.carriers.registry import ADAPTERS
from thereafter.tracking.models import Parcel, PollPlan
from thereafter.tracking.rules.recognition import Candidate

SHOWN = 4
_SAID_BY = {"staff": "chosen by one of you", "number": "told by its number"}


def asking_facts(request: StaffRequest, parcel: Parcel) -> dict[str, Any]:
    """What the page shows of the carrier and of asking it."""
    plan = PollPlan.objects.of(request.store).filter(parcel=parcel).first()
    known = sorted({one.name for one in ADAPTERS.values() if one.kind == "carrier"} | set(NAMES.values()))
    connected = connected_codes(request.store) if not plan else set()
    return {
        "plan": plan,
        "asked_of": carrier_name(plan.adapter) if plan else "",
        "will_be_asked": bool(parcel.number_key and covering(parcel.carrier, connected)),
        "said_by": _SAID_BY.get(parcel.carrier_by, "named by the shop or a carrier") if parcel.carrier else "",
        "candidates": [] if parcel.carrier else _choices(request, parcel),
        "known_carriers": known,
    }


def _choices(request: StaffRequest, parcel: Parcel) -> list[dict[str, Any]]:
    found = [one for one in corrections.candidates(request.store, parcel) if _code(one) != corrections.POSTS]
    return [
        {"code": _code(one), "name": carrier_name(_code(one)), "why": _why(one)}
        for one in found[:SHOWN]
    ]  # fmt: skip


def _code(candidate: Candidate) -> str:
    return candidate.post or candidate.carrier


def _why(candidate: Candidate) -> str:
    if candidate.learnt:
        return "as you said of numbers like this"
    return "its check digit is right" if candidate.checked else "numbers of this carrier look like this"


def _parcel(request: StaffRequest, parcel_id: int) -> Parcel:
    return get_object_or_404(Parcel.objects.of(request.store).select_related("store", "order"), pk=parcel_id)


@require_POST
@staff_page("tracking.edit")
def change_carrier(request: StaffRequest, parcel_id: int) -> HttpResponse:
    parcel, carrier = _parcel(request, parcel_id), request.POST.get("carrier", "").strip()[:60]
    if carrier:
        corrections.correct_carrier(parcel, carrier, by=request.staff, now=clock.now())
        messages.success(request, f"It is a parcel of {parcel.carrier}, and numbers like this one are from now on.")
    else:
        messages.error(request, "Name a carrier.")
    return redirect("tracking_console:parcel", request.store.slug, parcel_id)


@require_POST
@staff_page("tracking.edit")
def ask(request: StaffRequest, parcel_id: int) -> HttpResponse:
    parcel = _parcel(request, parcel_id)
    plan = get_object_or_404(PollPlan.objects.of(request.store), parcel=parcel)
    planning.ask_again(plan, by=request.staff, now=clock.now())
    messages.success(request, f"{carrier_name(plan.adapter)} is asked now; news show up here in a moment.")
    return redirect("tracking_console:parcel", request.store.slug, parcel_id)
