"""The start of the warehouse: a field for the scanner, and what waits."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns import scanning
from thereafter.returns.actions import arriving
from thereafter.returns.actions.units import DISPOSITIONS
from thereafter.returns.console.warehouse_words import case_row
from thereafter.returns.models import Case, CaseUnit, NewGoods, ParcelCase, ReturnParcel, UnannouncedParcel
from thereafter.returns.rules.machines import CannotGo
from thereafter.stores.models import Store

TO_INSPECT = ("received", "wrong_item", "manual")
RECENT = 8


@staff_page("returns.receive")
def home(request: StaffRequest) -> HttpResponse:
    """`?code=` is what was scanned or typed."""
    if "code" in request.GET:
        return _answer(request, request.GET["code"].strip()[:200])
    facts = {"counts": counts(request.store), "recent": _recent(request.store)}
    return render(request, "returns/console/warehouse.html", facts)


def counts(store: Store) -> dict[str, int]:
    """What waits, by queue."""
    units = CaseUnit.objects.of(store)
    return {
        "inspect": units.filter(state__in=TO_INSPECT).count(),
        "put_away": units.filter(state__in=DISPOSITIONS, put_away_at=None, disposed_at__isnull=False).count(),
        "send": NewGoods.objects.of(store).filter(state="released").count(),
        "not_found": len(scanning.not_found(store, clock.now())),
        "unannounced": UnannouncedParcel.objects.of(store).filter(settled_at=None).count(),
    }


def _recent(store: Store) -> list[dict[str, Any]]:
    """The parcels opened last, by two queries."""
    rows = ReturnParcel.objects.of(store).filter(opened_at__isnull=False).defer("label").order_by("-opened_at", "-pk")
    parcels = list(rows[:RECENT])
    cases: dict[int, list[Case]] = {}
    links = ParcelCase.objects.of(store).filter(parcel__in=parcels).select_related("case__customer").order_by("pk")
    for link in links:
        cases.setdefault(link.parcel_id, []).append(link.case)
    return [
        {
            "url": reverse("returns_console:receive_parcel", args=[store.slug, one.pk]),
            "numbers": ", ".join(case.number for case in cases.get(one.pk, ())),
            "shopper": next((case.customer.display_name for case in cases.get(one.pk, ())), ""),
            "at": one.opened_at,
        }
        for one in parcels
    ]


def _answer(request: StaffRequest, code: str) -> HttpResponse:
    """Straight to the one that is meant; a choice where there are several; a way on where there is none."""
    if not code:
        messages.error(request, "Scan a code, or type one.")
        return redirect("returns_console:warehouse", request.store.slug)
    found = scanning.find(request.store, code)
    slug = request.store.slug
    if found.unit:
        return redirect("returns_console:inspect_unit", slug, found.unit.pk)
    if len(found.parcels) == 1:
        return redirect("returns_console:receive_parcel", slug, found.parcels[0].pk)
    if len(found.cases) == 1:
        return redirect("returns_console:receive_case", slug, found.cases[0].pk)
    like = [] if found.parcels or found.cases or found.orders else scanning.named_like(request.store, code)
    facts = {
        "code": code,
        "parcels": [_choice(one) for one in found.parcels],
        "cases": [case_row(one) for one in found.cases or like],
        "like": bool(like),
        "orders": found.orders,
        "unannounced": found.unannounced,
    }
    return render(request, "returns/console/warehouse_choose.html", facts)


def _choice(parcel: ReturnParcel) -> dict[str, Any]:
    cases = list(parcel.cases.select_related("customer"))
    return {
        "url": reverse("returns_console:receive_parcel", args=[parcel.store.slug, parcel.pk]),
        "title": ", ".join(case.number for case in cases) or "A parcel without a return",
        "shopper": cases[0].customer.display_name if cases else "",
        "opened_at": parcel.opened_at,
    }


@staff_page("returns.receive")
def not_found(request: StaffRequest) -> HttpResponse:
    """The carrier says delivered, and nobody has opened it."""
    if request.method == "POST":
        return _decide(request)
    rows = [
        {
            "parcel": one,
            "cases": [case_row(case) for case in one.cases.select_related("order", "customer")],
        }
        for one in scanning.not_found(request.store, clock.now())
    ]
    return render(request, "returns/console/warehouse_not_found.html", {"rows": rows})


def _decide(request: StaffRequest) -> HttpResponse:
    given = request.POST.get("parcel", "")
    rows = ReturnParcel.objects.of(request.store)
    parcel = get_object_or_404(rows, pk=int(given) if given.isdecimal() else 0)
    now = clock.now()
    if request.POST.get("action") == "ask":
        if arriving.ask_carrier(parcel, by=request.staff, now=now):
            messages.success(request, "Noted that the carrier was asked. It stays on this list until it is found.")
    else:
        try:
            arriving.not_here(parcel, by=request.staff, now=now)
            messages.success(request, "Marked as not here. Support sees it in the return and decides.")
        except CannotGo as why:
            messages.error(request, str(why))
    return redirect("returns_console:not_found", request.store.slug)
