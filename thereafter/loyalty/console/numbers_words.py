"""The numbers of points in words and rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from thereafter.kit.money import Money
from thereafter.kit.pages import money, number, percent, short_day
from thereafter.loyalty.models import Reward
from thereafter.loyalty.queries.numbers import ACTIVE_DAYS, People, Period, Taken
from thereafter.loyalty.rules import liability
from thereafter.loyalty.rules.programme import Programme

if TYPE_CHECKING:
    from thereafter.loyalty.console.numbers import Books

MOVED = ("earned", "imported", "adjusted", "redeemed", "reversed", "expired")
LABELS = {
    "earned": "Earned",
    "imported": "Brought along",
    "adjusted": "Adjusted by hand",
    "redeemed": "Spent",
    "reversed": "Taken back",
    "expired": "Ran out",
}
Row = dict[str, Any]


def shown(minor: float, currency: str) -> str:
    return money(Money(round(minor), currency))


def signed(points: int) -> str:
    if not points:
        return "–"
    return f"{'+' if points > 0 else '−'}{number(abs(points))}"


def tiles(books: "Books", people: People) -> list[Row]:
    last = books.periods[-1]
    owed = liability.owed(last.outstanding, books.value, books.rate) if books.value is not None else None
    spent = liability.redemption_rate(given(books.periods), -sum(one.redeemed for one in books.periods))
    rate = books.rate
    return [
        {
            "label": "Points that are out",
            "value": number(last.outstanding),
            "hint": "usable, waiting or held" if last.ends > books.now else "when these days ended",
        },
        {
            "label": "What they are worth",
            "value": shown(owed.full_minor, books.store.currency) if owed else "–",
            "hint": _expected(books, owed) if owed else _no_value(books),
        },
        {
            "label": "Never used",
            "value": percent(rate.value, 1) if rate else "–",
            "hint": f"{percent(rate.low, 1)} – {percent(rate.high, 1)} of points whose time is over"
            if rate
            else f"told from {liability.ENOUGH} members on whose points ended",
        },
        {
            "label": "Spent of given",
            "value": percent(spent, 1),
            "hint": "in these days" if books.month else "in twelve months",
        },
        {
            "label": "Active members",
            "value": percent(people.active_share, 1),
            "hint": f"{number(people.active)} of {number(people.members)} earned or spent in {ACTIVE_DAYS} days",
        },
    ]


def given(periods: Sequence[Period]) -> int:
    """Points that came and were not taken back."""
    return sum(one.earned + one.imported + one.reversed + max(0, one.adjusted) for one in periods)


def _expected(books: "Books", owed: liability.Owed) -> str:
    if books.rate is None:
        return "too little ran out yet to expect that some are never used"
    return f"{shown(owed.expected_minor, books.store.currency)} expected, as {percent(books.rate.value)} are never used"


def _no_value(books: "Books") -> str:
    return "say in the programme what a point is worth" if books.kind == "points" else "of the usual points only"


def rows(books: "Books") -> list[Row]:
    """The newest period first; those to come are left out."""
    zone = books.version.zone
    return [
        {
            "label": short_day(one.starts) if books.month else f"{one.starts.astimezone(zone):%B %Y}",
            "month": "" if books.month else f"{one.starts.astimezone(zone):%Y-%m}",
            "opening": number(one.opening),
            "closing": number(one.closing),
            "activated": number(one.activated) if one.activated else "–",
            "moved": [signed(getattr(one, name)) for name in columns(books.periods)],
            "is_open": one.ends > books.now,
        }
        for one in reversed(books.periods)
        if one.starts <= books.now
    ]


def columns(periods: Sequence[Period]) -> list[str]:
    """What happened at all: a column of nothing but dashes tells nothing."""
    usual = ("earned", "redeemed", "reversed", "expired")
    return [name for name in MOVED if name in usual or any(getattr(one, name) for one in periods)]


def sums(periods: Sequence[Period]) -> Row:
    return {
        "names": [LABELS[name] for name in columns(periods)],
        "opening": number(periods[0].opening),
        "moved": [signed(sum(getattr(one, name) for one in periods)) for name in columns(periods)],
        "activated": number(sum(one.activated for one in periods)),
        "closing": number(periods[-1].closing),
    }


def chart(books: "Books") -> list[Row]:
    """What is out at the end of each period that has begun."""
    zone = books.version.zone
    return [
        {
            "label": short_day(one.starts) if books.month else f"{one.starts.astimezone(zone):%b %Y}",
            "value": one.outstanding,
            "text": f"{number(one.outstanding)} points",
        }
        for one in books.periods
        if one.starts <= books.now
    ]


def months(books: "Books") -> list[Row]:
    """What is owed at the end of each month, at what a point is worth today."""
    if books.value is None or books.month:
        return []
    currency = books.store.currency
    found = [(one, liability.owed(one.outstanding, books.value, books.rate)) for one in reversed(books.periods)]
    return [
        {
            "label": "Now" if one.ends > books.now else f"End of {one.starts.astimezone(books.version.zone):%B %Y}",
            "points": number(owed.points),
            "full": shown(owed.full_minor, currency),
            "expected": shown(owed.expected_minor, currency),
            "debt": number(one.owed) if one.owed else "–",
        }
        for one, owed in found
    ]


def liability_notes(books: "Books") -> list[str]:
    """How the sums were made."""
    notes = []
    if books.value is not None:
        per_hundred = shown(float(books.value * 100), books.store.currency)
        said = books.version.programme.point_value is not None
        because = "as your programme says" if said else "as the best reward in money pays them now"
        notes.append(f"100 points count as {per_hundred}, {because}.")
    if books.rate:
        notes.append(
            f"Of {number(books.rate.points)} points of {number(books.rate.members)} members that ended, or lie there "
            f"without an end for two years, {percent(books.rate.value, 1)} were never used "
            f"({percent(books.rate.low, 1)} – {percent(books.rate.high, 1)}). The expected sum is less by that share."
        )
    return notes


def rewards(taken: Sequence[Taken], currency: str) -> list[Row]:
    kinds = dict(Reward.Kind.choices)
    return [
        {
            "name": one.name,
            "kind": kinds.get(one.kind, ""),
            "times": number(one.times),
            "points": number(one.points),
            "cost": shown(one.cost_minor, currency) if one.cost_minor is not None else "–",
            "each": shown(one.cost_minor / (one.times - one.unknown), currency) if one.cost_minor is not None else "–",
            "per_hundred": shown(100 * one.cost_minor / one.points, currency)
            if one.cost_minor is not None and one.points and not one.unknown
            else "–",
            "unknown": number(one.unknown) if one.unknown and one.cost_minor is not None else "",
        }
        for one in taken
    ]


def tiers(people: People, programme: Programme) -> list[Row]:
    if not programme.tiers:
        return []
    known = {tier.id for tier in programme.tiers}
    gone = sum(count for key, count in people.by_tier.items() if key and key not in known)
    named = [
        ("No tier", people.by_tier.get("", 0)),
        *((tier.name, people.by_tier.get(tier.id, 0)) for tier in programme.tiers),
    ]
    named += [("A tier that is gone", gone)] if gone else []
    return [
        {
            "label": name,
            "value": count,
            "text": f"{number(count)} ({percent(count / people.members if people.members else None)})",
        }
        for name, count in reversed(named)
    ]


def moves(found: Sequence[tuple[str, str, int]], programme: Programme) -> list[Row]:
    names = {tier.id: tier.name for tier in programme.tiers} | {"": "No tier"}
    return [
        {
            "text": f"{names.get(was, 'A tier that is gone')} → {names.get(became, 'a tier that is gone')}",
            "count": number(count),
            "rose": programme.rank(became) > programme.rank(was),
        }
        for was, became, count in found
    ]
