"""The list of parcels, and one parcel with all that was said of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.stores.models import Store
from thereafter.tracking.carrier_pages import carrier_page
from thereafter.tracking.console.asking import asking_facts
from thereafter.tracking.models import Parcel, ParcelQuerySet
from thereafter.tracking.parcel_facts import other_clock
from thereafter.tracking.rules.scans import number_key
from thereafter.tracking.words import STATUS, TONES, flag_words, reason_words, row_facts

PAGE = 30
Choice = Callable[[ParcelQuerySet, date], ParcelQuerySet]
CHOICES: dict[str, tuple[str, Choice]] = {
    "": ("All", lambda rows, today: rows),
    "on_the_way": ("On the way", lambda rows, today: rows.on_the_way()),
    "late": ("Late", lambda rows, today: rows.overdue(today)),
    "trouble": ("Exceptions", lambda rows, today: rows.in_trouble()),
    "delivered": ("Delivered", lambda rows, today: rows.delivered()),
}


@require_safe
@staff_page("tracking.read")
def parcels(request: StaffRequest) -> HttpResponse:
    today = clock.day_in(clock.now(), request.store.time_zone)
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in CHOICES else ""
    q = request.GET.get("q", "").strip()[:80]
    rows = CHOICES[chosen][1](_found(request, q), today).select_related("order__customer")
    page = Paginator(rows.order_by("-ordered_at", "-id"), PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": _tabs(request, chosen, q),
        "rows": [row_facts(one, today) for one in page],
        "page": page,
        "q": q,
        "show": chosen,
        "query": f"?{urlencode({'q': q, 'show': chosen})}&page=",
        "is_new": not q and not chosen and not page.paginator.count,
    }
    return render(request, "tracking/console/parcels.html", context)


def _found(request: StaffRequest, q: str) -> ParcelQuerySet:
    """By tracking number (its beginning will do) or by the order's number."""
    rows = Parcel.objects.of(request.store)
    if not q:
        return rows
    bare = q.lstrip("#")
    by_order = Q(order__number__in=[bare, f"#{bare}"])
    key = number_key(q)
    return rows.filter(by_order | Q(number_key__startswith=key)) if key else rows.filter(by_order)


def _tabs(request: StaffRequest, chosen: str, q: str) -> list[dict[str, Any]]:
    address = reverse("tracking_console:parcels", args=[request.store.slug])
    return [
        {"label": label, "url": f"{address}?{urlencode({'show': name, 'q': q})}", "current": name == chosen}
        for name, (label, _) in CHOICES.items()
    ]


@require_safe
@staff_page("tracking.read")
def parcel(request: StaffRequest, parcel_id: int) -> HttpResponse:
    rows = Parcel.objects.of(request.store).select_related("order__customer")
    one = get_object_or_404(rows, pk=parcel_id)
    today = clock.day_in(clock.now(), request.store.time_zone)
    context = {
        **row_facts(one, today),
        "items": one.items.select_related("line__product").order_by("id"),
        "scans": [_scan_facts(scan, request.store) for scan in one.scans.order_by("-occurred_at", "-id")],
        "carrier_page": carrier_page(one),
        "flags": [flag_words(kind, cause) for kind, cause in one.flags.items()],
        **asking_facts(request, one),
    }
    return render(request, "tracking/console/parcel.html", context)


_ICONS = {"delivered": "check", "exception": "warning", "attempted": "warning", "label_created": "parcel"}
_NOTES = {"assumed": "no zone given, taken as the shop's", "clamped": "clock ran ahead, taken as the time of arrival"}


def _scan_facts(scan: Any, store: Store) -> dict[str, Any]:
    """A scan with what the merchant should know of how we read it."""
    said = [scan.place, scan.text, f"code {scan.code}" if scan.code else ""]
    notes = [_NOTES.get(scan.zone, ""), "left out: older than the order" if scan.ignored else ""]
    local = scan.local.replace(microsecond=0)
    title = STATUS[scan.status] if scan.status != "unknown" else "Said, but not understood"
    return {
        "title": ": ".join(part for part in (title, reason_words(scan.reason)) if part),
        "icon": _ICONS.get(scan.status, "truck"),
        "tone": TONES.get(scan.status, "info"),
        "at": local.date().isoformat() if scan.precision == "day" else local.isoformat(),
        "clock": "" if scan.precision == "day" else other_clock(scan, store),
        "body": " · ".join(part for part in said if part),
        "actor": " · ".join(part for part in (scan.source, *notes) if part),
    }
