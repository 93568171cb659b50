"""How the shop asks for reviews and shows them. There is no way here to treat reviews by their stars."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import review_setup
from thereafter.feedback.console.reviews_settings_forms import SettingsForm
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.kit import clock
from thereafter.kit.pages import render


@staff_page("feedback.read")
def settings(request: StaffRequest) -> HttpResponse:
    may_write = request.membership.may("feedback.write")
    form = SettingsForm(request.store, settings_of(request.store.pk), request.POST or None)
    if request.method == "POST" and not may_write:
        return render(
            request, "console/forbidden.html", {"verb": "feedback.write", "page_title": "Not open to you"}, 403
        )
    if request.method == "POST" and form.is_valid():
        review_setup.keep_settings(request.store, form.changes(), by=request.staff, now=clock.now())
        messages.success(request, "Kept. It holds for what is asked and written from now on.")
        return redirect("feedback_console:reviews_settings", request.store.slug)
    context: dict[str, Any] = {"page_title": "How reviews are asked for", "form": form, "may_write": may_write}
    return render(request, "feedback/console/reviews_settings.html", context)
