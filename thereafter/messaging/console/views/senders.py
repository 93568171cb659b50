"""Merchants' pages: whether mail from the shop's domain arrives, and what to add where it may not."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging import accounts, dns
from thereafter.messaging.actions.senders import keep_check
from thereafter.messaging.composing import sender_of
from thereafter.messaging.models import SenderCheck
from thereafter.messaging.rules import sender_domain
from thereafter.messaging.rules.letters import is_address
from thereafter.stores.models import Store

TONES = {"good": "good", "warn": "warn", "bad": "bad", "unknown": "neutral"}
SAID = {"good": "Right", "warn": "Could be better", "bad": "Missing or wrong", "unknown": "Not known"}


@staff_page("messages.senders")
def senders(request: StaffRequest) -> HttpResponse:
    sender = sender_of(request.store)
    domain = sender_domain.domain_of(sender) if is_address(sender) else ""
    if request.method == "POST":
        return _checked(request, domain)
    check = SenderCheck.objects.of(request.store).filter(domain=domain).first()
    context: dict[str, Any] = {
        "page_title": "Sender",
        "sender": sender,
        "domain": domain,
        "is_own": bool(request.store.sender_email or request.store.support_email),
        "check": check,
        "selector": check.found.get("selector", "") if check else "",
        "findings": _findings(request.store, check) if check else [],
        "tones": TONES,
        "said": SAID,
    }
    return render(request, "messaging/console/senders.html", context)


def _checked(request: StaffRequest, domain: str) -> HttpResponse:
    """Asks the name server, for three seconds at most."""
    selector = request.POST.get("selector", "").strip().lower()[:63]
    if selector and not sender_domain.is_selector(selector):
        messages.error(request, "A selector is letters, digits, dots and hyphens, such as s1.")
    elif domain:
        asked = sender_domain.questions(domain, selector)
        answers = dns.look_up(asked.values())
        said = {name: answers[question] for name, question in asked.items()}
        keep_check(request.store, domain, selector, said, clock.now())
        if all(records is None for records in said.values()):
            messages.error(request, "The name server of this installation did not answer. Try again in a minute.")
    return redirect("messaging_console:senders", request.store.slug)


def _findings(store: Store, check: SenderCheck) -> list[sender_domain.Finding]:
    account = accounts.account_of(store.pk, "email")
    provider = account.provider if account else ""
    return sender_domain.judged(
        check.domain, check.found.get("selector", ""), check.found.get("said", {}), provider=provider
    )
