"""Tables for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpResponse

# A spreadsheet would take what begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def download(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    answer = HttpResponse("".join(_lines(head, rows)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[object]) -> str:
    held = io.StringIO()
    csv.writer(held, lineterminator="\r\n").writerow([cell(one) for one in cells])
    return held.getvalue()


def cell(value: object) -> object:
    """Numbers stay numbers, also those below zero."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
