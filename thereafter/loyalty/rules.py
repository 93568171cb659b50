"""What earns points, and how a ledger stays whole: whole numbers and fractions, rounded once at the end."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Any


@dataclass(frozen=True)
class Programme:
    """What a store pays for what: points per whole unit of currency, and per answer."""

    version: int = 1
    order_rate: Fraction = Fraction(1)
    answer_points: int = 25


PROGRAMME = Programme()


@dataclass(frozen=True)
class Spent:
    """What a shopper spent on an order, in minor units: the items after discounts, and all that was paid."""

    items_minor: int
    total_minor: int
    currency: str
    exponent: int


def items_after_discounts(*, lines_minor: int, line_count: int, paid_minor: int) -> int:
    """What the items cost. `paid_minor` is the order's total without shipping and tax on top.

    Shops that discount the order and not its lines show it there; a cent per line is only rounding.
    """
    was_discounted_further = paid_minor < lines_minor - line_count
    return max(0, paid_minor) if was_discounted_further else lines_minor


def points_for_order(spent: Spent, rate: Fraction) -> int:
    """Whole points for the items of an order, without shipping: the items' value times the rate, rounded down once."""
    return max(0, floor(rate * Fraction(spent.items_minor, 10**spent.exponent)))


def decision(spent: Spent, programme: Programme) -> dict[str, Any]:
    """Why an order earned what it earned, kept in the ledger: a later rule never changes what was promised."""
    return {
        "programme": programme.version,
        "rate": str(programme.order_rate),
        "items_minor": spent.items_minor,
        "total_minor": spent.total_minor,
        "currency": spent.currency,
        "exponent": spent.exponent,
        "points": points_for_order(spent, programme.order_rate),
    }


def points_still_due(snapshot: Mapping[str, Any], refunded_minor: int) -> int:
    """What the order earns on what was not refunded, by the decision of its day.

    A refund takes the same share of the items as of the whole payment: 20.00 back of 40.00 is half of the points.
    """
    total = snapshot["total_minor"]
    kept = max(0, total - refunded_minor)
    if refunded_minor <= 0 or total <= 0:
        return int(snapshot["points"])
    value = Fraction(snapshot["items_minor"] * kept, total * 10 ** snapshot["exponent"])
    return max(0, floor(Fraction(snapshot["rate"]) * value))


@dataclass(frozen=True)
class Back:
    """Money that went back for an order, as the shop or a return here tells it."""

    name: str
    at: datetime
    amount_minor: int


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


def allocate(points: int, remaining: Sequence[int]) -> tuple[list[int], int]:
    """How many points come from each lot, the first one first, and how many are not there."""
    parts = []
    for left in remaining:
        parts.append(min(points, left))
        points -= parts[-1]
    return parts, points


# Postings of each kind of entry: ledger account to amount; each sums to zero. `issued` is the contra account, `debt`
# is negative while a member owes.


def credit_postings(points: int) -> dict[str, int]:
    return {"issued": -points, "available": points}


def debit_postings(covered: int, owed: int) -> dict[str, int]:
    return {"available": -covered, "debt": -owed, "reversed": covered + owed}


def repay_postings(points: int) -> dict[str, int]:
    return {"available": -points, "debt": points}
