"""The watch list: what somebody should look at, and what can be done for many at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.stores.models import Membership, Staff
from thereafter.tracking import watching
from thereafter.tracking.actions import watching as actions
from thereafter.tracking.actions.watching import NotPossible
from thereafter.tracking.console.watch_words import REASONS, row_facts
from thereafter.tracking.watching import VIEWS, Asked, Watched

MOST_AT_ONCE = 500


@require_safe
@staff_page("tracking.read")
def watch_list(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    asked, team = _asked(request), _team(request)
    page, rows = watching.page(request.store, asked, request.staff, request.GET.get("page"))
    numbers = watching.counts(request.store)
    context = {
        "tabs": [
            _tab(request, asked, name, numbers[name]) for name in VIEWS if numbers[name] or name in {"", asked.view}
        ],
        "rows": [row_facts(row, now, request.store) for row in rows],
        "page": page,
        "asked": asked,
        "query": f"?{_query(asked)}&page=",
        "carriers": [("", "Any carrier"), *watching.carriers(request.store)],
        "assigned": [("", "Anyone"), ("me", "Me"), ("nobody", "Nobody"), *((one.pk, one.name) for one in team)],
        "team": [("", "To nobody"), *((one.pk, f"To {one.name}") for one in team)],
        "reasons": [(key, f"As {label.lower()}") for key, label in REASONS],
        "is_calm": not numbers[""],
        "here": request.get_full_path(),
        "may_act": request.membership.may("tracking.edit"),
    }
    return render(request, "tracking/console/watch.html", context)


def _asked(request: HttpRequest) -> Asked:
    given = request.GET
    view, assigned = given.get("view", ""), given.get("assigned", "")
    return Asked(
        view=view if view in VIEWS else "",
        q=given.get("q", "").strip()[:80],
        carrier=given.get("carrier", "")[:60],
        assigned=assigned if assigned in {"me", "nobody"} or assigned.isdecimal() else "",
        newest=given.get("sort") == "newest",
    )


def _query(asked: Asked) -> str:
    fields = {"view": asked.view, "q": asked.q, "carrier": asked.carrier, "assigned": asked.assigned}
    fields["sort"] = "newest" if asked.newest else ""
    return urlencode({name: value for name, value in fields.items() if value})


def _tab(request: StaffRequest, asked: Asked, name: str, count: int) -> dict[str, Any]:
    address = reverse("tracking_console:watch", args=[request.store.slug])
    return {
        "label": VIEWS[name].label,
        "count": count,
        "url": f"{address}?{urlencode({'view': name, 'q': asked.q})}",
        "current": name == asked.view,
    }


def _team(request: StaffRequest) -> list[Staff]:
    rows = Membership.objects.of(request.store).select_related("staff").order_by("staff__name")
    return [one.staff for one in rows]


@require_POST
@staff_page("tracking.edit")
def assign(request: StaffRequest) -> HttpResponse:
    given = request.POST.get("to", "")
    to = next((one for one in _team(request) if str(one.pk) == given), None)

    def change(rows: list[Watched], now: datetime) -> str:
        done = actions.assign(request.store, rows, to, by=request.staff, now=now)
        return f"{_so_many(done)} now with {to.name}." if to else f"{_so_many(done)} now with nobody."

    return _change(request, change)


@require_POST
@staff_page("tracking.edit")
def see_to(request: StaffRequest) -> HttpResponse:
    def change(rows: list[Watched], now: datetime) -> str:
        return f"{_so_many(actions.see_to(request.store, rows, by=request.staff, now=now))} off the list."

    return _change(request, change)


@require_POST
@staff_page("tracking.edit")
def claim(request: StaffRequest) -> HttpResponse:
    reason = request.POST.get("reason", "")

    def change(rows: list[Watched], now: datetime) -> str:
        if reason not in dict(REASONS):
            raise NotPossible("Choose what you claim for.")
        done = actions.claim(request.store, rows, reason, by=request.staff, now=now)
        return f"{done} new {'claim' if done == 1 else 'claims'}. See Claims for what to send the carrier."

    return _change(request, change)


@staff_page("tracking.edit")
def write(request: StaffRequest) -> HttpResponse:
    """One message to the shoppers of the chosen rows: shown first with who gets it, then sent."""
    rows = _chosen(request.GET if request.method == "GET" else request.POST, request)
    if not rows:
        messages.error(request, "Choose at least one row first.")
        return redirect(_back(request))
    if request.method == "POST":

        def change(rows: list[Watched], now: datetime) -> str:
            given = request.POST
            done = actions.write_to(
                request.store, rows, given.get("subject", ""), given.get("text", ""), by=request.staff, now=now
            )
            return f"{done} {'message is' if done == 1 else 'messages are'} on the way."

        return _change(request, change)
    context = {
        "rows": [row_facts(row, clock.now(), request.store) for row in rows],
        "back": _back(request),
        "longest_subject": actions.LONGEST_SUBJECT,
        "longest_text": actions.LONGEST_NOTE,
    }
    return render(request, "tracking/console/watch_write.html", context)


def _change(request: StaffRequest, change: Callable[[list[Watched], datetime], str]) -> HttpResponseRedirect:
    rows = _chosen(request.POST, request)
    try:
        if not rows:
            raise NotPossible("Choose at least one row first.")
        messages.success(request, change(rows, clock.now()))
    except NotPossible as problem:
        messages.error(request, str(problem))
    return HttpResponseRedirect(_back(request))


def _chosen(given: Any, request: StaffRequest) -> list[Watched]:
    keys = []
    for text in given.getlist("row")[:MOST_AT_ONCE]:
        order_id, _, parcel_id = text.partition("-")
        if order_id.isdecimal() and parcel_id.isdecimal():
            keys.append((int(order_id), int(parcel_id) or None))
    return watching.watched(request.store, keys)


def _back(request: StaffRequest) -> str:
    """The list as it was looked at."""
    home = reverse("tracking_console:watch", args=[request.store.slug])
    there = (request.POST if request.method == "POST" else request.GET).get("back", "")
    return there if there.partition("?")[0] == home else home


def _so_many(count: int) -> str:
    return "One row is" if count == 1 else f"{count} rows are"
