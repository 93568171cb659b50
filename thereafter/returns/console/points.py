"""Counters and drop-off points: the list, one of them, a table of them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns.actions import points as acts
from thereafter.returns.console.ways_forms import FileForm, PointForm
from thereafter.returns.models import DropOffPoint
from thereafter.returns.points import counter_token
from thereafter.storefront.links import page
from thereafter.timeline import inbox

PAGE, PER_PAGE, SHOWN = "returns_console:points", 50, 50
KINDS = {"own": "Ours", "partner": "Partner", "carrier": "Carrier"}


@require_safe
@staff_page("returns.settings")
def points(request: StaffRequest) -> HttpResponse:
    """All of them, or those that a search finds."""
    q = request.GET.get("q", "").strip()[:60]
    rows = DropOffPoint.objects.of(request.store)
    found = rows.filter(Q(name__icontains=q) | Q(city__icontains=q) | Q(postcode__istartswith=q)) if q else rows
    listed = Paginator(found.order_by("-is_active", "country", "postcode_key", "pk"), PER_PAGE)
    context = {
        "q": q,
        "page": listed.get_page(request.GET.get("page")),
        "any": bool(q) or rows.exists(),
        "kinds": KINDS,
        "refused": inbox.refused(request.store).filter(source=acts.SOURCE).count(),
        "source": acts.SOURCE,
        "page_title": "Drop-off points",
    }
    return render(request, "returns/console/points.html", context)


@staff_page("returns.settings")
def point(request: StaffRequest, point_id: int = 0) -> HttpResponse:
    """One place, or a new one."""
    held = get_object_or_404(DropOffPoint.objects.of(request.store), pk=point_id) if point_id else None
    form = PointForm(request.store, request.POST or None, instance=held or DropOffPoint(store=request.store))
    if request.method == "POST" and form.is_valid():
        kept = form.save(commit=False)
        acts.save(kept, by=request.staff, now=clock.now())
        messages.success(request, f"{kept.name} is kept.")
        return redirect("returns_console:point", request.store.slug, kept.pk)
    context: dict[str, Any] = {
        "form": form,
        "point": held,
        "link": _link(held) if held and held.is_counter and held.is_active else "",
        "page_title": held.name if held else "New drop-off point",
    }
    return render(request, "returns/console/point.html", context)


def _link(held: DropOffPoint) -> str:
    """Where the counter scans; nothing in an installation without that page."""
    try:
        return page(held.store, "returns_storefront:counter", counter_token(held))
    except NoReverseMatch:
        return ""


@require_POST
@staff_page("returns.settings")
def change_point(request: StaffRequest, point_id: int) -> HttpResponse:
    held = get_object_or_404(DropOffPoint.objects.of(request.store).select_related("store"), pk=point_id)
    match request.POST.get("action"):
        case "renew":
            acts.renew_link(held, by=request.staff, now=clock.now())
            messages.success(request, "There is a new link. The one before does not open anything any more.")
        case "close" | "open" as done:
            acts.close(held, by=request.staff, now=clock.now(), is_active=done == "open")
            shown = "shown to shoppers again" if done == "open" else "shown to nobody any more"
            messages.success(request, f"{held.name} is {shown}.")
    return redirect("returns_console:point", request.store.slug, held.pk)


@staff_page("returns.settings")
def import_points(request: StaffRequest) -> HttpResponse:
    """The form; then what became of the rows."""
    form, done = FileForm(), None
    if request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                done = acts.import_table(request.store, form.cleaned_data["file"], by=request.staff, now=clock.now())
            except ValueError as wrong:
                form.add_error("file", str(wrong))
    context = {
        "form": form,
        "done": done,
        "refused": done.refused[:SHOWN] if done else [],
        "source": acts.SOURCE,
        "page_title": "Import drop-off points",
    }
    return render(request, "returns/console/import_points.html", context)
