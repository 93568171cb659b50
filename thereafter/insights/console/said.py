"""Figures as a reader is told of them."""

from datetime import date

from babel.dates import format_date

from thereafter.insights.cards import Fact
from thereafter.insights.rules.changes import Change
from thereafter.insights.rules.intervals import Estimate
from thereafter.kit.charts.kinds import Series
from thereafter.kit.charts.units import NOTHING, Unit
from thereafter.kit.pages import number, percent
from thereafter.kit.shares import Share

# Less than this is shown as no change.
LEAST = 0.0005
MOST_NAMED = 12


def month(day: date) -> str:
    """ "Mar 2026"."""
    return format_date(day, "MMM y", locale="en")


def rate(share: Share | None) -> str:
    return percent(share.value, 1) if share else NOTHING


def of(share: Share | None, whom: str) -> str:
    """ "312 of 1,204 customers"."""
    return f"{number(share.part)} of {number(share.whole)} {whom}" if share else ""


def between(share: Share | None) -> str:
    """How sure it is, in words."""
    return f"The true share lies between {percent(share.low, 1)} and {percent(share.high, 1)}." if share else ""


def many(count: int, one: str, several: str = "") -> str:
    return f"{number(count)} {one if count == 1 else several or f'{one}s'}"


def days(count: float | None) -> str:
    return NOTHING if count is None else many(round(count), "day")


def points(difference: Estimate | None) -> str:
    """A difference of shares: "+1.2 pts"; nothing where there is none to speak of."""
    if difference is None or abs(difference.value) < LEAST:
        return ""
    return f"{difference.value * 100:+.1f} pts".replace("-", "\N{MINUS SIGN}")


def is_real(difference: Estimate | None) -> bool:
    """Whether nought lies outside of what the true difference may be."""
    return difference is not None and (difference.low > 0 or difference.high < 0)


def welcome(difference: Estimate | None, *, more_is_better: bool = True) -> bool | None:
    """Whether a change is good news; None while it may be noise."""
    if difference is None or not is_real(difference):
        return None
    return (difference.value > 0) == more_is_better


def relative(change: Change) -> str:
    """ "+12%"."""
    if change.relative is None or abs(change.relative) < 0.005:  # noqa: PLR2004 rounds to nothing
        return ""
    return f"{change.relative * 100:+.0f}%".replace("-", "\N{MINUS SIGN}")


def shared(label: str, share: Share | None, whom: str, how: str, difference: Estimate | None = None) -> Fact:
    """A share as a headline, beside the days before where they were counted too."""
    noise = " The change may be chance." if points(difference) and not is_real(difference) else ""
    return Fact(
        label,
        rate(share),
        delta=points(difference),
        good=welcome(difference),
        hint=of(share, whom),
        how=" ".join(part for part in (how, between(share)) if part) + noise,
    )


def course(name: str, shares: list[Share | None], unit: str = "") -> Series:
    """A share month by month with its band."""
    return Series(
        name,
        [one.value if one else None for one in shares],
        [one.low if one else None for one in shares],
        [one.high if one else None for one in shares],
        [one.whole if one else 0 for one in shares],
        colour="brand",
    )


def whole_money(minor: float | None, unit: Unit) -> str:
    return NOTHING if minor is None else unit.say(minor)
