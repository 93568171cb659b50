"""What went back for an order, counted once, and the points that follow the money of a refund."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import floor


@dataclass(frozen=True)
class Back:
    """Money that went back for an order, as the shop or a return here tells it; `lines`: how many of which line."""

    name: str
    at: datetime
    amount_minor: int
    lines: tuple[tuple[str, int], ...] = ()


def counted_once(told_by_shop: Mapping[str, Back], granted: Sequence[tuple[Back, Collection[str]]]) -> list[Back]:
    """All that went back, oldest first. What the shop tells by a name that one of our refunds has is that refund."""
    ours = {name for _, names in granted for name in names}
    foreign = [back for name, back in told_by_shop.items() if name not in ours]
    return sorted([*foreign, *(back for back, _ in granted)], key=lambda back: (back.at, len(back.name), back.name))


def points_of_refund(earned: int, spent: int, *, refunded_minor: int, total_minor: int) -> tuple[int, int]:
    """Points that follow the money of a refund: (taken back of those earned, given back of those spent), half up.

    `refunded_minor` is all that was refunded so far, so that many refunds leak no point.
    """
    if total_minor <= 0:
        return 0, 0
    share = Fraction(min(max(0, refunded_minor), total_minor), total_minor)
    return floor(earned * share + Fraction(1, 2)), floor(spent * share + Fraction(1, 2))
