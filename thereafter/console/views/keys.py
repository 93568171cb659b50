from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from thereafter.console.actions import doors
from thereafter.console.forms import KeyForm
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.stores import actions as stores
from thereafter.stores.models import ApiKey


@staff_page("keys.edit")
def index(request: StaffRequest) -> HttpResponse:
    """The shop's keys; a new one is shown on the answer to the form and never again."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        token = doors.make_key(request.store, **form.cleaned_data, by=request.staff, now=clock.now())
        made = {"token": token, "name": form.cleaned_data["name"], "page_title": "API keys"}
        return render(request, "console/settings/key_made.html", made)
    keys = ApiKey.objects.of(request.store).order_by("-created_at")
    context = {"form": form, "live": keys.filter(revoked_at=None), "revoked": keys.exclude(revoked_at=None)}
    return render(request, "console/settings/keys.html", context | {"page_title": "API keys"})


@require_POST
@staff_page("keys.edit")
def revoke(request: StaffRequest, key_id: int) -> HttpResponse:
    if not stores.revoke_api_key(request.store, key_id, by=request.staff, now=clock.now()):
        raise Http404
    messages.success(request, "The key opens nothing from now on.")
    return redirect("console:keys", request.store.slug)
