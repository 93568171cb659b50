"""Merchants' pages: segments, who is in them, and making them."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.commerce.console import lists as people_lists
from thereafter.commerce.models import Customer
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys import uses
from thereafter.journeys.actions import segments as actions
from thereafter.journeys.actions.segments import Added, InUse
from thereafter.journeys.console import conditions
from thereafter.journeys.console import segment_lists as lists
from thereafter.journeys.console.conditions import Editor
from thereafter.journeys.console.segment_forms import ListForm, PeopleForm, SegmentForm, SyncForm
from thereafter.journeys.models import Segment
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.conditions import BadCondition
from thereafter.journeys.rules.conditions_in_words import as_line
from thereafter.journeys.rules.ready_segments import by_key
from thereafter.kit import clock
from thereafter.kit.pages import render

PAGE = 30
SHOWN = 5
# As long as a condition may be.
MOST_LETTERS = 2_000


@staff_page("journeys.read")
def segments(request: StaffRequest) -> HttpResponse:
    context = {
        "page_title": "Segments",
        "rows": lists.index(request.store, clock.now()),
        "ready": lists.ready(request.store),
    }
    return render(request, "journeys/console/segments.html", context)


@staff_page("journeys.read")
def segment(request: StaffRequest, key: str) -> HttpResponse:
    chosen = _chosen(request, key)
    q = request.GET.get("q", "")[:100].strip()
    page = Paginator(lists.members(chosen, q), PAGE).get_page(request.GET.get("page"))
    came, left = lists.moves(chosen, clock.now())
    context = {
        "page_title": chosen.name,
        "segment": chosen,
        "words": as_line(chosen.condition),
        "came": came,
        "left": left,
        "users": uses.users_of(chosen),
        "page": page,
        "figures": people_lists.lifetime(request.store, [stay.customer for stay in page]),
        "q": q,
        "query": "?" + urlencode({"q": q, "page": ""} if q else {"page": ""}),
        "form": PeopleForm(),
        "syncs": lists.syncs(chosen),
        "sync_form": SyncForm(),
    }
    return render(request, "journeys/console/segment.html", context)


@staff_page("journeys.edit")
def new(request: StaffRequest) -> HttpResponse:
    """Empty, with what comes along under `ready`, or with the `name` and `condition` of a page of figures."""
    ready = by_key(request.GET.get("ready", ""))
    if request.method == "POST":
        return _save(request, None)
    filled = lists.filled(ready, lists.much_money(request.store)) if ready else None
    name, condition = (filled.name, filled.condition) if filled else _given(request)
    return _form(request, SegmentForm(initial={"name": name}), _editor(request, condition), None)


def _given(request: StaffRequest) -> tuple[str, str]:
    return request.GET.get("name", "")[:100], request.GET.get("condition", "")[:MOST_LETTERS]


@staff_page("journeys.edit")
def edit(request: StaffRequest, key: str) -> HttpResponse:
    chosen = _chosen(request, key)
    if request.method == "POST":
        return _save(request, chosen)
    return _form(request, SegmentForm(initial={"name": chosen.name}), _editor(request, chosen.condition), chosen)


def _editor(request: StaffRequest, condition: str) -> Editor:
    return conditions.stored(request.store, vocabulary.segment(), condition, optional=False)


def _save(request: StaffRequest, chosen: Segment | None) -> HttpResponse:
    form, editor = SegmentForm(request.POST), _posted(request)
    if editor.pressed:
        return _form(request, SegmentForm(initial={"name": request.POST.get("name", "")}), editor, chosen)
    is_list = chosen is not None and chosen.is_list
    if not editor.text and not editor.error and not is_list:
        editor.error = "Say who is meant: add a condition."
    if not form.is_valid() or editor.error:
        return _form(request, form, editor, chosen, status=422)
    told: dict[str, Any] = {"name": form.cleaned_data["name"], "by": request.staff, "now": clock.now()}
    try:
        if chosen:
            actions.edit(chosen, condition="" if is_list else editor.text, **told)
        else:
            chosen = actions.create(request.store, condition=editor.text, **told)
    except BadCondition as wrong:
        editor.error = wrong.sentence
        return _form(request, form, editor, chosen, status=422)
    messages.success(request, f"“{chosen.name}” is saved.")
    return redirect("journeys_console:segment", request.store.slug, chosen.key)


def _posted(request: StaffRequest) -> Editor:
    """What the editor says, and whether the database can be asked that."""
    editor = conditions.posted(request.store, vocabulary.segment(), request.POST)
    wrong = lists.problem(request.store, editor.text, clock.now()) if editor.text and not editor.error else None
    if wrong:
        editor.error, editor.wrong = wrong.sentence, (wrong.line, wrong.column) if editor.as_text else ()
    return editor


def _form(
    request: StaffRequest, form: SegmentForm, editor: Editor, chosen: Segment | None, status: int = 200
) -> HttpResponse:
    context = {
        "page_title": f"Edit {chosen.name}" if chosen else "New segment",
        "segment": chosen,
        "form": form,
        "editor": editor,
        "preview": _preview(request, editor),
    }
    return render(request, "journeys/console/segment_edit.html", context, status)


def _preview(request: StaffRequest, editor: Editor) -> lists.Preview | None:
    if editor.error or not editor.text:
        return None
    try:
        return lists.preview(request.store, editor.text, clock.now())
    except BadCondition as wrong:
        editor.error = wrong.sentence
        return None


@require_POST
@staff_page("journeys.read")
def preview(request: StaffRequest) -> HttpResponse:
    """Whom the condition in the form would choose; while a row is not whole, that it waits."""
    editor = _posted(request)
    context = {"page_title": "Who would be in it", "editor": editor, "preview": _preview(request, editor)}
    return render(request, "journeys/console/segment_preview.html", context)


@require_POST
@staff_page("journeys.edit")
def delete(request: StaffRequest, key: str) -> HttpResponse:
    chosen = _chosen(request, key)
    try:
        actions.delete(chosen, by=request.staff, now=clock.now())
    except InUse as wrong:
        messages.error(request, f"“{chosen.name}” is still used by {', '.join(wrong.users)}. Take it out there first.")
        return redirect("journeys_console:segment", request.store.slug, key)
    messages.success(request, f"“{chosen.name}” is deleted.")
    return redirect("journeys_console:segments", request.store.slug)


@staff_page("journeys.edit")
def new_list(request: StaffRequest) -> HttpResponse:
    """People somebody chose, by their addresses."""
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        made = actions.create(request.store, name=form.cleaned_data["name"], condition="", by=request.staff, now=now)
        _say_added(request, actions.add_people(made, form.cleaned_data["addresses"], by=request.staff, now=now))
        return redirect("journeys_console:segment", request.store.slug, made.key)
    context = {"page_title": "New list", "form": form}
    return render(request, "journeys/console/segment_list.html", context, 422 if form.errors else 200)


@require_POST
@staff_page("journeys.edit")
def add_people(request: StaffRequest, key: str) -> HttpResponse:
    chosen = _list(request, key)
    form = PeopleForm(request.POST, request.FILES)
    if form.is_valid():
        _say_added(
            request, actions.add_people(chosen, form.cleaned_data["addresses"], by=request.staff, now=clock.now())
        )
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("journeys_console:segment", request.store.slug, key)


def _say_added(request: StaffRequest, added: Added) -> None:
    known = f" {_people(added.known)} in it already." if added.known else ""
    messages.success(request, f"{_people(added.added)} added.{known}")
    if added.strangers:
        named = ", ".join(added.strangers[:SHOWN]) + (" …" if len(added.strangers) > SHOWN else "")
        messages.warning(request, f"{_people(len(added.strangers))} not known as a customer: {named}")


def _people(count: int) -> str:
    return "1 person is" if count == 1 else f"{count:,} people are"


@require_POST
@staff_page("journeys.edit")
def remove_person(request: StaffRequest, key: str) -> HttpResponse:
    chosen = _list(request, key)
    number = request.POST.get("customer", "")
    person = get_object_or_404(Customer.objects.of(request.store), pk=int(number) if number.isdigit() else 0)
    actions.remove_person(chosen, person, by=request.staff, now=clock.now())
    messages.success(request, f"{person.display_name} is off the list.")
    return redirect("journeys_console:segment", request.store.slug, key)


@staff_page("customers.read")
def export(request: StaffRequest, key: str) -> HttpResponse:
    chosen = _chosen(request, key)
    response = HttpResponse(
        _table(lists.rows_of_table(lists.members(chosen).iterator(chunk_size=2000))),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="segment-{chosen.key}.csv"'
    return response


def _table(rows: Iterable[Sequence[str]]) -> str:
    """With a mark by which table programs know the letters."""
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return "\ufeff" + made.getvalue()


def _chosen(request: StaffRequest, key: str) -> Segment:
    return get_object_or_404(Segment.objects.of(request.store).select_related("store"), key=key)


def _list(request: StaffRequest, key: str) -> Segment:
    return get_object_or_404(Segment.objects.of(request.store).select_related("store"), key=key, condition="")
