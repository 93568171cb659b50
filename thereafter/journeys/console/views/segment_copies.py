"""Merchants' pages: copies of a segment, as a list of its own or with a program that is kept in step."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys.actions import segments, syncing
from thereafter.journeys.actions.syncing import BadSync
from thereafter.journeys.console.segment_forms import SyncForm
from thereafter.journeys.models import Segment, SegmentSync
from thereafter.kit import clock
from thereafter.kit.pages import short_day


@require_POST
@staff_page("journeys.edit")
def keep(request: StaffRequest, key: str) -> HttpResponse:
    chosen, now = _chosen(request, key), clock.now()
    name = f"{chosen.name[:80]}, {short_day(clock.day_in(now, request.store.time_zone))}"
    kept = segments.keep_as_list(chosen, name=name, by=request.staff, now=now)
    messages.success(request, f"{kept.people:,} people are on a list of their own.")
    return redirect("journeys_console:segment", request.store.slug, kept.key)


@require_POST
@staff_page("journeys.edit")
def add_sync(request: StaffRequest, key: str) -> HttpResponse:
    chosen, form = _chosen(request, key), SyncForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Type the whole address, such as https://example.com/segments.")
        return _back(request, chosen)
    try:
        syncing.add(chosen, form.cleaned_data["url"], by=request.staff, now=clock.now())
    except BadSync as wrong:
        messages.error(request, str(wrong))
    else:
        messages.success(request, "It is told who is in the segment within a minute, and of every change from then on.")
    return _back(request, chosen)


@require_POST
@staff_page("journeys.edit")
def sync_again(request: StaffRequest, key: str, sync_id: int) -> HttpResponse:
    sync = _sync(request, key, sync_id)
    whole = request.POST.get("whole") == "1"
    syncing.try_again(sync, whole=whole, by=request.staff, now=clock.now())
    messages.success(request, "Everybody is told anew." if whole else "It is tried again.")
    return _back(request, sync.segment)


@require_POST
@staff_page("journeys.edit")
def remove_sync(request: StaffRequest, key: str, sync_id: int) -> HttpResponse:
    sync = _sync(request, key, sync_id)
    syncing.remove(sync, by=request.staff, now=clock.now())
    messages.success(request, "This address is told no more. What it has, it keeps.")
    return _back(request, sync.segment)


def _back(request: StaffRequest, segment: Segment) -> HttpResponse:
    return redirect("journeys_console:segment", request.store.slug, segment.key)


def _chosen(request: StaffRequest, key: str) -> Segment:
    return get_object_or_404(Segment.objects.of(request.store).select_related("store"), key=key)


def _sync(request: StaffRequest, key: str, sync_id: int) -> SegmentSync:
    known = SegmentSync.objects.of(request.store).select_related("segment", "store")
    return get_object_or_404(known, pk=sync_id, segment__key=key)
