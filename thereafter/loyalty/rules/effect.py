"""What the programme does to repeat purchase: members with rewards beside those drawn to go without. Plain Python.

*Shares.* The difference of two independent shares with Newcombe's hybrid score interval, which joins the Wilson
intervals of both (Newcombe 1998, "Interval estimation for the difference between independent proportions: comparison
of eleven methods", Statistics in Medicine 17, method 10). It holds for few people and for shares near nought, where
the usual one does not.

*Money.* The difference of two means with unequal spreads (Welch 1947); arms are told from `ENOUGH` people on, where
the normal distribution stands for Student's.

*How many are needed.* For a two-sided test of two shares at 5 % that sees a true difference in 80 of 100 cases
(Fleiss, Levin, Paik 2003, "Statistical Methods for Rates and Proportions", 4.14, unequal sizes, without the correction
for continuity): m = (1.96 sqrt((1 + 1/r) p (1-p)) + 0.84 sqrt(p1 (1-p1) / r + p2 (1-p2)))^2 / (p1 - p2)^2 held out and
r m with rewards, p being the mean share of both.
"""

from dataclasses import dataclass
from math import ceil, sqrt

from thereafter.kit.shares import Z95, wilson

# The standard normal deviate that 80 of 100 stay below.
Z80 = 0.8416212335729143
# Below so many people in an arm, or so many who came back or did not, nobody is told a figure.
ENOUGH, LEAST_CASES = 100, 10
# So many days after joining, whoever bought again counts.
WINDOW_DAYS = 90
# Differences that a shop may want to see, of 1.
WORTH_SEEING = (0.02, 0.05, 0.10)


@dataclass(frozen=True)
class Arm:
    """One side: people whose window is over, those who bought again in it, and their money in minor units."""

    people: int = 0
    again: int = 0
    money: int = 0
    # The sum of the squares of what each one spent.
    squares: float = 0.0

    @property
    def rate(self) -> float:
        return self.again / self.people if self.people else 0.0

    @property
    def mean(self) -> float:
        return self.money / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """Of what one person spends, estimated from the sample."""
        if self.people <= 1:
            return 0.0
        return max(0.0, self.squares - self.money**2 / self.people) / (self.people - 1)

    @property
    def is_enough(self) -> bool:
        return self.people >= ENOUGH and min(self.again, self.people - self.again) >= LEAST_CASES


@dataclass(frozen=True)
class Difference:
    """What the first has more than the second, with its 95 % interval."""

    low: float
    value: float
    high: float

    @property
    def side(self) -> int:
        """1 when all of it is above nought, -1 when all is below, 0 when it may be either."""
        return int(self.low > 0) - int(self.high < 0)


@dataclass(frozen=True)
class Effect:
    """`shares` and `money` (minor units per member) are None while there are too few to say."""

    verdict: str
    rewarded: Arm
    held: Arm
    shares: Difference | None = None
    money: Difference | None = None


NO_HOLDOUT, TOO_FEW, UNCLEAR, MORE, LESS = "no_holdout", "too_few", "unclear", "more", "less"


def effect(rewarded: Arm, held: Arm, *, has_holdout: bool) -> Effect:
    """What may be said by now. It claims nothing that the interval does not hold."""
    if not has_holdout and not held.people:
        return Effect(NO_HOLDOUT, rewarded, held)
    if not (rewarded.is_enough and held.is_enough):
        return Effect(TOO_FEW, rewarded, held)
    shares = share_difference(rewarded, held)
    verdict = {1: MORE, -1: LESS}.get(shares.side, UNCLEAR)
    return Effect(verdict, rewarded, held, shares, money_difference(rewarded, held))


def share_difference(one: Arm, two: Arm) -> Difference:
    """Newcombe's method 10; both arms hold somebody."""
    low_one, high_one = wilson(one.again, one.people)
    low_two, high_two = wilson(two.again, two.people)
    value = one.rate - two.rate
    below = sqrt((one.rate - low_one) ** 2 + (high_two - two.rate) ** 2)
    above = sqrt((high_one - one.rate) ** 2 + (two.rate - low_two) ** 2)
    return Difference(value - below, value, value + above)


def money_difference(one: Arm, two: Arm) -> Difference:
    """Of the means per person, in minor units."""
    value = one.mean - two.mean
    margin = Z95 * sqrt(one.variance / one.people + two.variance / two.people)
    return Difference(value - margin, value, value + margin)


@dataclass(frozen=True)
class Needed:
    """So many members must have been followed on each side to see a difference of this size."""

    difference: float
    rewarded: int
    held: int


def needed(base: float, difference: float, *, held_share: float) -> Needed | None:
    """`base` is the share of those without rewards, `held_share` the part of all members held out; None if either is
    nought or the difference leads over 1."""
    raised = base + difference
    if not 0 < held_share < 1 or not 0 < base < 1 or not 0 < raised < 1:
        return None
    ratio = (1 - held_share) / held_share
    middle = (ratio * raised + base) / (ratio + 1)
    if_none = sqrt((1 + 1 / ratio) * middle * (1 - middle))
    if_some = sqrt(raised * (1 - raised) / ratio + base * (1 - base))
    held = ceil((Z95 * if_none + Z80 * if_some) ** 2 / difference**2)
    return Needed(difference, ceil(ratio * held), held)
