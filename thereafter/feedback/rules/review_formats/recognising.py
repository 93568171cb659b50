"""Of which app a table is, as the names of its columns show."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from thereafter.feedback.rules.review_formats.cells import bare
from thereafter.feedback.rules.review_formats.formats import FORMATS
from thereafter.feedback.rules.review_formats.rows import Column, Format


class Recognised(NamedTuple):
    """`key` is "" when no format fits; `sentence` says then which comes closest, and what it lacks."""

    key: str
    sentence: str = ""


def matched(chosen: Format, names: Sequence[str]) -> dict[str, Column]:
    """The column of the format that each name of a file stands for; those by their own name first."""
    found: dict[str, Column] = {}
    taken: set[str] = set()
    for also in (False, True):
        by_name = {
            bare(name): column
            for column in reversed(chosen.columns)
            for name in (column.also if also else (column.name,))
            if column.name not in taken
        }
        for name in names:
            column = by_name.get(bare(name))
            if name not in found and column and column.name not in taken:
                found[name] = column
                taken.add(column.name)
    return found


def recognise(names: Sequence[str]) -> Recognised:
    """The format with the most of its columns in the file, and the fewest besides."""
    scored = {key: _likeness(each, names) for key, each in FORMATS.items()}
    fitting = [key for key, each in FORMATS.items() if not missing(each, names)]
    apps = [key for key in fitting if not FORMATS[key].is_ours]
    # Ours knows many names, and takes what is of no app.
    best = max(apps, key=scored.__getitem__, default="") or next(iter(fitting), "")
    exact = [key for key in fitting if FORMATS[key].is_ours and scored[key] > scored.get(best, 0)]
    if exact or best:
        return Recognised(exact[0] if exact else best)
    return Recognised("", _closest(names, scored))


def missing(chosen: Format, names: Sequence[str]) -> list[str]:
    """Columns without which a file is not of the format."""
    held = {column.name for column in matched(chosen, names).values()}
    return [name for name in chosen.needs if name not in held]


def _likeness(chosen: Format, names: Sequence[str]) -> float:
    """The share that both have of what either has, by the format's own names."""
    own = {bare(column.name) for column in chosen.columns if column.is_written}
    told = {bare(name) for name in names}
    known = len(matched(chosen, names))
    # One that knows a column by another name comes after one that calls it so.
    return len(own & told) / len(own | told) + known / 1000


def _closest(names: Sequence[str], scored: Mapping[str, float]) -> str:
    best = FORMATS[max(scored, key=scored.__getitem__)]
    held = ", ".join(name for name in names if name)[:200]
    if len(matched(best, names)) <= 1:
        return f"No column is one of a review app. The file needs stars, a date and a product, and has {held}."
    lacks = ", ".join(f"“{name}”" for name in missing(best, names))
    return (
        f"The columns are of no review app that we know. {best.name} comes closest, and would need {lacks}. "
        f"The file has {held}."
    )
