"""The table of refused rows: given out with their reasons, taken back mended without them."""

from collections.abc import Iterable, Iterator, Sequence

from thereafter.feedback.rules.review_formats.marks import marked, unmarked
from thereafter.kit import tables

_ADDED = ("reason", "line")


def with_reasons(columns: Sequence[str], rows: Iterable[tuple[str, int, Sequence[str]]]) -> Iterator[str]:
    """Lines of a file from (reason, line, cells). It is mended in a spreadsheet: what seems a formula is marked."""
    yield from tables.written([[*_ADDED, *columns]])
    yield from tables.written([marked(reason), line, *map(marked, cells)] for reason, line, cells in rows)


def without_reasons(text: str) -> str:
    """The same table without what we added; any other is left as it is."""
    table = tables.read(text)
    if tuple(table.columns[: len(_ADDED)]) != _ADDED:
        return text
    kept = ([unmarked(cell) for cell in cells[len(_ADDED) :]] for _, cells in table.rows)
    return "".join(tables.written([table.columns[len(_ADDED) :], *kept]))
