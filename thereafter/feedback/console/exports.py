"""Reviews to be taken along: as a table of another app, or whole."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.console.import_forms import LINES, ExportForm
from thereafter.feedback.console.imports import download
from thereafter.feedback.models import Review
from thereafter.feedback.queries import review_exports
from thereafter.feedback.queries.review_exports import Outlook
from thereafter.feedback.rules.review_formats.formats import CHOICES, FORMATS
from thereafter.kit import clock
from thereafter.kit.pages import number, render
from thereafter.stores.actions import audit


@require_safe
@staff_page("feedback.write")
def exports(request: StaffRequest) -> HttpResponse:
    """Which table, and what it would hold."""
    form = ExportForm(request.GET or None, initial={"format": "thereafter"})
    chosen = str(form.cleaned_data["format"]) if form.is_valid() else ""
    outlook = review_exports.outlook(request.store, chosen) if chosen in FORMATS else Outlook()
    counted = Review.objects.of(request.store).exclude(state=Review.State.WITHDRAWN).count()
    context = {
        "page_title": "Export reviews",
        "form": form,
        "chosen": chosen,
        "label": CHOICES.get(chosen, "JSON lines"),
        "count": counted,
        "is_lines": chosen == LINES,
        "is_ours": chosen in FORMATS and FORMATS[chosen].is_ours,
        "outlook": outlook,
        "looked_at": outlook.reviews + outlook.left_out,
        "lost": [(name.capitalize(), number(times)) for name, times in outlook.lost.items()],
        "lacking": ", ".join(f"{name} ({number(times)})" for name, times in outlook.lacking.items()),
    }
    return render(request, "feedback/console/exports.html", context)


@require_POST
@staff_page("feedback.write")
def export_file(request: StaffRequest) -> HttpResponse | StreamingHttpResponse:
    """The file, sent as it is written: the number of reviews does not matter."""
    form, now = ExportForm(request.POST), clock.now()
    if not form.is_valid():
        return redirect("feedback_console:review_exports", request.store.slug)
    chosen = str(form.cleaned_data["format"])
    audit(request.store, by=request.staff, verb="feedback.export", now=now, subject=chosen)
    name = f"reviews-{request.store.slug}-{chosen}-{now:%Y-%m-%d}"
    if chosen == LINES:
        return download(review_exports.lines(request.store), f"{name}.jsonl", "application/x-ndjson")
    return download(review_exports.table(request.store, chosen, now), f"{name}.csv")
