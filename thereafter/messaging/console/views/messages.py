"""Merchants' pages: what was sent to whom, what became of it, and why some was not."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging import catalogue, course, library, queries, words
from thereafter.messaging.composing import headers_of, mail_host, render_again, sender_of
from thereafter.messaging.mail_page import mail_page
from thereafter.messaging.models import Message, Receipt
from thereafter.messaging.queries import HELD, Asked
from thereafter.messaging.rendering import CannotRender, Rendered
from thereafter.messaging.rules import message_id as message_id_of
from thereafter.stores.models import Store

PAGE, LOOKED_BACK = 50, timedelta(days=30)


@staff_page("messages.read")
def messages(request: StaffRequest) -> HttpResponse:
    store = request.store
    asked = Asked(**{name: request.GET.get(field, "").strip()[:100] for name, field in _FIELDS.items()})
    page = Paginator(queries.listed(store, asked), PAGE).get_page(request.GET.get("page"))
    fields = {name: value for name, value in _fields(asked).items() if value}
    context = {
        "page_title": "Messages",
        "asked": _fields(asked),
        "page": page,
        "rows": _rows(store, list(page.object_list)),
        "query": f"?{urlencode(fields)}&page=",
        "tabs": _tabs(store, asked),
        "template_options": [("", "All templates"), *((one.key, one.label) for one in catalogue.templates(store))],
        "channel_options": [("", "All channels"), *words.CHANNELS.items()],
        "reason": words.why(asked.reason).short if asked.reason else "",
        "origin": words.origins_in_words(store, [asked.origin]).get(asked.origin, ("", ""))[0],
        "without": f"?{urlencode({**fields, 'reason': '', 'origin': ''})}",
        **shared_words(),
        "labels": labels_of(store),
    }
    return render(request, "messaging/console/messages.html", context)


# What is asked for, by its name in the address.
_FIELDS = {name: name for name in ("state", "template", "channel", "reason", "origin")} | {"words": "q"}


def _fields(asked: Asked) -> dict[str, str]:
    return {field: getattr(asked, name) for name, field in _FIELDS.items()}


def _rows(store: Store, found: Collection[Message]) -> list[dict[str, Any]]:
    """Each message with its state, its receipts and what wanted it sent."""
    receipts = _best_receipts(store, [message.pk for message in found])
    origins = words.origins_in_words(store, {message.origin for message in found})
    return [
        {
            "message": message,
            "state": words.state_of(message),
            "receipt": receipts.get(message.pk),
            "origin": origins.get(message.origin, ("", ""))[0],
        }
        for message in found
    ]


# What tells more replaces what tells less.
_TELLING = ("delivered", "opened", "clicked", "replied", "bounced", "complained")


def _best_receipts(store: Store, message_ids: Collection[int]) -> dict[int, str]:
    """The most telling thing that people did with each message; machines' openings do not count."""
    kinds: dict[int, str] = {}
    rows = Receipt.objects.of(store).filter(message_id__in=message_ids, machine=False)
    for message_id, kind in rows.values_list("message_id", "kind"):
        held = kinds.get(message_id, "")
        if not held or _TELLING.index(kind) > _TELLING.index(held):
            kinds[message_id] = kind
    return kinds


def _tabs(store: Store, asked: Asked) -> list[dict[str, Any]]:
    counts = queries.counts(store)
    total = sum(counts.values())
    states = [("", "All", total), *((state, words.STATES[state], counts.get(state, 0)) for state in words.STATES)]
    kept = {name: value for name, value in _fields(asked).items() if value and name != "state"}
    return [
        {"label": label, "url": f"?{urlencode({**kept, 'state': state})}", "current": state == asked.state, "count": n}
        for state, label, n in states
        if n or not state or state == asked.state
    ]


def labels_of(store: Store) -> dict[str, str]:
    """What the templates are called that the store sends."""
    return {one.key: one.label for one in catalogue.templates(store)}


def shared_words() -> dict[str, Any]:
    return {
        "labels": {key: template.label for key, template in library.templates.items()},
        "tones": words.TONES,
        "states": words.STATES,
        "classes": words.CLASSES,
        "channels": words.CHANNELS,
        "why": words.why,
        "until": words.until,
        "in_words": words.reason_in_words,
    }


@staff_page("messages.read")
def why_not(request: StaffRequest) -> HttpResponse:
    """What was not sent in the last 30 days and what waits now, by reason, and what to do about it."""
    found = queries.reasons(request.store, clock.now() - LOOKED_BACK)
    rows: list[dict[str, Any]] = [
        {"state": HELD if state == Message.State.QUEUED else state, "reason": reason, "count": count, **_advice(reason)}
        for state, reason, count in found
    ]
    context = {
        "page_title": "Why not sent",
        "skipped": [row for row in rows if row["state"] != HELD],
        "held": [row for row in rows if row["state"] == HELD],
        "total": sum(row["count"] for row in rows if row["state"] != HELD),
        "sent": queries.sent_since(request.store, clock.now() - LOOKED_BACK),
        "tones": words.TONES,
    }
    return render(request, "messaging/console/why_not.html", context)


def _advice(reason: str) -> dict[str, str]:
    told = {
        "template": words.why("template:"),
        "refused": words.Why(
            "Refused", "The other side refused the message for good.", "Open one of them: it says in whose words."
        ),
    }.get(reason) or words.why(reason)
    text = "A template has a mistake, so that its messages cannot be written." if reason == "template" else told.text
    return {"short": told.short, "text": text, "advice": told.advice}


@staff_page("messages.read")
def message(request: StaffRequest, message_id: int) -> HttpResponse:
    """A message as it was sent and what became of it, or why it was not."""
    found = _message(request, message_id)
    rendered = _rendered(found)
    label, link = words.origins_in_words(request.store, [found.origin]).get(found.origin, ("", ""))
    labels = labels_of(request.store)
    context = {
        "page_title": found.subject or labels.get(found.template, found.template),
        "message": found,
        "state": words.state_of(found),
        "rendered": rendered,
        "headers": _headers(request.store, found) if found.channel == "email" else [],
        "view": "text" if request.GET.get("view") == "text" else "mail",
        "course": course.of(found),
        "origin": label,
        "origin_url": link,
        **shared_words(),
        "labels": labels,
    }
    return render(request, "messaging/console/message.html", context)


def _headers(store: Store, found: Message) -> list[tuple[str, str]]:
    headers = {
        "From": f"{store.name} <{sender_of(store)}>",
        "To": found.to_address,
        "Reply-To": store.support_email,
        "Message-ID": message_id_of(found.store_id, found.key, mail_host()),
        **headers_of(found),
    }
    return [(name, value) for name, value in headers.items() if value]


@staff_page("messages.read")
def message_mail(request: StaffRequest, message_id: int) -> HttpResponse:
    rendered = _rendered(_message(request, message_id))
    if rendered is None or not rendered.html:
        raise Http404
    return mail_page(rendered.html)


def _message(request: StaffRequest, message_id: int) -> Message:
    rows = Message.objects.of(request.store).select_related("store", "customer", "order", "version")
    return get_object_or_404(rows, pk=message_id)


def _rendered(found: Message) -> Rendered | None:
    """None when it never came to that. A link that signs in or says yes for somebody is for the shopper alone."""
    if "account" in found.facts.get("links", {}):
        found.facts["links"]["account"] = "#"
    if "confirm" in found.facts:
        found.facts["confirm"] = {"url": "#"}
    try:
        return render_again(found)
    except CannotRender:
        return None
