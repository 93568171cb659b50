from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.recommendations.actions import rules_of_shop
from thereafter.recommendations.console.rule_forms import SettingsForm, settings_form
from thereafter.recommendations.queries.settings import settings_of


@staff_page("recommendations.write")
def settings(request: StaffRequest) -> HttpResponse:
    """What holds for all recommendations of the shop."""
    form = SettingsForm(request.POST) if request.method == "POST" else settings_form(settings_of(request.store.pk))
    if form.is_bound and form.is_valid():
        try:
            rules_of_shop.change(request.store, form.cleaned_data, by=request.staff, now=clock.now())
        except rules_of_shop.BadRule as wrong:
            form.add_error(wrong.field or None, str(wrong))
        else:
            messages.success(request, "Saved. It holds from now on.")
            return redirect("recommendations_console:settings", request.store.slug)
    context = {"page_title": "Settings of recommendations", "form": form}
    return render(request, "recommendations/console/settings.html", context, status=422 if form.errors else 200)
