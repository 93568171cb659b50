"""Reviews from another app: choose a file, see what it would bring, carry it out, mend what was refused."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.feedback.actions import review_fetching, review_imports
from thereafter.feedback.actions.review_imports import NotReady
from thereafter.feedback.console.import_forms import MOST_PRODUCTS, FileForm, MendedForm, ReadingForm
from thereafter.feedback.models import RefusedReview, ReviewImport, ReviewPhoto
from thereafter.feedback.queries import review_imports as asking
from thereafter.feedback.queries.review_imports import Preview
from thereafter.feedback.rules.review_formats import refusals
from thereafter.feedback.rules.review_formats.formats import CHOICES
from thereafter.feedback.rules.review_formats.reading import File
from thereafter.kit import clock
from thereafter.kit.pages import number, render
from thereafter.kit.tables import Unreadable

SHOWN = 20
# A list to choose from; beyond it a title, number or SKU is typed.
MOST_OFFERED = 2000
State = ReviewImport.State


@staff_page("feedback.write")
def imports(request: StaffRequest) -> HttpResponse:
    """The files so far, and the way to bring another one."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        one = _looked(request, form)
        if one is not None:
            return _to(request, one)
    rows = ReviewImport.objects.of(request.store).defer("body").order_by("-created_at")[:SHOWN]
    context = {"page_title": "Import reviews", "form": form, "imports": rows, "systems": CHOICES}
    return render(request, "feedback/console/imports.html", context)


def _looked(request: StaffRequest, form: FileForm) -> ReviewImport | None:
    file, system = form.cleaned_data["file"], form.cleaned_data["system"]
    try:
        return review_imports.look(
            request.store, file.name or "", file.read(), by=request.staff, now=clock.now(), system=system
        )
    except Unreadable as wrong:
        form.add_error("file", str(wrong))
        return None


def _to(request: StaffRequest, one: ReviewImport) -> HttpResponse:
    return redirect("feedback_console:review_import", request.store.slug, one.pk)


def _one(request: StaffRequest, pk: int) -> ReviewImport:
    return get_object_or_404(ReviewImport.objects.of(request.store).select_related("store"), pk=pk)


@staff_page("feedback.write")
def one_import(request: StaffRequest, review_import_id: int) -> HttpResponse:
    """A file that is looked at, on its way, or brought in."""
    one = _one(request, review_import_id)
    if one.state != State.LOOKED_AT:
        return _result(request, one)
    file = asking.read(one, clock.now())
    preview = asking.preview(one, file)
    products = asking.shelf_of(one)
    initial = {"system": one.system, "date_order": one.answers.get("date_order") or file.suggested}
    has_order = bool(file.asked or one.answers.get("date_order"))
    form = ReadingForm(
        request.POST or None, missing=preview.missing, products=products, has_order=has_order, initial=initial
    )
    if request.method == "POST" and form.is_valid() and _answered(one, form):
        return _to(request, one)
    offered = [products.offered(pk) for pk in products.titles] if len(products.titles) <= MOST_OFFERED else []
    context = {
        "page_title": f"Import reviews: {one.name}",
        "one": one,
        "system": CHOICES.get(one.system, ""),
        "form": form,
        "file": file,
        "offered": sorted(offered, key=str.lower) if preview.missing else [],
        "more_missing": max(0, len(preview.missing) - MOST_PRODUCTS),
        "preview": preview,
        **_shown(preview, file),
    }
    return render(request, "feedback/console/import.html", context)


def _answered(one: ReviewImport, form: ReadingForm) -> bool:
    said = form.cleaned_data
    # Names that are not shown keep what was said of them.
    others = {name: pk for name, pk in one.answers.get("products", {}).items() if name not in form.names}
    products = {**others, **said["products"]}
    try:
        review_imports.answer(one, system=said["system"], date_order=said.get("date_order", ""), products=products)
    except Unreadable as wrong:
        form.add_error("system", str(wrong))
        return False
    return True


def _shown(preview: Preview, file: File) -> dict[str, Any]:
    """What the tiles say more of."""
    states = [("Published", "published"), ("To be looked at", "pending"), ("Hidden there, hidden here", "hidden")]
    zone = file.plan.zone
    return {
        "states": [(label, number(preview.states[state])) for label, state in states if preview.states[state]],
        "stars": [
            (f"{stars} stars" if stars > 1 else "1 star", number(preview.stars[stars])) for stars in (5, 4, 3, 2, 1)
        ],
        "first": preview.first.astimezone(zone).date() if preview.first else None,
        "last": preview.last.astimezone(zone).date() if preview.last else None,
        "refused": preview.refused[:SHOWN],
        "notes": preview.notes[:SHOWN],
    }


def _result(request: StaffRequest, one: ReviewImport) -> HttpResponse:
    refused = one.refusals.order_by("is_left_out", "row")
    wrong, left_out = refused.filter(is_left_out=False).count(), refused.filter(is_left_out=True).count()
    noted = one.brought.exclude(notes=[]).order_by("row")
    context = {
        "page_title": f"Brought in: {one.name}",
        "one": one,
        "system": CHOICES.get(one.system, ""),
        "wrong": wrong,
        "left_out": left_out,
        "verified": one.brought.filter(review__is_verified=True).count(),
        "refused": [_row(row) for row in refused[:SHOWN]],
        "notes": [(row.row, note) for row in noted[:SHOWN] for note in row.notes],
        "photos": _photos(one),
        "form": MendedForm(),
        "mended": _mended(one),
    }
    return render(request, "feedback/console/import_result.html", context)


def _row(row: RefusedReview) -> dict[str, Any]:
    return {"line": row.row, "cells": row.cells, "reason": row.reason, "is_left_out": row.is_left_out}


def _photos(one: ReviewImport) -> dict[str, Any]:
    ours = (
        ReviewPhoto.objects.of(one.store_id)
        .filter(review__brought__of=one)
        .exclude(url="")
        .defer("content", "thumbnail")
    )
    failed = ours.filter(fingerprint="", fetch_at=None)
    return {
        "all": ours.count(),
        "here": ours.exclude(fingerprint="").count(),
        "failed": failed.count(),
        "listed": list(failed.order_by("pk")[:SHOWN]),
    }


def _mended(one: ReviewImport) -> list[ReviewImport]:
    later = ReviewImport.objects.of(one.store_id).filter(answers__mends=one.pk)
    return list(later.defer("body").order_by("created_at"))


@require_safe
@staff_page("feedback.write")
def progress(request: StaffRequest, review_import_id: int) -> HttpResponse:
    """How far it is, asked again and again while it is on its way."""
    one = _one(request, review_import_id)
    if one.state != State.RUNNING:
        return HttpResponseClientRefresh()
    return render(request, "feedback/console/_import_progress.html", {"one": one})


@require_POST
@staff_page("feedback.write")
def begin(request: StaffRequest, review_import_id: int) -> HttpResponse:
    one = _one(request, review_import_id)
    try:
        review_imports.begin(one, by=request.staff, now=clock.now())
    except NotReady as missing:
        messages.error(request, str(missing))
    return _to(request, one)


@require_POST
@staff_page("feedback.write")
def drop(request: StaffRequest, review_import_id: int) -> HttpResponse:
    if review_imports.drop(_one(request, review_import_id)):
        messages.success(request, "The file is forgotten; nothing was brought in.")
    return redirect("feedback_console:review_imports", request.store.slug)


@require_POST
@staff_page("feedback.write")
def mend(request: StaffRequest, review_import_id: int) -> HttpResponse:
    """The refused rows again, mended: they are read as the first file was."""
    one, form = _one(request, review_import_id), MendedForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return _to(request, one)
    file = form.cleaned_data["file"]
    try:
        return _to(request, review_imports.mend(one, file.name or "", file.read(), by=request.staff, now=clock.now()))
    except Unreadable as wrong:
        messages.error(request, str(wrong))
        return _to(request, one)


@require_POST
@staff_page("feedback.write")
def fetch_again(request: StaffRequest, review_import_id: int) -> HttpResponse:
    one = _one(request, review_import_id)
    tried = review_fetching.try_again(one.store_id, one.pk, now=clock.now())
    messages.success(request, f"{number(tried)} photos are fetched once more.")
    return _to(request, one)


@require_safe
@staff_page("feedback.write")
def refused(request: StaffRequest, review_import_id: int) -> HttpResponse | StreamingHttpResponse:
    """The rows that were not taken, as they stood, with reason and line: to be mended and brought again."""
    one = _one(request, review_import_id)
    rows = one.refusals.order_by("row").values_list("reason", "row", "cells").iterator(chunk_size=1000)
    name = slugify(one.name.rpartition(".")[0]) or "rows"
    lines = refusals.with_reasons(one.answers.get("columns", []), rows)
    return download(lines, f"refused-{name}.csv")


def download(lines: Any, name: str, kind: str = "text/csv") -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=f"{kind}; charset=utf-8", headers=headers)
