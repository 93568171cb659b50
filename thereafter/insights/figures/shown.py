"""What every figure has, and the small parts that many of them are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from thereafter.insights.engine.port import Row
from thereafter.insights.figures import asking
from thereafter.insights.figures.view import View
from thereafter.insights.rules.days import Days
from thereafter.kit import clock
from thereafter.kit.shares import Share, share

# Below so many a share is not shown; below so many a point of a line is left out.
ENOUGH, ENOUGH_FOR_A_POINT = 20, 10


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`n` is what it rests on; `thin` is "" or says why there is nothing to show; `definition` how it is counted."""

    n: int
    thin: str = ""
    definition: str = ""


@dataclass(frozen=True)
class MonthShare:
    """None in `share` where there are too few."""

    month: date
    share: Share | None


@dataclass(frozen=True)
class NamedShare:
    name: str
    share: Share | None


@dataclass(frozen=True)
class Counted:
    name: str
    n: int


def cut(view: View) -> View:
    """Up to the last day that the snapshot has seen: a day that is yet to come is no day without orders."""
    as_of = asking.as_of(view.store)
    last = clock.day_in(as_of, view.store.time_zone) if as_of else view.days.last
    if not view.days.first <= last < view.days.last:
        return view
    return replace(view, days=Days(view.days.first, last))


def before(view: View) -> View:
    """As many days, just before."""
    return replace(view, days=view.days.before)


def with_before(view: View) -> View:
    return replace(view, days=view.days.with_before())


def from_day(view: View, first: date) -> View:
    """At least from that day on."""
    return replace(view, days=Days(min(first, view.days.first), view.days.last))


def too_few(n: int, things: str, enough: int = ENOUGH) -> str:
    """A sentence, or "" when there are enough."""
    if n >= enough:
        return ""
    if not n:
        return f"There are no {things} to count yet."
    return f"Too few {things}: {n} so far, and it takes {enough} to say something."


def summed(rows: Iterable[Row], *keys: str, of: str) -> dict[tuple[int | str, ...], int]:
    """Σ of a column by others."""
    found: dict[tuple[int | str, ...], int] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        found[key] = found.get(key, 0) + row[of]
    return found


def histogram(rows: Iterable[Row], value: str, count: str) -> dict[int, int]:
    return {row[value]: row[count] for row in sorted(rows, key=lambda row: int(row[value]))}


def counted(names: Mapping[str, int]) -> list[Counted]:
    """The most first."""
    return [Counted(name, n) for name, n in sorted(names.items(), key=lambda item: (-item[1], item[0]))]


def named_shares(parts: Mapping[str, tuple[int, int]], enough: int = 1) -> list[NamedShare]:
    """From (part, whole) by name, the largest whole first."""
    ordered = sorted(parts.items(), key=lambda item: (-item[1][1], item[0]))
    return [NamedShare(name, share(part, whole, enough)) for name, (part, whole) in ordered]
