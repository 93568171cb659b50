"""Reviews written as a table of any app. A cell that still says what the review says is written as it stood."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from thereafter.feedback.rules.review_formats.marks import marked
from thereafter.feedback.rules.review_formats.recognising import matched
from thereafter.feedback.rules.review_formats.rows import Column, Format, Plan, ReviewRow, Taken
from thereafter.kit import tables

# What a table without a column for it loses, as a merchant calls it.
_LOSABLE: Mapping[str, str] = {
    "title": "titles",
    "email": "e-mail addresses",
    "reply": "replies",
    "photo_urls": "photos",
    "video_urls": "videos",
    "is_told_verified": "verified buyers",
    "is_incentivised": "marks of reviews that were rewarded",
    "is_recommended": "recommendations",
    "variant": "variants",
    "attributes": "answers such as fit or age",
    "country": "countries",
}
# What an app's import asks of each row besides stars, text and date.
_ASKED: Mapping[str, Mapping[str, str]] = {
    "loox": {"product_handle": "a product handle"},
    "yotpo": {"product_id": "a product id", "email": "an e-mail address", "country": "a country"},
    "stamped": {"product_id": "a product id", "product_url": "an address of the product", "product_title": "a title"},
    "ryviu": {"product_handle": "a product handle"},
}


class Review(NamedTuple):
    """A review to write; `brought` is the row of a table of the same format that it came from."""

    row: ReviewRow
    brought: Taken | None = None


def header(chosen: Format) -> list[str]:
    return [column.name for column in chosen.columns if column.is_written]


def write(
    chosen: Format,
    reviews: Iterable[Review],
    plan: Plan,
    *,
    names: Sequence[str] = (),
    delimiter: str = ",",
    newline: str = "\r\n",
) -> Iterator[str]:
    """Lines of the table, one at a time; `names`: its columns, those of the format if none are given."""
    names = list(names) or header(chosen)
    columns = matched(chosen, names)
    rows = ([_cell(chosen, name, columns.get(name), one, plan) for name in names] for one in reviews)
    yield from tables.written([names], delimiter=delimiter, newline=newline)
    yield from tables.written(rows, delimiter=delimiter, newline=newline)


def _cell(chosen: Format, name: str, column: Column | None, one: Review, plan: Plan) -> str:
    field = column.field if column else ""
    if one.brought is not None and name in one.brought.cells and _is_unchanged(field, one):
        return one.brought.cells[name]
    text = column.kind.write(getattr(one.row, field), plan) if column and field else one.row.rest.get(name, "")
    return marked(text) if chosen.is_ours else text


def _is_unchanged(field: str, one: Review) -> bool:
    return not field or (one.brought is not None and getattr(one.brought.row, field) == getattr(one.row, field))


def may_be_written(chosen: Format, row: ReviewRow) -> bool:
    """Where a table cannot say that a review is hidden, only the published ones go into it."""
    return chosen.has_state or row.state in ("", "published")


def lost(chosen: Format, row: ReviewRow) -> list[str]:
    """What of a review the table has no column for."""
    held = {column.field for column in chosen.columns if column.is_written}
    return [name for field, name in _LOSABLE.items() if field not in held and getattr(row, field)]


def lacking(chosen: Format, row: ReviewRow) -> list[str]:
    """What the app's import asks for and the review does not have."""
    return [name for field, name in _ASKED.get(chosen.key, {}).items() if not getattr(row, field)]
