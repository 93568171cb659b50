"""Parcels that nobody announced: the list, taking one in, and whose it is."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Order
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.pictures import NotAPhoto
from thereafter.returns import scanning
from thereafter.returns.actions import unannounced
from thereafter.returns.actions.opening import CannotOpen
from thereafter.returns.actions.unannounced import Described
from thereafter.returns.console.warehouse_words import case_row
from thereafter.returns.models import Case, UnannouncedParcel
from thereafter.returns.rules.machines import CannotGo

SHOWN = 100


@staff_page("returns.receive")
def index(request: StaffRequest) -> HttpResponse:
    """The list, and the form that puts one on it; what was typed stays when something is missing."""
    problem = ""
    if request.method == "POST":
        typed = Described(**{name: request.POST.get(name, "") for name in ("text", "code", "sender", "shelf")})
        try:
            unannounced.take_in(request.store, typed, request.FILES.get("photo"), by=request.staff, now=clock.now())
        except (ValueError, NotAPhoto) as why:
            problem = str(why)
        else:
            messages.success(request, "Taken in. Support finds out whose it is.")
            return redirect("returns_console:unannounced", request.store.slug)
    else:
        typed = Described(text="", code=request.GET.get("code", "")[:80])
    rows = UnannouncedParcel.objects.of(request.store).defer("photo", "thumbnail").select_related("taken_by", "case")
    facts = {
        "waiting": rows.filter(settled_at=None).order_by("taken_at", "pk")[:SHOWN],
        "settled": rows.filter(settled_at__isnull=False).order_by("-settled_at")[:10],
        "typed": typed,
        "problem": problem,
        "adding": bool(problem or request.GET.get("code") or "new" in request.GET),
    }
    return render(request, "returns/console/warehouse_unannounced.html", facts)


@staff_page("returns.receive")
def one(request: StaffRequest, unannounced_id: int) -> HttpResponse:
    """Whose it is: looked for by name or number, matched to a return, or a return is opened for it."""
    parcel = get_object_or_404(
        UnannouncedParcel.objects.of(request.store).select_related("taken_by", "settled_by", "case"), pk=unannounced_id
    )
    if request.method == "POST":
        return _decide(request, parcel)
    q = request.GET.get("q", "").strip()[:80]
    found = scanning.find(request.store, q) if q else scanning.Found()
    cases = list(found.cases) or (scanning.named_like(request.store, q) if q else [])
    facts = {
        "parcel": parcel,
        "has_photo": bool(parcel.thumbnail),
        "q": q,
        "cases": [case_row(case) for case in cases],
        "orders": [{"order": order, "lines": list(order.lines.all())} for order in found.orders],
        "may_open": request.membership.may("returns.approve"),
    }
    return render(request, "returns/console/warehouse_whose.html", facts)


def _decide(request: StaffRequest, parcel: UnannouncedParcel) -> HttpResponse:
    here = reverse("returns_console:unannounced_one", args=[request.store.slug, parcel.pk])
    try:
        return redirect(_carry_out(request, parcel))
    except (CannotGo, CannotOpen, ValueError) as why:
        messages.error(request, str(why))
        return redirect(here)


def _carry_out(request: StaffRequest, parcel: UnannouncedParcel) -> str:
    action, by, now, slug = request.POST.get("action"), request.staff, clock.now(), request.store.slug
    if action == "match":
        case = get_object_or_404(Case.objects.of(request.store), pk=_number(request.POST.get("case", "")))
        unannounced.match(parcel, case, by=by, now=now)
        messages.success(request, f"It belongs to {case.number}. Say what is here.")
        return reverse("returns_console:receive_case", args=[slug, case.pk])
    if action == "open" and request.membership.may("returns.approve"):
        order = get_object_or_404(Order.objects.of(request.store), pk=_number(request.POST.get("order", "")))
        items = {line.external_id: _number(request.POST.get(f"line-{line.pk}", "")) for line in order.lines.all()}
        made = unannounced.open_case(parcel, order, items, by=by, now=now)
        messages.success(request, f"{made[0].number} was opened. Say what is here.")
        return reverse("returns_console:receive_case", args=[slug, made[0].pk])
    unannounced.close(parcel, request.POST.get("why", ""), by=by, now=now)
    messages.success(request, "Put away.")
    return reverse("returns_console:unannounced", args=[slug])


def _number(text: Any) -> int:
    return int(text) if str(text).isdecimal() and len(text) < 16 else 0  # noqa: PLR2004 more digits are no key


@require_safe
@staff_page("returns.receive")
def photo(request: StaffRequest, unannounced_id: int) -> HttpResponse:
    """`?small=1` is the thumbnail."""
    found = get_object_or_404(UnannouncedParcel.objects.of(request.store), pk=unannounced_id)
    picture = found.thumbnail if "small" in request.GET else found.photo
    if not picture:
        raise Http404
    response = HttpResponse(bytes(picture), content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
