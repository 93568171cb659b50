"""Members from another programme: choose a file, see what it would bring, carry it out, mend what was refused."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import number, render
from thereafter.loyalty.actions import importing
from thereafter.loyalty.actions.importing import Answers, NotReady
from thereafter.loyalty.console.forms import FileForm, ReadingForm
from thereafter.loyalty.console.spreadsheets import download
from thereafter.loyalty.importing import columns
from thereafter.loyalty.importing.tables import Unreadable
from thereafter.loyalty.models import Import, RefusedRow
from thereafter.loyalty.queries import imports as asking
from thereafter.loyalty.queries.imports import File, Preview
from thereafter.loyalty.queries.programmes import programme_now

SHOWN = 20
# A select of a tier for each name of the file; more names than that are no tiers.
MOST_TIERS = 40


@staff_page("loyalty.write")
def imports(request: StaffRequest) -> HttpResponse:
    """The files so far, and the way to bring another one."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        one = _looked(request, form)
        if one is not None:
            return _to(request, one)
    rows = Import.objects.of(request.store).defer("body").order_by("-created_at")[:SHOWN]
    context = {"page_title": "Bring members along", "form": form, "imports": rows, "systems": columns.SYSTEMS}
    return render(request, "loyalty/console/imports.html", context)


def _looked(request: StaffRequest, form: FileForm, mends: Import | None = None) -> Import | None:
    file = form.cleaned_data["file"]
    try:
        return importing.look(
            request.store, file.name or "", file.read(), by=request.staff, now=clock.now(), mends=mends
        )
    except Unreadable as wrong:
        form.add_error("file", str(wrong))
        return None


def _to(request: StaffRequest, one: Import) -> HttpResponse:
    return redirect("loyalty_console:import", request.store.slug, one.pk)


def _one(request: StaffRequest, import_id: int) -> Import:
    return get_object_or_404(Import.objects.of(request.store).select_related("store"), pk=import_id)


@staff_page("loyalty.write")
def one_import(request: StaffRequest, import_id: int) -> HttpResponse:
    """A file that is looked at, on its way, or brought in."""
    one = _one(request, import_id)
    if one.state != Import.State.LOOKED_AT:
        return _result(request, one)
    now = clock.now()
    file = asking.read(one, now)
    form = _reading_form(request, one, file)
    if request.method == "POST" and form.is_valid():
        importing.answer(one, _answers(request, form))
        return _to(request, one)
    is_ready = not columns.problem(file.plan.mapping) and not file.asked
    preview = asking.preview(request.store, one, file) if is_ready else None
    context = {
        "page_title": f"Bring members along: {one.name}",
        "one": one,
        "form": form,
        "columns": form.columns(),
        "first": file.table.rows[:3],
        "asked": file.asked,
        "problem": columns.problem(file.plan.mapping),
        "date_order": one.answers.get("date_order", ""),
        "tiers": _tier_choices(request, one, file),
        "preview": preview,
        **(_shown(request, preview) if preview else {}),
    }
    return render(request, "loyalty/console/import.html", context)


def _reading_form(request: StaffRequest, one: Import, file: File) -> ReadingForm:
    held = one.answers.get("mapping", {})
    initial = {
        "system": one.system,
        "again": one.again,
        "ends_on": one.answers.get("ends_on", ""),
        **{f"column_{name}": column for name, column in held.items()},
    }
    today = clock.now().astimezone(file.plan.zone).date()
    return ReadingForm(request.POST or None, table_columns=file.table.columns, today=today, initial=initial)


def _answers(request: StaffRequest, form: ReadingForm) -> Answers:
    said, names = form.cleaned_data, request.POST.getlist("tier_name")
    order = request.POST.get("date_order", "")
    ends: date | None = said["ends_on"]
    return Answers(
        system=said["system"],
        mapping=form.mapping,
        date_order=order if order in ("dmy", "mdy") else "",
        tiers={
            name.lower(): key.removeprefix("=")
            for name, key in zip(names, request.POST.getlist("tier_key"), strict=False)
            if key
        },
        ends_on=ends.isoformat() if ends else "",
        again=said["again"],
    )


def _tier_choices(request: StaffRequest, one: Import, file: File) -> dict[str, Any]:
    """Each name of the file, with the tier of ours it stands for. "=" before a key tells "none" from "not said"."""
    programme = programme_now(request.store.pk).programme
    names = list(dict.fromkeys(raw.get(file.plan.mapping.get("tier", ""), "").strip() for _, raw in file.table.rows))
    chosen = [
        (name, f"={file.plan.tiers[name.lower()]}" if name.lower() in file.plan.tiers else "")
        for name in names[:MOST_TIERS]
        if name
    ]
    own = [(f"={tier.id}", tier.name) for tier in programme.tiers]
    return {"names": chosen, "choices": [("", "Say which"), ("=", "No tier"), *own]}


def _shown(request: StaffRequest, preview: Preview) -> dict[str, Any]:
    names = {tier.id: tier.name for tier in programme_now(request.store.pk).programme.tiers}
    by_key = {key: count for key, count in preview.tiers.items() if key}
    return {
        "ends": [
            ("As your programme says" if not month else f"{date.fromisoformat(f'{month}-01'):%B %Y}", number(points))
            for month, points in sorted(preview.ends.items(), key=lambda pair: pair[0] or "9")
        ],
        "by_tier": [(names.get(key, key), number(count)) for key, count in by_key.items()],
        "refused": preview.refused[:SHOWN],
    }


def _result(request: StaffRequest, one: Import) -> HttpResponse:
    refused = one.refused.order_by("line")
    context = {
        "page_title": f"Brought along: {one.name}",
        "one": one,
        "system": columns.SYSTEMS.get(one.system, ""),
        "wrong": refused.filter(is_left_out=False).count(),
        "left_out": refused.filter(is_left_out=True).count(),
        "refused": [_row(one, row) for row in refused.order_by("is_left_out", "line")[:SHOWN]],
        "form": FileForm(),
        "mended": Import.objects.of(request.store).defer("body").filter(mends_id=one.pk).order_by("created_at"),
    }
    return render(request, "loyalty/console/import_result.html", context)


def _row(one: Import, row: RefusedRow) -> dict[str, Any]:
    """With its cells in the order of the file, which a database does not keep."""
    cells = {name: row.cells.get(name, "") for name in one.answers.get("columns", [])}
    return {"line": row.line, "cells": cells, "reason": row.reason, "is_left_out": row.is_left_out}


@require_POST
@staff_page("loyalty.write")
def begin(request: StaffRequest, import_id: int) -> HttpResponse:
    one = _one(request, import_id)
    try:
        importing.begin(one, by=request.staff, now=clock.now())
    except NotReady as missing:
        messages.error(request, str(missing))
    return _to(request, one)


@require_POST
@staff_page("loyalty.write")
def drop(request: StaffRequest, import_id: int) -> HttpResponse:
    if importing.drop(_one(request, import_id)):
        messages.success(request, "The file is forgotten; nothing was brought in.")
    return redirect("loyalty_console:imports", request.store.slug)


@require_POST
@staff_page("loyalty.write")
def mend(request: StaffRequest, import_id: int) -> HttpResponse:
    """The refused rows again, mended: they are read as the first file was."""
    one, form = _one(request, import_id), FileForm(request.POST, request.FILES)
    mended = _looked(request, form, mends=one) if form.is_valid() else None
    if mended is None:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return _to(request, mended or one)


@require_safe
@staff_page("loyalty.write")
def refused(request: StaffRequest, import_id: int) -> HttpResponse:
    """The rows that were not taken, as they stood, with line and reason: to be mended and brought again."""
    one = _one(request, import_id)
    names = [name for name in one.answers.get("columns", []) if name and name not in ("reason", "line")]
    return download(
        f"refused-{slugify(one.name.rpartition('.')[0]) or 'rows'}", ["reason", "line", *names], _lines(one, names)
    )


def _lines(one: Import, names: list[str]) -> Iterator[list[object]]:
    for row in one.refused.order_by("line").iterator(chunk_size=1000):
        yield [row.reason, row.line, *(str(row.cells.get(name, "")) for name in names)]
