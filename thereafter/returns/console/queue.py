"""The list of cases: what is to be done, found, filtered, kept as a view, and taken along as a file."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, url
from thereafter.kit.tables import harmless
from thereafter.returns import choosing
from thereafter.returns.actions import answering
from thereafter.returns.case_words import BASES
from thereafter.returns.choosing import SORTS, VIEWS, Asked
from thereafter.returns.console.queue_rows import FILE_HEAD, file_row, row_facts
from thereafter.returns.models import Case, CaseFilter
from thereafter.returns.rules import reasons
from thereafter.returns.rules.policy.outcomes import OUTCOMES
from thereafter.returns.standings import standings
from thereafter.stores.models import Membership, Staff, Store

_CHUNK = 500
_ALWAYS = ("", "decide", "done", "all")


@require_safe
@staff_page("returns.read")
def cases(request: StaffRequest) -> HttpResponse:
    today = clock.day_in(clock.now(), request.store.time_zone)
    asked = choosing.read(request.GET)
    page = choosing.page(choosing.cases(request.store, asked, me=request.staff.pk, today=today), asked)
    found = standings(request.store, page.rows)
    numbers = choosing.counts(request.store, today)
    home = url("returns_console:cases", request.store.slug)
    context = {
        "rows": [row_facts(one, today) for one in found.values()],
        "asked": asked,
        "query": asked.query(),
        "tabs": [_tab(home, asked, name, numbers) for name in VIEWS if _is_shown(name, asked, numbers)],
        "kept": _kept(request.store, home, asked),
        "older": f"?{asked.query(after=page.after)}" if page.after else "",
        "newer": f"?{asked.query(before=page.before)}" if page.before else "",
        "choices": _choices(request.store),
        "here": request.get_full_path(),
        "is_new": not page.rows and not asked.has_filters and not Case.objects.of(request.store).exists(),
        "page_title": "Cases",
    }
    return render(request, "returns/console/cases.html", context)


def _is_shown(name: str, asked: Asked, numbers: dict[str, int]) -> bool:
    """A view in which nothing waits would only push the others away."""
    return name in _ALWAYS or name == asked.view or bool(numbers.get(name))


def _tab(home: str, asked: Asked, name: str, numbers: dict[str, int]) -> dict[str, Any]:
    address = f"{home}?{Asked(view=name, q=asked.q).query()}"
    current = name == asked.view
    return {"label": VIEWS[name].label, "count": numbers.get(name), "url": address, "current": current}


def _kept(store: Store, home: str, asked: Asked) -> list[dict[str, Any]]:
    here = asked.query()
    rows = CaseFilter.objects.of(store).order_by("name")
    return [
        {"pk": one.pk, "name": one.name, "url": f"{home}?{one.query}", "current": one.query == here} for one in rows
    ]


def _choices(store: Store) -> dict[str, list[tuple[str, str]]]:
    return {
        "reason": [("", "Any reason"), *((one.key, one.text) for one in reasons.BY_KEY.values())],
        "outcome": [("", "Any wish"), *OUTCOMES.items()],
        "basis": [("", "Any ground"), *BASES.items()],
        "assigned": [("", "Anyone"), ("me", "Me"), ("nobody", "Nobody"), *_people(store)],
        "sort": [(name, sort.label) for name, sort in SORTS.items()],
        "team": [("", "To nobody"), *((pk, f"To {name}") for pk, name in _people(store))],
    }


def _people(store: Store) -> list[tuple[str, str]]:
    return [(str(one.pk), one.name) for one in team(store)]


def team(store: Store) -> list[Staff]:
    rows = Membership.objects.of(store).select_related("staff").order_by("staff__name")
    return [one.staff for one in rows]


@require_POST
@staff_page("returns.approve")
def keep_view(request: StaffRequest) -> HttpResponse:
    """Keeps the filters that are on as a view of everybody."""
    asked = choosing.read_query(request.POST.get("query", "")[:500])
    try:
        kept = answering.keep_filter(
            request.store, request.POST.get("name", ""), asked.query(), by=request.staff, now=clock.now()
        )
        messages.success(request, f"“{kept.name}” is kept above the list, for everybody in the shop.")
    except ValueError as problem:
        messages.error(request, str(problem))
    return redirect(f"{url('returns_console:cases', request.store.slug)}?{asked.query()}")


@require_POST
@staff_page("returns.approve")
def forget_view(request: StaffRequest) -> HttpResponse:
    chosen = [int(pk) for pk in request.POST.getlist("view") if pk.isdecimal()]
    if answering.forget_filters(request.store, chosen):
        messages.success(request, "The view was removed. The cases in it are untouched.")
    return redirect("returns_console:cases", request.store.slug)


@require_safe
@staff_page("returns.read")
def file(request: StaffRequest) -> HttpResponse:
    """All that the list shows, without pages."""
    today = clock.day_in(clock.now(), request.store.time_zone)
    asked = choosing.read(request.GET)
    rows = choosing.in_order(choosing.cases(request.store, asked, me=request.staff.pk, today=today), asked)
    response = HttpResponse(_lines(request.store, rows, today), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="returns.csv"'
    return response


def _lines(store: Store, rows: Any, today: Any) -> Iterator[str]:
    yield _line(FILE_HEAD)
    chunk: list[Case] = []
    for case in rows.iterator(chunk_size=_CHUNK):
        chunk.append(case)
        if len(chunk) == _CHUNK:
            yield from (_line(file_row(one, today)) for one in standings(store, chunk).values())
            chunk = []
    yield from (_line(file_row(one, today)) for one in standings(store, chunk).values())


def _line(values: Iterable[object]) -> str:
    held = io.StringIO()
    csv.writer(held).writerow([harmless(str(value)) for value in values])
    return held.getvalue()
