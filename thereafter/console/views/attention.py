"""Dead letters: what was refused on its way in, what could not be carried out, and what waits."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.console import queries
from thereafter.console.actions import letters
from thereafter.console.forms import BodyForm
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.console.words import awaited, handler_in_words, meaning, reason_in_words, topic_in_words
from thereafter.kit import clock
from thereafter.kit.pages import humanise, render, url
from thereafter.timeline import inbox, outbox
from thereafter.timeline.models import Delivery, Inbound

PAGE = 30
_WORDS = {"in_words": reason_in_words, "topic_in_words": topic_in_words, "awaited": awaited}
# A longer body is shown in part and cannot be mended in the browser.
MOST_EDITABLE = 200_000


@staff_page("intake.read")
def refused(request: StaffRequest) -> HttpResponse:
    asked = _filter(request.GET)
    calls = queries.refused_calls(request.store, **asked)
    context = {
        "rows": Paginator(calls, PAGE).get_page(request.GET.get("page")),
        "reasons": queries.reasons(request.store),
        "asked": asked,
        "query": "?" + urlencode({key: value for key, value in asked.items() if value} | {"page": ""}),
    }
    return _page(request, "console/attention/refused.html", context)


def _filter(given: Any) -> dict[str, str]:
    return {name: str(given.get(name, ""))[:300] for name in ("reason", "source", "q")}


@staff_page("intake.read")
def failed(request: StaffRequest) -> HttpResponse:
    page = Paginator(outbox.dead(request.store), PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "delivery": delivery,
            "event": humanise(delivery.entry.name),
            "meaning": meaning(delivery.entry.name),
            "handler": handler_in_words(delivery.subscriber),
        }
        for delivery in page
    ]
    return _page(request, "console/attention/failed.html", {"rows": rows, "page": page})


@staff_page("intake.read")
def kept(request: StaffRequest) -> HttpResponse:
    page = Paginator(queries.kept_calls(request.store), PAGE).get_page(request.GET.get("page"))
    return _page(request, "console/attention/kept.html", {"rows": page})


def _page(request: StaffRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    store = request.store
    tabs = [
        _tab(request, "Refused", "console:attention", inbox.refused(store)),
        _tab(request, "Not carried out", "console:failed", outbox.dead(store)),
        _tab(request, "Waiting for something", "console:kept", queries.kept_calls(store)),
    ]
    return render(request, template, context | _WORDS | {"tabs": tabs, "page_title": "Needs attention"})


def _tab(request: StaffRequest, label: str, name: str, rows: QuerySet[Any]) -> dict[str, Any]:
    address = url(name, request.store.slug)
    return {"label": label, "url": address, "count": rows.order_by().count(), "current": request.path == address}


@staff_page("intake.read")
def call(request: StaffRequest, call_id: int) -> HttpResponse:
    """One call: why it stopped, what it said, and the body to mend before it runs again."""
    stopped = (Inbound.State.REFUSED, Inbound.State.KEPT)
    inbound = get_object_or_404(Inbound.objects.of(request.store), pk=call_id, state__in=stopped)
    shown, is_json = _readable(inbound.body)
    form = BodyForm(request.POST or None, initial={"body": shown}, is_json=is_json)
    if request.method == "POST":
        if not request.membership.may("intake.replay"):
            return redirect("console:call", request.store.slug, call_id)
        if len(shown) > MOST_EDITABLE:
            return _replay(request, inbound, mended=None)
        if form.is_valid():
            # A body that was not touched goes in byte for byte as it came.
            body = form.cleaned_data["body"]
            return _replay(request, inbound, mended=None if body.strip() == shown.strip() else body)
    context = {
        "inbound": inbound,
        "form": form,
        "shown": shown[:MOST_EDITABLE],
        "can_mend": len(shown) <= MOST_EDITABLE,
        "is_refused": inbound.state == Inbound.State.REFUSED,
        "what": topic_in_words(inbound.topic) or "Call",
    }
    return render(request, "console/attention/call.html", context | _WORDS | {"page_title": context["what"]})


def _readable(body: str) -> tuple[str, bool]:
    """The body as people read it, and whether it is JSON."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False), True
    except ValueError:
        return body.replace("\r\n", "\n"), False


def _replay(request: StaffRequest, inbound: Inbound, *, mended: str | None) -> HttpResponse:
    if letters.replay_call(request.store, inbound, body=mended, by=request.staff, now=clock.now()):
        messages.success(request, "It goes in again. If it is refused once more, you find it here with the reason.")
    return redirect("console:attention", request.store.slug)


@require_POST
@staff_page("intake.replay")
def replay_all(request: StaffRequest) -> HttpResponse:
    """Everything that the filter of the list shows goes in again."""
    calls = queries.refused_calls(request.store, **_filter(request.POST))
    ids = calls.order_by().values_list("pk", flat=True)
    done = letters.replay_calls(request.store, ids, by=request.staff, now=clock.now())
    messages.success(request, f"{done} go in again." if done != 1 else "One goes in again.")
    return redirect("console:attention", request.store.slug)


@require_POST
@staff_page("intake.replay")
def put_aside(request: StaffRequest, call_id: int) -> HttpResponse:
    inbound = get_object_or_404(inbox.refused(request.store), pk=call_id)
    letters.put_call_aside(request.store, inbound, by=request.staff, now=clock.now())
    messages.success(request, "Put aside. The audit log says who did it and why it was refused.")
    return redirect("console:attention", request.store.slug)


@require_POST
@staff_page("intake.replay")
def replay_events(request: StaffRequest) -> HttpResponse:
    done = letters.replay_deliveries(request.store, by=request.staff, now=clock.now())
    messages.success(request, f"{done} are tried again." if done != 1 else "One is tried again.")
    return redirect("console:failed", request.store.slug)


@require_POST
@staff_page("intake.replay")
def replay_event(request: StaffRequest, delivery_id: int) -> HttpResponse:
    letters.replay_delivery(request.store, _dead(request, delivery_id), by=request.staff, now=clock.now())
    messages.success(request, "It is tried again now.")
    return redirect("console:failed", request.store.slug)


@require_POST
@staff_page("intake.replay")
def put_event_aside(request: StaffRequest, delivery_id: int) -> HttpResponse:
    letters.put_delivery_aside(request.store, _dead(request, delivery_id), by=request.staff, now=clock.now())
    messages.success(request, "Put aside. The audit log says who did it and what the error was.")
    return redirect("console:failed", request.store.slug)


def _dead(request: StaffRequest, delivery_id: int) -> Delivery:
    return get_object_or_404(outbox.dead(request.store), pk=delivery_id)
