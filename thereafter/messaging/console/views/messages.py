"""Merchants' pages: what was sent to whom and why not, and the templates."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit.pages import render
from thereafter.messaging import library, queries, words
from thereafter.messaging.composing import headers_of, mail_host, render_again, sender_of
from thereafter.messaging.mail_page import mail_page
from thereafter.messaging.models import Message
from thereafter.messaging.rendering import CannotRender, Rendered
from thereafter.messaging.rules import message_id as message_id_of

PAGE = 50


@staff_page("messages.read")
def messages(request: StaffRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ("state", "template", "q")}
    found = queries.listed(request.store, state=asked["state"], template=asked["template"], words=asked["q"])
    context = {
        "page_title": "Messages",
        "asked": asked,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "query": f"?{urlencode(asked)}&page=",
        "tabs": _tabs(request, asked),
        "template_options": [("", "All templates"), *((one.key, one.label) for one in library.templates.values())],
        **shared_words(),
    }
    return render(request, "messaging/console/messages.html", context)


def _tabs(request: StaffRequest, asked: dict[str, str]) -> list[dict[str, Any]]:
    counts = queries.counts(request.store)
    states = [("", "All", sum(counts.values())), *((s.value, s.label, counts.get(s.value, 0)) for s in Message.State)]
    return [
        {
            "label": label,
            "url": f"?{urlencode({**asked, 'state': state})}",
            "current": state == asked["state"],
            "count": n,
        }
        for state, label, n in states
        if n or not state or state == asked["state"]
    ]


def shared_words() -> dict[str, Any]:
    labels = {key: template.label for key, template in library.templates.items()}
    return {"labels": labels, "tones": words.TONES, "classes": words.CLASSES, "in_words": words.reason_in_words}


@staff_page("messages.read")
def message(request: StaffRequest, message_id: int) -> HttpResponse:
    """A message as it was sent, with its text part and headers, or why it was not."""
    found = _message(request, message_id)
    rendered = _rendered(found)
    headers = {
        "From": f"{request.store.name} <{sender_of(request.store)}>",
        "To": found.to_address,
        "Reply-To": request.store.support_email,
        "Message-ID": message_id_of(found.store_id, found.key, mail_host()),
        **headers_of(found),
    }
    context = {
        "page_title": found.subject or library.template(found.template).label,
        "message": found,
        "rendered": rendered,
        "headers": [(name, value) for name, value in headers.items() if value],
        "view": "text" if request.GET.get("view") == "text" else "mail",
        **shared_words(),
    }
    return render(request, "messaging/console/message.html", context)


@staff_page("messages.read")
def message_mail(request: StaffRequest, message_id: int) -> HttpResponse:
    rendered = _rendered(_message(request, message_id))
    if rendered is None:
        raise Http404
    return mail_page(rendered.html)


def _message(request: StaffRequest, message_id: int) -> Message:
    rows = Message.objects.of(request.store).select_related("store", "customer", "order", "version")
    return get_object_or_404(rows, pk=message_id)


def _rendered(found: Message) -> Rendered | None:
    """None when it never came to that. A link that signs in is for the shopper alone."""
    if "account" in found.facts.get("links", {}):
        found.facts["links"]["account"] = "#"
    try:
        return render_again(found)
    except CannotRender:
        return None
