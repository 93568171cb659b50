"""Merchants' pages: where their own people hear of things, and calls to their own programs."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock, tokens
from thereafter.kit.pages import render
from thereafter.messaging import accounts, trying
from thereafter.messaging.actions import channels as actions
from thereafter.messaging.channels import team
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.messaging.console.channel_forms import HookTestForm, PlaceForm
from thereafter.messaging.models import Browser, Message, TeamPlace

SHOWN = 20


@staff_page("settings.edit")
def places(request: StaffRequest) -> HttpResponse:
    """The team's places: add, test, remove."""
    form = PlaceForm(request.POST if request.POST.get("action") == "add" else None)
    if request.method == "POST" and form.is_valid():
        try:
            place = actions.add_place(request.store, **form.cleaned_data, by=request.staff, now=clock.now())
        except actions.CannotConnect as wrong:
            form.add_error(wrong.field or None, str(wrong))
        else:
            messages.success(request, f"{place.name} is added. Post a test to it.")
            return redirect("messaging_console:places", request.store.slug)
    context = {
        "page_title": "Team posts",
        "places": TeamPlace.objects.of(request.store).order_by("name"),
        "form": form,
        "missing": "" if team.is_there() else team.MISSING,
    }
    return render(request, "messaging/console/places.html", context)


@staff_page("settings.edit")
def place(request: StaffRequest, place_id: int) -> HttpResponse:
    """Posts a test to a place, or removes it."""
    found = get_object_or_404(TeamPlace.objects.of(request.store).select_related("store"), pk=place_id)
    if request.method == "POST" and request.POST.get("action") == "remove":
        actions.remove_place(found, by=request.staff, now=clock.now())
        messages.success(request, f"{found.name} is removed.")
    elif request.method == "POST":
        verdict = _post_to(found)
        actions.note_place(found, verdict, clock.now())
        if verdict.answer == Answer.ACCEPTED:
            messages.success(request, f"The test was posted to {found.name}.")
        else:
            messages.error(request, f"{found.name} did not take the test: {verdict.detail}")
    return redirect("messaging_console:places", request.store.slug)


def _post_to(found: TeamPlace) -> Verdict:
    try:
        url = tokens.unseal(found.sealed_url)
    except tokens.BadToken:
        return Verdict(Answer.REFUSED, "The secret key of this installation has changed: add the place again.")
    return trying.try_place(found, url, clock.now())


@staff_page("settings.edit")
def hooks(request: StaffRequest) -> HttpResponse:
    """Webhooks that we call: the secret, a test, and what was answered."""
    form = HookTestForm()
    shown: dict[str, Any] = {}
    action = request.POST.get("action", "") if request.method == "POST" else ""
    if action == "secret":
        shown["secret"] = actions.new_hook_secret(request.store, by=request.staff, now=clock.now())
    if action == "show":
        account = accounts.account_of(request.store.pk, "webhook")
        shown["secret"] = account.get("secret") if account else ""
        shown["secret"] = shown["secret"] or accounts.hook_secret(request.store.pk)
    if action == "try":
        form = HookTestForm(request.POST)
        if form.is_valid():
            shown["tried"] = _called(request, form.cleaned_data["url"].strip())
    rows = Message.objects.of(request.store).filter(channel="webhook").select_related("customer", "order")
    context: dict[str, Any] = {
        "page_title": "Webhooks",
        "form": form,
        "rows": rows.defer("facts").order_by("-created_at", "-pk")[:SHOWN],
        **shown,
    }
    return render(request, "messaging/console/hooks.html", context)


def _called(request: StaffRequest, url: str) -> dict[str, Any]:
    document = {"type": "test", "store": request.store.slug, "made_at": clock.now().isoformat()}
    verdict = trying.try_channel(request.store, "webhook", url, clock.now(), document=document)
    return {"fine": verdict.answer == Answer.ACCEPTED, "said": verdict.detail, "url": url}


@staff_page("settings.edit")
def devices(request: StaffRequest) -> HttpResponse:
    """Notifications need no account: what there is to know of them."""
    live = Browser.objects.of(request.store).filter(closed_at__isnull=True)
    context = {
        "page_title": "Notifications",
        "devices": live.count(),
        "people": live.values("customer_id").distinct().count(),
        "closed": Browser.objects.of(request.store).filter(closed_at__isnull=False).count(),
    }
    return render(request, "messaging/console/devices.html", context)
