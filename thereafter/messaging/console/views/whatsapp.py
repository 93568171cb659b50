"""Merchants' page: which of the shop's templates WhatsApp has approved."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from requests import RequestException
from twilio.base.exceptions import TwilioException

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging import accounts, catalogue
from thereafter.messaging.actions import channels as actions
from thereafter.messaging.channels import twilio
from thereafter.messaging.console.channel_forms import WhatsappForm
from thereafter.messaging.models import WhatsappTemplate

TONES = {"approved": "good", "pending": "info", "rejected": "bad", "paused": "warn"}


@staff_page("settings.edit")
def templates(request: StaffRequest) -> HttpResponse:
    """Each template with its state over there; add one, ask for news of all."""
    names = {one.key: one.label for one in catalogue.templates(request.store)}
    form = WhatsappForm(list(names.items()), settings.LANGUAGES)
    if request.method == "POST" and request.POST.get("action") == "ask":
        return _asked(request)
    if request.method == "POST":
        form = WhatsappForm(list(names.items()), settings.LANGUAGES, request.POST)
        if form.is_valid():
            given, now = form.cleaned_data, clock.now()
            row = actions.know_whatsapp_template(
                request.store,
                (given["template"], given["language"]),
                given["content_sid"],
                given["variables"],
                by=request.staff,
                now=now,
            )
            messages.success(request, f"Kept. {_ask(row, now)}")
            return redirect("messaging_console:whatsapp_templates", request.store.slug)
    rows = WhatsappTemplate.objects.of(request.store).order_by("template", "language")
    spoken = dict(settings.LANGUAGES)
    context: dict[str, Any] = {
        "page_title": "WhatsApp templates",
        "rows": [
            {
                "row": row,
                "name": names.get(row.template, row.template),
                "language": spoken.get(row.language, row.language),
            }
            for row in rows
        ],
        "tones": TONES,
        "form": form,
        "connected": accounts.account_of(request.store.pk, "whatsapp") is not None,
    }
    return render(request, "messaging/console/whatsapp.html", context)


def _asked(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    said = [_ask(row, now) for row in WhatsappTemplate.objects.of(request.store)]
    wrong = [one for one in said if one.startswith("Twilio")]
    if wrong:
        messages.error(request, wrong[0])
    else:
        messages.success(request, "The states are up to date.")
    return redirect("messaging_console:whatsapp_templates", request.store.slug)


def _ask(row: WhatsappTemplate, now: datetime) -> str:
    """Asks Twilio what WhatsApp says of a template, writes it down, and says it."""
    account = accounts.account_of(row.store_id, "whatsapp")
    if account is None or account.provider != "twilio":
        return "Connect WhatsApp to learn whether it is approved."
    try:
        told = twilio.approval(account, row.content_sid)
    except (TwilioException, RequestException, OSError, ValueError) as error:
        return f"Twilio could not tell whether it is approved: {error}"[:200]
    state = told.state if told.state in TONES else "pending"
    actions.set_whatsapp_state(row, state, category=told.category, reason=told.reason, now=now)
    return f"WhatsApp says: {state}."
