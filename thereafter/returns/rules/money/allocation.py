"""How an amount is spread so that its parts always add up to it. Amounts are whole minor units of one currency."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes away from zero, so that a charge rounds as its refund does."""
    size = floor(abs(value) + Fraction(1, 2))
    return size if value >= 0 else -size


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Shares of `total` by weight, adding up to it: largest remainder, ties to the earlier one.

    Weights that are all zero share evenly. Only for what an order did not spread itself: stored shares win.
    Raises ValueError when there is nobody to share among or a weight is negative.
    """
    if not weights:
        raise ValueError("There is nothing to spread the amount over.")
    if min(weights) < 0:
        raise ValueError("A weight cannot be negative.")
    whole = sum(weights)
    even = [1] * len(weights)
    size, parts, whole = abs(total), weights if whole else even, whole or len(weights)
    shares = [size * weight // whole for weight in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: (-(size * parts[place] % whole), place))
    for place in by_remainder[: size - sum(shares)]:
        shares[place] += 1
    return shares if total >= 0 else [-share for share in shares]


def share_of_units(total: int, quantity: int, count: int) -> int:
    """What the first `count` of `quantity` units have of `total`; the spare cents lie on the earlier units."""
    each, spare = divmod(total, quantity)
    return each * count + min(spare, count)
