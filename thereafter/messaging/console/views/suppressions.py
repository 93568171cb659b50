"""Merchants' pages: addresses that are closed, why, and opening or closing them by hand."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging import queries, spreadsheets, words
from thereafter.messaging.actions import contacts
from thereafter.messaging.actions.contacts import Closing, Reason
from thereafter.messaging.console.people_forms import ClosingForm, ImportForm, ReopenForm
from thereafter.messaging.models import Suppression
from thereafter.stores.actions import audit

PAGE, SHOWN_REFUSALS = 50, 5


@staff_page("messages.read")
def suppressions(request: StaffRequest) -> HttpResponse:
    return _page(request, ClosingForm(), ImportForm())


def _page(request: StaffRequest, closing: ClosingForm, bringing: ImportForm) -> HttpResponse:
    asked = {name: request.GET.get(name, "").strip()[:254] for name in ("q", "channel", "reason")}
    found = queries.suppressed(request.store, words=asked["q"], channel=asked["channel"], reason=asked["reason"])
    context: dict[str, Any] = {
        "page_title": "Closed addresses",
        "asked": asked,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "query": f"?{urlencode(asked)}&page=",
        "channels": [("", "All channels"), *((one, words.CHANNELS[one]) for one in ("email", "sms", "whatsapp"))],
        "reasons": [("", "All reasons"), *Suppression.Reason.choices],
        "ways": words.CHANNELS,
        "form": closing,
        "import_form": bringing,
        "may_edit": request.membership.may("messages.close"),
    }
    return render(request, "messaging/console/suppressions.html", context)


@require_POST
@staff_page("messages.close")
def close(request: StaffRequest) -> HttpResponse:
    form = ClosingForm(request.POST)
    if not form.is_valid():
        return _page(request, form, ImportForm())
    said = form.cleaned_data
    one = Closing(
        channel=said["channel"], address=said["address"], scope=said["scope"], reason=Reason.MANUAL, note=said["note"]
    )
    is_new = contacts.close_by_hand(request.store, one, by=request.staff, now=clock.now())
    if is_new:
        messages.success(request, f"{said['address']} is closed.")
    else:
        messages.info(request, f"{said['address']} was closed already.")
    return redirect("messaging_console:suppressions", request.store.slug)


@staff_page("messages.close")
def reopen(request: StaffRequest, suppression_id: int) -> HttpResponse:
    """Asks why before it opens an address: what bounced bounces again, and who complained complains again."""
    row = get_object_or_404(Suppression.objects.of(request.store), pk=suppression_id)
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        contacts.reopen(request.store, row.pk, by=request.staff, note=form.cleaned_data["note"], now=clock.now())
        messages.success(request, f"{row.address} is open again.")
        return redirect("messaging_console:suppressions", request.store.slug)
    context = {"page_title": "Open an address", "row": row, "form": form, "ways": words.CHANNELS}
    return render(request, "messaging/console/reopen.html", context)


@require_POST
@staff_page("messages.close")
def bring_in(request: StaffRequest) -> HttpResponse:
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, ClosingForm(), form)
    try:
        found = spreadsheets.read(form.cleaned_data["file"].read(spreadsheets.MOST_BYTES + 1))
    except spreadsheets.Unreadable as error:
        form.add_error("file", str(error))
        return _page(request, ClosingForm(), form)
    now = clock.now()
    new = contacts.close(request.store, found.closings, now)
    detail = {"read": len(found.closings), "new": new, "refused": len(found.refused)}
    audit(request.store, by=request.staff, verb="messages.import", now=now, subject="closed addresses", detail=detail)
    messages.success(request, f"{new:,} addresses were closed, {len(found.closings) - new:,} were closed already.")
    if found.refused:
        told = "; ".join(f"line {number}: {why}" for number, why in found.refused[:SHOWN_REFUSALS])
        messages.warning(request, f"{len(found.refused):,} lines were left out. {told}")
    return redirect("messaging_console:suppressions", request.store.slug)


@require_safe
@staff_page("messages.close")
def export(request: StaffRequest) -> HttpResponse:
    """All of them: whoever moves to another tool must take the noes along."""
    found = queries.suppressed(request.store).iterator(chunk_size=2_000)
    response = HttpResponse("".join(spreadsheets.rows(found)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="closed-addresses-{request.store.slug}.csv"'
    return response
