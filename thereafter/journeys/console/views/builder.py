"""The builder: the draft as a picture, the panel beside it, and what is done to both."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys.actions import drafting
from thereafter.journeys.console import acts
from thereafter.journeys.console.choices import Choices
from thereafter.journeys.console.desk import Desk
from thereafter.journeys.console.fields import pressed
from thereafter.journeys.console.panel import panel_of
from thereafter.journeys.console.views.journeys import chosen_journey
from thereafter.journeys.rules.editing import CannotEdit
from thereafter.kit import clock
from thereafter.kit.http import wants_fragment
from thereafter.kit.pages import render

# What an address of the builder may say about the panel.
_OPENS = ("step", "at", "way", "open", "remove", "find")


@staff_page("journeys.edit")
def edit(request: StaffRequest, key: str) -> HttpResponse:
    desk = Desk(request.store, chosen_journey(request, key), since=request.GET.get("since", ""))
    context = {"page_title": desk.journey.name, "desk": desk, **_opened(desk, request.GET)}
    return render(request, "journeys/console/builder.html", context)


@staff_page("journeys.edit")
def panel(request: StaffRequest, key: str) -> HttpResponse:
    """The panel alone, for htmx; without scripts its links lead to the whole page."""
    if not wants_fragment(request):
        return redirect(_address(request, key, request.GET))
    desk = Desk(request.store, chosen_journey(request, key))
    return render(request, "journeys/console/panel.html", {"desk": desk, **_opened(desk, request.GET)})


@require_POST
@staff_page("journeys.edit")
def do(request: StaffRequest, key: str) -> HttpResponse:
    """Changes the draft; answers with the picture, the bar and the panel, or without scripts with the whole page."""
    journey, now = chosen_journey(request, key), clock.now()
    before, act = Desk(request.store, journey), request.POST.get("act", "")
    if pressed(request.POST):
        return _shown_again(request, before)
    change, wrong = None, ""
    if act in ("undo", "redo"):
        did = (drafting.undo if act == "undo" else drafting.redo)(journey, now=now)
        told = f"{'Taken back' if act == 'undo' else 'Done again'}: {did}." if did else f"There is nothing to {act}."
        change = acts.Change(dict(before.document), told, show="open=overview")
    else:
        told = ""
        try:
            change = acts.carry_out(act, before.document, request.POST, Choices(request.store))
            drafting.change(journey, change.document, did=change.did, by=request.staff, now=now, mark=change.mark)
            drafting.rename(journey, change.name, by=request.staff, now=now)
        except CannotEdit as refused:
            wrong = str(refused)
    return _answer(request, key, change, told=told, wrong=wrong)


def _shown_again(request: StaffRequest, desk: Desk) -> HttpResponse:
    """The page with the form as it was sent: somebody without scripts wants another row of a condition."""
    desk.posted = request.POST
    opens = request.POST.get("step") and f"step={request.POST['step']}"
    opened = _opened(desk, QueryDict(opens or f"open={request.POST.get('act', '')}"))
    context = {"page_title": desk.journey.name, "desk": desk, **opened}
    return render(request, "journeys/console/builder.html", context)


def _answer(request: StaffRequest, key: str, change: acts.Change | None, *, told: str, wrong: str) -> HttpResponse:
    if not wants_fragment(request):
        if told or wrong:
            (messages.error if wrong else messages.success)(request, wrong or told)
        where = QueryDict(change.show if change else "")
        return redirect(_address(request, key, where or request.POST) + (f"#n-{change.focus}" if change else "#panel"))
    desk = Desk(request.store, chosen_journey(request, key))
    shows = change.show if change else ""
    opened = _opened(desk, QueryDict(shows) if shows else request.POST)
    context = {"desk": desk, "told": told, "wrong": wrong, "renews_panel": bool(shows), **opened}
    response = render(request, "journeys/console/done.html", context)
    response.headers["HX-Trigger-After-Settle"] = json.dumps(
        {"builder:done": {"focus": change.focus if change else ""}}
    )
    return response


def _opened(desk: Desk, asked: QueryDict) -> dict[str, Any]:
    panel = panel_of(desk, asked)
    desk.chosen = panel.get("step") or ("trigger" if panel["kind"] == "trigger" else "")
    return {"panel": panel}


def _address(request: StaffRequest, key: str, asked: QueryDict) -> str:
    kept = QueryDict(mutable=True)
    for name in _OPENS:
        if name in asked:
            kept[name] = asked.get(name, "")
    address = reverse("journeys_console:edit", args=[request.store.slug, key])
    return f"{address}?{kept.urlencode()}" if kept else address
