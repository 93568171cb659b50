"""Whether few stars are hidden more often than many: the question a regulator asks. Plain Python.

Fisher's exact test (Fisher 1922), two-sided: the sum of all tables with the same margins that are at most as likely as
the one seen. It holds for few reviews, where the test of two proportions does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from thereafter.feedback.rules.moderation import FEW_STARS
from thereafter.kit.shares import Share, log_choose, share

# Below this a difference is called significant.
LEVEL = 0.05
# Floats of equally likely tables differ in their last digits.
_HAIR = 1e-7


@dataclass(frozen=True)
class Group:
    """Reviews of some stars that came in, and how many of them are hidden."""

    came: int
    hidden: int

    @property
    def share(self) -> Share | None:
        return share(self.hidden, self.came)


@dataclass(frozen=True)
class HideRates:
    """`p` is None when one of the two groups is empty."""

    by_stars: Mapping[int, Group]
    few: Group
    many: Group
    p: float | None

    @property
    def warns(self) -> bool:
        """Few stars are hidden more often, and chance does not explain it."""
        if self.p is None or self.p >= LEVEL:
            return False
        return self.few.hidden * self.many.came > self.many.hidden * self.few.came


def hide_rates(came: Mapping[int, int], hidden: Mapping[int, int]) -> HideRates:
    """From reviews per number of stars, all and hidden."""
    groups = {stars: Group(came.get(stars, 0), hidden.get(stars, 0)) for stars in range(5, 0, -1)}
    few = _sum([group for stars, group in groups.items() if stars <= FEW_STARS])
    many = _sum([group for stars, group in groups.items() if stars > FEW_STARS])
    p = None
    if few.came and many.came:
        p = fisher(few.hidden, few.came - few.hidden, many.hidden, many.came - many.hidden)
    return HideRates(groups, few, many, p)


def _sum(groups: list[Group]) -> Group:
    return Group(sum(one.came for one in groups), sum(one.hidden for one in groups))


def fisher(a: int, b: int, c: int, d: int) -> float:
    """The two-sided p of the table ((a, b), (c, d)); counts of 0 or more, 1.0 where there is nothing to compare."""
    row, column, whole = a + b, a + c, a + b + c + d
    if not whole:
        return 1.0
    lowest, highest = max(0, row + column - whole), min(row, column)
    weights = [log_choose(column, x) + log_choose(whole - column, row - x) for x in range(lowest, highest + 1)]
    base = log_choose(whole, row)
    seen = weights[a - lowest]
    return min(1.0, sum(exp(one - base) for one in weights if one <= seen + _HAIR))
