"""Merchants' pages: the contact rules, what results from them, and whether something would go to somebody now."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Customer
from thereafter.commerce.queries import find_customer
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, url
from thereafter.messaging import accounts, queries, standing, words
from thereafter.messaging.actions.contact_rules import change_rules
from thereafter.messaging.console.contact_forms import ContactForm
from thereafter.messaging.rules.classes import MARKETING, SERVICE, TRANSACTIONAL
from thereafter.messaging.rules.contact_rules import CHANNELS
from thereafter.messaging.rules.gate import GO, Candidate, Facts, Verdict, judge
from thereafter.messaging.rules_words import explained
from thereafter.stores.models import Store

_CLASSES = ((TRANSACTIONAL, "Order news"), (SERVICE, "Survey or review"), (MARKETING, "Offer or newsletter"))


@staff_page("messages.rules")
def contact_rules(request: StaffRequest) -> HttpResponse:
    rules = queries.contact_rules(request.store)
    form = ContactForm(rules, request.store.locale[:2], request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_rules(request.store, form.put_together(), by=request.staff, now=clock.now())
        messages.success(request, "Saved. It holds for everything that goes out from now on.")
        return redirect("messaging_console:contact_rules", request.store.slug)
    context = {
        "page_title": "Contact rules",
        "form": form,
        "explained": explained(rules),
        "rows": None,
        "asked": "",
        "tester": url("messaging_console:would_it_go", request.store.slug),
    }
    return render(request, "messaging/console/contact_rules.html", context)


@require_safe
@staff_page("messages.rules")
def explain(request: StaffRequest) -> HttpResponse:
    """What would result from the form as it stands; asked for while it is being filled in."""
    form = ContactForm(queries.contact_rules(request.store), request.store.locale[:2], request.GET)
    said = explained(form.put_together()) if form.is_valid() else []
    return render(request, "messaging/console/_explained.html", {"explained": said})


@require_safe
@staff_page("messages.read")
def would_it_go(request: StaffRequest) -> HttpResponse:
    """For one customer: each kind of message by each channel, as it would be judged this moment."""
    asked = request.GET.get("who", "").strip()[:254]
    customer = _customer(request.store, asked) if asked else None
    context: dict[str, Any] = {"page_title": "Would it go now?", "asked": asked, "customer": customer}
    if customer:
        context |= _judged(customer, clock.now())
    return render(request, "messaging/console/would_it_go.html", context)


def _customer(store: Store, asked: str) -> Customer | None:
    found = Customer.objects.of(store).filter(pk=asked).first() if asked.isdigit() and len(asked) < 10 else None  # noqa: PLR2004  longer ones are phone numbers
    found = found or find_customer(store, email=asked, phone=asked)
    if found:
        found.store = store
    return found


def _judged(customer: Customer, now: datetime) -> dict[str, Any]:
    known = {kind: standing.of_customer(customer, now, message_class=kind) for kind, _ in _CLASSES}
    facts = known[MARKETING]
    reaching = [channel for channel in CHANNELS if channel in facts.addresses]
    can = accounts.accounts_of([customer.store_id])
    return {
        "rows": [(label, [_cell(kind, channel, known[kind], now) for channel in reaching]) for kind, label in _CLASSES],
        "others": [
            (
                words.CHANNELS[channel],
                "has no address here" if (customer.store_id, channel) in can else "is not connected",
            )
            for channel in CHANNELS
            if channel not in reaching
        ],
        "clocks": [(zone.replace("_", " "), now.astimezone(ZoneInfo(zone))) for zone in facts.zones],
        "lately": sorted(facts.history, reverse=True)[:5],
        "open": [words.ROOMS.get(room, room) for room in facts.open],
        "classes": words.CLASSES,
        "ways": words.CHANNELS,
    }


def _cell(message_class: str, channel: str, facts: Facts, now: datetime) -> dict[str, Any]:
    asked = Candidate(key=0, customer_id=0, message_class=message_class, channels=(channel,), due_at=now)
    verdict = judge(asked, facts, now)
    return {"channel": words.CHANNELS[channel], **_told(verdict)}


def _told(verdict: Verdict) -> dict[str, Any]:
    if verdict.answer == GO:
        return {"tone": "good", "short": "Goes now", "text": "", "until": None}
    why = words.why(verdict.why)
    tone = "info" if verdict.until else "neutral"
    held = words.until(verdict.why) if verdict.until else ""
    return {"tone": tone, "short": why.short, "text": why.text, "held": held, "until": verdict.until}
