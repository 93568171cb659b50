"""Scans from a file: looked at first, then taken row by row; what is refused is kept and can be downloaded."""

import csv
import io
from collections import Counter
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.tables import harmless
from thereafter.timeline import inbox
from thereafter.tracking.actions import imports
from thereafter.tracking.actions.imports import Line
from thereafter.tracking.carrier_pages import carrier_name
from thereafter.tracking.carriers.csv import text_of
from thereafter.tracking.console.answers import parcel_facts
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.rules.scans import BadScan

MOST_BYTES, SHOWN, MOST_REJECTS = 4 * 1024 * 1024, 50, 50_000
OUTCOMES = {
    imports.TAKEN: ("Taken", "good"),
    imports.KNOWN: ("Known already", "neutral"),
    imports.WAITING: ("Waits for its parcel", "info"),
    imports.REFUSED: ("Refused", "bad"),
}


class FileForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="A row per scan, or a row per parcel with its status. Up to 10,000 rows.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> str:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError("The file is longer than 4 MB: cut it in parts.")
        body = text_of(file.read()).replace("\x00", "")
        _checked(body)
        return body


class BodyForm(forms.Form):
    """The table that was looked at, sent back to be taken."""

    body = forms.CharField(strip=False, max_length=MOST_BYTES, widget=forms.HiddenInput)

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"]).replace("\r\n", "\n")
        _checked(body)
        return body


def _checked(body: str) -> None:
    try:
        if not imports.read_table(body):
            raise forms.ValidationError("There is no row below the header.")
    except BadScan as wrong:
        raise forms.ValidationError(str(wrong)) from None


@staff_page("tracking.import")
def upload(request: StaffRequest) -> HttpResponse:
    """The form; then what we read of the file; then what became of each row."""
    form: forms.Form = FileForm()
    context: dict[str, Any] = {"kept": _rejects(request).count()}
    if request.method == "POST" and "body" in request.POST:
        form = BodyForm(request.POST)
        if form.is_valid():
            body = form.cleaned_data["body"]
            done = imports.import_table(request.store, body, by=request.staff, now=clock.now())
            context |= {"done": _shown(done), "kept": _rejects(request).count()}
    elif request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            body = form.cleaned_data["file"]
            lines = imports.read_table(body)
            context |= {
                "looked": _shown(lines),
                "missing": imports.unknown_numbers(request.store, lines),
                "again": BodyForm(initial={"body": body}),
            }
    return render(request, "tracking/console/import.html", context | {"form": form})


def _shown(lines: list[Line]) -> dict[str, Any]:
    """Counts of all rows, and the first of them; of a long table the refused come first."""
    bad = [line for line in lines if not isinstance(line.read, ParcelDoc) or line.outcome == imports.REFUSED]
    rest = [line for line in lines if line not in bad] if len(lines) <= SHOWN else []
    first = sorted([*bad[:SHOWN], *rest], key=lambda line: line.line) if rest else [*bad[: SHOWN // 2], *_good(lines)]
    counts = Counter(line.outcome for line in lines)
    return {
        "total": len(lines),
        "bad": len(bad),
        "good": len(lines) - len(bad),
        "counts": [(label, counts[name], tone) for name, (label, tone) in OUTCOMES.items() if counts[name]],
        "rows": [_row(line) for line in first],
    }


def _good(lines: list[Line]) -> list[Line]:
    fine = (line for line in lines if isinstance(line.read, ParcelDoc) and line.outcome != imports.REFUSED)
    return [line for line, _ in zip(fine, range(SHOWN // 2), strict=False)]


def _row(line: Line) -> dict[str, Any]:
    label, tone = OUTCOMES.get(line.outcome, ("", ""))
    if isinstance(line.read, BadScan):
        return {"line": line.line, "raw": line.raw[:160], "wrong": str(line.read), "label": label, "tone": tone}
    facts = parcel_facts(line.read)
    return {
        "line": line.line,
        "number": line.number,
        "carrier": carrier_name(line.read.carrier),
        "scan": facts["scans"][0] if facts["scans"] else None,
        "label": label,
        "tone": tone,
        "reason": line.reason,
    }


def _rejects(request: StaffRequest) -> Any:
    return inbox.refused(request.store).filter(source=imports.SOURCE)


@require_safe
@staff_page("tracking.import")
def rejected(request: StaffRequest) -> HttpResponse:
    """The refused rows of all uploads as a table, each with its reason, to be mended and sent again."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["reason", "header and row"])
    for reason, body in _rejects(request).values_list("reason", "body")[:MOST_REJECTS]:
        table.writerow([reason, harmless(body)])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="refused-rows.csv"'
    return response
