"""Tables for spreadsheets."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from thereafter.kit import tables


def download(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    lines = ([tables.harmless(one) for one in row] for row in (head, *rows))
    answer = HttpResponse("".join(tables.written(lines)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
