"""What was inspected and waits to be brought where it goes, by kind; and new goods that wait to be sent."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns.actions import goods, putting_away
from thereafter.returns.actions.units import DISPOSITIONS as STATES
from thereafter.returns.console.warehouse_words import unit_row
from thereafter.returns.models import CaseUnit, NewGoods
from thereafter.returns.rules.dispositions import DISPOSITIONS, GRADES
from thereafter.returns.rules.machines import CannotGo

SHOWN = 100
LONGEST_KEY = 15


@staff_page("returns.receive")
def put_away(request: StaffRequest) -> HttpResponse:
    """`?kind=` is one of the dispositions; the first that has something by default."""
    if request.method == "POST":
        return _done(request)
    waiting = CaseUnit.objects.of(request.store).filter(put_away_at=None, disposed_at__isnull=False, state__in=STATES)
    counts = dict(waiting.values_list("state").annotate(count=Count("pk")))
    kind = request.GET.get("kind", "")
    if kind not in STATES:
        kind = next((one for one in STATES if one in counts), STATES[0])
    rows = waiting.filter(state=kind).select_related("case__store", "line__product").order_by("disposed_at", "pk")
    address = reverse("returns_console:put_away", args=[request.store.slug])
    facts = {
        "kind": kind,
        "kind_text": DISPOSITIONS[kind],
        "rows": [unit_row(unit) | {"grade": GRADES.get(unit.grade, "")} for unit in rows[:SHOWN]],
        "tabs": [
            {"label": DISPOSITIONS[one], "url": f"{address}?kind={one}", "current": one == kind, "count": counts[one]}
            for one in STATES
            if one in counts
        ],
    }
    return render(request, "returns/console/warehouse_put_away.html", facts)


def _done(request: StaffRequest) -> HttpResponse:
    chosen = _keys(request.POST.getlist("row"))[:SHOWN]
    moved = putting_away.done(request.store, chosen, by=request.staff, now=clock.now())
    if moved:
        messages.success(request, f"{moved} {'item is' if moved == 1 else 'items are'} put away.")
    else:
        messages.error(request, "Choose at least one item that is not put away yet.")
    kind = request.POST.get("kind", "")
    back = reverse("returns_console:put_away", args=[request.store.slug])
    return redirect(f"{back}?kind={kind}" if kind in STATES else back)


@staff_page("returns.receive")
def to_send(request: StaffRequest) -> HttpResponse:
    """Case by case; whatever got a number is sent."""
    if request.method == "POST":
        return _send(request)
    rows = NewGoods.objects.of(request.store).filter(state="released")
    rows = rows.select_related("case__store", "case__order", "case__customer", "product").order_by("released_at", "pk")
    by_case: dict[int, dict[str, Any]] = {}
    for one in rows[:SHOWN]:
        row = by_case.setdefault(one.case_id, {"case": one.case, "goods": [], "address": _address(one)})
        row["goods"].append(one)
    facts = {"rows": list(by_case.values()), "carriers": _carriers(request)}
    return render(request, "returns/console/warehouse_send.html", facts)


def _address(one: NewGoods) -> str:
    address = one.case.order.shipping_address
    parts = (address.get(name, "") for name in ("name", "line1", "line2", "postcode", "city", "country"))
    return ", ".join(str(part) for part in parts if part) or one.case.customer.display_name


def _carriers(request: StaffRequest) -> list[str]:
    """Those that new goods went by before, for the field to offer."""
    rows = NewGoods.objects.of(request.store).exclude(carrier="").order_by("carrier")
    return list(rows.values_list("carrier", flat=True).distinct()[:20])


def _send(request: StaffRequest) -> HttpResponse:
    sent, problems, now = 0, [], clock.now()
    for name, number in request.POST.items():
        case_id = name.removeprefix("number-")
        if not name.startswith("number-") or not str(number).strip() or not _keys([case_id]):
            continue
        chosen = _keys(request.POST.getlist(f"goods-{case_id}"))
        rows = list(NewGoods.objects.of(request.store).filter(case_id=case_id, pk__in=chosen, state="released"))
        carrier = request.POST.get(f"carrier-{case_id}", "").strip()
        try:
            goods.ship(rows, carrier=carrier, number=str(number), by=request.staff, now=now)
            sent += 1
        except (CannotGo, ValueError) as why:
            problems.append(str(why))
    for problem in problems:
        messages.error(request, problem)
    if sent:
        messages.success(
            request, f"{sent} {'parcel is' if sent == 1 else 'parcels are'} on the way; the shoppers are told."
        )
    elif not problems:
        messages.error(request, "Enter the carrier's number of what you sent.")
    return redirect("returns_console:to_send", request.store.slug)


def _keys(given: Iterable[str]) -> list[int]:
    """Of rows, as a form names them; what is none is left out."""
    return [int(one) for one in given if one.isdecimal() and len(one) <= LONGEST_KEY]
