"""What is in a parcel: what was expected, and what somebody found when it was opened."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns import scanning
from thereafter.returns.actions import arriving, units
from thereafter.returns.console.warehouse_words import CASE, RELEASE, unit_row
from thereafter.returns.models import Case, CaseUnit, Photo, ReturnParcel
from thereafter.returns.rules.machines import CannotGo
from thereafter.returns.rules.policy.outcomes import OUTCOMES

_GIVEN_UP = ("cancelled", "expired", "declined")
# Of these it can still be said that they are here, or not.
_OPEN = ("expected", "missing", "wrong_item")


@staff_page("returns.receive")
def parcel(request: StaffRequest, return_parcel_id: int) -> HttpResponse:
    found = get_object_or_404(ReturnParcel.objects.of(request.store).defer("label"), pk=return_parcel_id)
    cases = list(found.cases.select_related("store", "order__store", "customer").order_by("pk"))
    here = reverse("returns_console:receive_parcel", args=[request.store.slug, found.pk])
    return _page(request, found, cases, here)


@staff_page("returns.receive")
def case(request: StaffRequest, case_id: int) -> HttpResponse:
    """For who has the number of the return only; its one parcel stands for it."""
    rows = Case.objects.of(request.store).select_related("store", "order__store", "customer")
    found = get_object_or_404(rows, pk=case_id)
    parcels = list(ReturnParcel.objects.of(request.store).filter(links__case=found).defer("label")[:2])
    if len(parcels) == 1 and request.method != "POST":
        return redirect("returns_console:receive_parcel", request.store.slug, parcels[0].pk)
    here = reverse("returns_console:receive_case", args=[request.store.slug, found.pk])
    return _page(request, None, [found], here)


def _page(request: StaffRequest, parcel: ReturnParcel | None, cases: Sequence[Case], here: str) -> HttpResponse:
    if request.method == "POST":
        return _take(request, parcel, cases, here)
    rows = CaseUnit.objects.of(request.store).filter(case__in=cases).order_by("case_id", "pk")
    by_case: dict[int, list[CaseUnit]] = {}
    for unit in rows.select_related("case__store", "line__product"):
        by_case.setdefault(unit.case_id, []).append(unit)
    all_units = [unit for of_case in by_case.values() for unit in of_case]
    facts = {
        "parcel": parcel,
        "here": here,
        "cases": [_case(request, one, by_case.get(one.pk, []), parcel) for one in cases],
        "given_up": [one for one in cases if one.state in _GIVEN_UP],
        "expected": [unit for unit in all_units if unit.state == "expected"],
        "open": [unit for unit in all_units if unit.state in _OPEN],
        "to_inspect": [unit_row(unit) for unit in all_units if unit.state in ("received", "wrong_item", "manual")],
        "before": _before(parcel, cases, all_units),
        "title": ", ".join(one.number for one in cases) or "A parcel without a return",
    }
    return render(request, "returns/console/warehouse_parcel.html", facts)


def _before(parcel: ReturnParcel | None, cases: Sequence[Case], all_units: Sequence[CaseUnit]) -> Any:
    """Who has opened it before, when nothing in it waits for an answer any more."""
    if any(unit.state == "expected" for unit in all_units) and (parcel is None or parcel.opened_at is None):
        return None
    return scanning.taken_in_by(parcel, cases)


def _case(
    request: StaffRequest, case: Case, of_case: Sequence[CaseUnit], parcel: ReturnParcel | None
) -> dict[str, Any]:
    text, tone = CASE.get(case.state, (case.state, "neutral"))
    photos = Photo.objects.of(request.store).filter(case=case).defer("content", "thumbnail").order_by("pk")
    others = ReturnParcel.objects.of(request.store).filter(links__case=case).defer("label").order_by("pk")
    if parcel is not None:
        others = others.exclude(pk=parcel.pk)
    return {
        "case": case,
        "state": text,
        "tone": tone,
        "outcome": OUTCOMES.get(case.outcome, case.outcome),
        "release": "" if case.released_at else RELEASE.get(case.release, ""),
        "units": [unit_row(unit) for unit in of_case],
        "photos": [one.pk for one in photos if one.taken_by == "shopper"],
        "others": list(others),
    }


def _take(request: StaffRequest, parcel: ReturnParcel | None, cases: Sequence[Case], here: str) -> HttpResponse:
    try:
        return redirect(_carry_out(request, parcel, cases, here))
    except (CannotGo, ValueError) as why:
        messages.error(request, str(why))
        return redirect(here)


def _carry_out(request: StaffRequest, parcel: ReturnParcel | None, cases: Sequence[Case], here: str) -> str:
    action, by, now = request.POST.get("action", ""), request.staff, clock.now()
    if action == "wake":
        arriving.take_in({}, cases=cases, parcel=parcel, by=by, now=now)
        messages.success(request, "It is taken up again, and support decides. Say what is here.")
        return here
    if action == "empty":
        arriving.empty(cases=cases, parcel=parcel, by=by, now=now)
        messages.success(request, "Written down that nothing was in it. Support decides what the shopper gets.")
        return reverse("returns_console:warehouse", args=[request.store.slug])
    if action == "extra":
        if not cases:
            raise ValueError("No return belongs to this parcel.")
        units.note_extra(cases[0], request.POST.get("what", ""), by=by, now=now)
        messages.success(request, f"Written down in {cases[0].number}. Put it aside; support decides.")
        return here
    found = _found(request, cases, everything=action == "all")
    if not found:
        raise ValueError("Say of each item whether it is here, or press “All here”.")
    arriving.take_in(found, cases=cases, parcel=parcel, by=by, now=now)
    return _after(request, found, cases, here)


def _found(request: StaffRequest, cases: Sequence[Case], *, everything: bool) -> dict[int, str]:
    rows = CaseUnit.objects.of(request.store).filter(case__in=cases)
    if everything:
        return dict.fromkeys(rows.filter(state="expected").values_list("pk", flat=True), "received")
    said = {unit.pk: request.POST.get(f"unit-{unit.pk}", "") for unit in rows.filter(state__in=_OPEN)}
    return {pk: state for pk, state in said.items() if state in units.FOUND}


def _after(request: StaffRequest, found: dict[int, str], cases: Sequence[Case], here: str) -> str:
    """On to what has to be looked at."""
    missing = sum(state == "missing" for state in found.values())
    came = sum(state == "received" for state in found.values())
    numbers = ", ".join(one.number for one in cases)
    messages.success(request, f"{numbers}: {came} here" + (f", {missing} not there" if missing else "") + ".")
    rows = CaseUnit.objects.of(request.store).filter(case__in=cases, state__in=("received", "manual"))
    first = rows.order_by("case_id", "pk").first()
    return reverse("returns_console:inspect_unit", args=[request.store.slug, first.pk]) if first else here
