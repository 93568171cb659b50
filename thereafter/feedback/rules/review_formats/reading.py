"""A table of a review app as reviews: each row is taken, or refused with a reason. Nothing goes lost."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from thereafter.feedback.rules.review_formats.cells import handle_of
from thereafter.feedback.rules.review_formats.formats import FORMATS
from thereafter.feedback.rules.review_formats.marks import unmarked
from thereafter.feedback.rules.review_formats.recognising import matched, missing
from thereafter.feedback.rules.review_formats.rows import STATES, Column, Format, Plan, Refused, ReviewRow, Taken
from thereafter.kit import tables, written_dates
from thereafter.kit.tables import Table, Unreadable
from thereafter.kit.written_dates import BadCell

_MOMENTS = ("written_at", "replied_at")
# A cell over more lines than that is a quotation mark that nobody closed.
_MOST_LINES = 400
_LONGEST_IDENTITY = 120
# So many dates are shown where somebody has to say how they are meant.
_SHOWN = 5


@dataclass(frozen=True)
class File:
    """A table of a format. `asked`: dates that can be read in two ways, and nothing in the file shows which.

    `suggested` is the order that the app's help names; it is not taken for granted.
    """

    format: Format
    table: Table
    columns: Mapping[str, Column]
    plan: Plan
    asked: tuple[str, ...]

    @property
    def suggested(self) -> str:
        return written_dates.DAY_FIRST if self.format.day_first else ""

    def rows(self) -> list[Taken | Refused]:
        """In the order of the file; a row that says what another one said is left out."""
        seen: dict[str, int] = {}
        spans = _spans(self.table)
        return [_once(self._one(line, cells, spans[line]), seen, self) for line, cells in self.table.rows]

    def _one(self, line: int, cells: list[str], span: int) -> Taken | Refused:
        names = self.table.columns
        held = dict(zip(names, cells + [""] * (len(names) - len(cells)), strict=False))
        if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            # The cells beyond the last column stand with it, so that nothing is lost.
            held[names[-1]] = self.table.delimiter.join(cells[len(names) - 1 :])
            counts = f"There are {len(cells)} cells in this row, and {len(names)} columns."
            return Refused(line, held, f"{counts} Put texts that hold a separator in quotes.")
        if span > _MOST_LINES:
            why = f"The row goes over {span:,} lines. A quotation mark is not closed; the rows after it are in it."
            return Refused(line, held, why)
        return read_row(self.format, self.columns, line, held, self.plan)


def open_file(key: str, table: Table, plan: Plan) -> File:
    """A table as one of a format; raises `Unreadable` when it lacks a column."""
    chosen = FORMATS[key]
    if lacks := missing(chosen, table.columns):
        names = ", ".join(f"“{name}”" for name in lacks)
        raise Unreadable(f"As a file of {chosen.name} it lacks {names}. Choose another format, or add the columns.")
    columns = matched(chosen, table.columns)
    order = date_order(table, columns)
    asked = _ambiguous(table, columns) if order is None and not plan.date_order else ()
    return File(chosen, table, columns, replace(plan, date_order=plan.date_order if order is None else order), asked)


def date_order(table: Table, columns: Mapping[str, Column]) -> str | None:
    """Which comes first in the dates of the file; None when it does not show."""
    return written_dates.date_order("", _dates(table, columns))


def _dates(table: Table, columns: Mapping[str, Column]) -> list[str]:
    places = [at for at, name in enumerate(table.columns) if name in columns and columns[name].field in _MOMENTS]
    return [cells[at].strip() for _, cells in table.rows for at in places if at < len(cells)]


def _ambiguous(table: Table, columns: Mapping[str, Column]) -> tuple[str, ...]:
    asking = (text for text in _dates(table, columns) if written_dates.date_order("", [text]) is None)
    return tuple(dict.fromkeys(asking))[:_SHOWN]


def _spans(table: Table) -> dict[int, int]:
    """Over how many lines each row goes, at most."""
    starts = [line for line, _ in table.rows]
    ends = [*starts[1:], starts[-1] + 1 + max(cell.count("\n") for cell in table.rows[-1][1])]
    return {start: end - start for start, end in zip(starts, ends, strict=True)}


def read_row(
    chosen: Format, columns: Mapping[str, Column], line: int, cells: Mapping[str, str], plan: Plan
) -> Taken | Refused:
    """One row by its cells; what is wrong with it is said in a sentence."""
    notes: list[str] = []
    try:
        row = _row(chosen, columns, cells, plan, notes)
    except BadCell as wrong:
        return Refused(line, cells, str(wrong))
    why = _why_not(row, plan.now)
    if why:
        return Refused(line, cells, " ".join([why, *notes]))
    return Taken(line, cells, row, tuple(notes))


def _row(
    chosen: Format, columns: Mapping[str, Column], cells: Mapping[str, str], plan: Plan, notes: list[str]
) -> ReviewRow:
    told: dict[str, Any] = {}
    rest: dict[str, str] = {}
    for name, text in cells.items():
        column = columns.get(name)
        text = unmarked(text) if chosen.is_ours else text  # noqa: PLW2901  the same cell, without the mark
        if column is None or not column.field:
            rest.update({name: text} if text.strip() and name else {})
            continue
        value = column.kind.read(text, plan, notes)
        told[column.field] = _merged(column.field, told.get(column.field), value)
    if told.get("written_at") is None:
        raise BadCell("The row does not say when the review was written. Write a date such as 2026-04-03.")
    told["rest"] = {**told.get("rest", {}), **rest}
    told["product_handle"] = told.get("product_handle") or handle_of(told.get("product_url", ""))
    return ReviewRow(**{name: value for name, value in told.items() if value is not None})


def _merged(field: str, before: Any, value: Any) -> Any:
    """What two columns say of one thing: the stricter state, else whichever says something."""
    if field == "state" and before and value:
        return max(before, value, key=STATES.index)
    return before or value


def _why_not(row: ReviewRow, now: datetime) -> str:
    if row.written_at > now:
        return f"It was written on {row.written_at:%Y-%m-%d}, which is in the future."
    if not row.product:
        return "The row names no product: there is no product id, handle, SKU or title."
    return ""


def _once(one: Taken | Refused, seen: dict[str, int], file: File) -> Taken | Refused:
    if isinstance(one, Refused):
        return one
    first = seen.setdefault(identity(file.format, one.row, file.plan), one.line)
    if first == one.line:
        return one
    return Refused(one.line, one.cells, f"Line {first} is the same review.", is_left_out=True)


def identity(chosen: Format, row: ReviewRow, plan: Plan) -> str:
    """The same for the same review of an app, in whichever of its files: its number, or a hash of what tells it from
    others. Where there are numbers, two people may say the same word of a product on the same day."""
    label = re.sub(r"[^a-z0-9]+", "-", chosen.source.lower())
    if row.external_id:
        return f"{label}:{row.external_id}"[:_LONGEST_IDENTITY]
    day = row.written_at.astimezone(plan.zone).date().isoformat()
    said = (row.product, row.author, row.nickname, row.email, day, row.rating, row.title, row.body)
    return f"{label}:{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"


def read(key: str, text: str, plan: Plan) -> File:
    """A file of a format; raises `Unreadable`."""
    return open_file(key, tables.read(text), plan)
