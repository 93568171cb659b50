"""What the points that are out cost one day: value of a point, breakage, liability. Plain Python; money is exact.

*Breakage* is the part of points that nobody ever uses. It is taken from points whose fate is known: lots that ended,
and lots without an end that have been there for `OLD_DAYS`. Of what was given and not taken back, the part that ran
out or still lies there:

    breakage = (expired + left of old lots) / (given - taken back)

The points of one member share one fate, so the interval treats members as clusters: the ratio estimator with the
variance s^2 / (n x^2), s^2 = sum (y - R x)^2 / (n - 1) (Cochran 1977, "Sampling Techniques", 6.4; members are few of
many, so there is no correction for a finite population). That lots which never end count as broken after two years is
an assumption, and a cautious one for the time after. Expected breakage lowers what is owed in proportion (IFRS 15
B46, ASC 606-10-55-48); with too little known it is taken as nought, which is the upper bound of what is owed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt

from thereafter.kit.shares import Z95

# A lot without an end is old enough to say that the rest will not be used.
OLD_DAYS = 730
# Fewer members with old lots, and no rate is told.
ENOUGH = 30


@dataclass(frozen=True)
class Offer:
    """A reward that pays in money: so many minor units for so many points."""

    points: int
    value_minor: int


@dataclass(frozen=True)
class Fates:
    """Sums over members with old lots: x is what was given and kept, y what of it was never used."""

    members: int = 0
    given: int = 0
    unused: int = 0
    given_squares: int = 0
    unused_squares: int = 0
    products: int = 0


@dataclass(frozen=True)
class Rate:
    """Of 1, with its 95 % interval and how many members and points stand behind it."""

    value: float
    low: float
    high: float
    members: int
    points: int


@dataclass(frozen=True)
class Owed:
    """Points that are out and what they are worth, in minor units; `expected` is less what will not be used."""

    points: int
    full_minor: int
    expected_minor: int


def point_value(said: Decimal | None, offers: Iterable[Offer], *, exponent: int) -> Fraction | None:
    """What a point is worth in minor units: as the programme says, else as the best reward in money pays it.

    None when neither is there: points that only buy gifts have no value in money by themselves.
    """
    if said is not None:
        return Fraction(said) * Fraction(10**exponent)
    paid = [Fraction(offer.value_minor, offer.points) for offer in offers if offer.points > 0 and offer.value_minor]
    return max(paid, default=None)


def breakage(fates: Fates) -> Rate | None:
    """None while fewer than `ENOUGH` members have points whose fate is known."""
    if fates.members < ENOUGH or fates.given <= 0:
        return None
    ratio = fates.unused / fates.given
    mean = fates.given / fates.members
    spread = fates.unused_squares - 2 * ratio * fates.products + ratio**2 * fates.given_squares
    margin = Z95 * sqrt(max(0.0, spread) / (fates.members - 1) / fates.members) / mean
    return Rate(ratio, max(0.0, ratio - margin), min(1.0, ratio + margin), fates.members, fates.given)


def owed(points: int, value: Fraction, rate: Rate | None) -> Owed:
    """Whole minor units, rounded half up once each."""
    full = points * value
    kept = 1 - Fraction(rate.value) if rate else Fraction(1)
    return Owed(points, _whole(full), _whole(full * kept))


def redemption_rate(given: int, spent: int) -> float | None:
    """Of points that were given and not taken back, the share that was spent in the same time; may be over 1, as older
    points are spent too. None where nothing was given."""
    return spent / given if given > 0 else None


def _whole(amount: Fraction) -> int:
    return (amount + Fraction(1, 2)).__floor__()
