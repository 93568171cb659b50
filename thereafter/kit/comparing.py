"""Whether two groups of answers differ, or chance alone would do that.

NPS: z of the difference of two net scores (Wald; with the adjusted values of Rocks 2016 where a group is small). CSAT:
the z test of two proportions, pooled. CES: the t test of Welch, groups of unlike spread.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import erfc, sqrt

from thereafter.kit import scores
from thereafter.kit.scores import SCALES
from thereafter.kit.shares import Z95, wilson
from thereafter.kit.student import quantile95, two_sided_p

LEVEL = 0.05
NO_CHANGE = "no significant change"
HIGHER = "significantly higher"
LOWER = "significantly lower"
TOO_FEW = "too few answers to compare"

Counts = Mapping[int, int]


@dataclass(frozen=True)
class Comparison:
    """`difference` is ours less theirs, in the unit of the score (points, points of per cent, mean), with its 95 %
    interval; `z` (t for CES) and the two-sided `p` are None where too few answered."""

    difference: float | None
    low: float | None
    high: float | None
    z: float | None
    p: float | None
    test: str

    @property
    def is_significant(self) -> bool:
        return self.p is not None and self.p < LEVEL

    @property
    def verdict(self) -> str:
        if self.p is None or self.difference is None:
            return TOO_FEW
        if not self.is_significant:
            return NO_CHANGE
        return HIGHER if self.difference > 0 else LOWER


# One answer has no spread.
FEWEST = 2


def compare(kind: str, ours: Counts, theirs: Counts) -> Comparison:
    """Of answers per score. Raises KeyError for a form, which has no score."""
    if min(sum(ours.values()), sum(theirs.values())) < FEWEST:
        return Comparison(None, None, None, None, None, test="")
    return _TESTS[kind](ours, theirs)


def _nps(ours: Counts, theirs: Counts) -> Comparison:
    one, two = scores.nps(ours), scores.nps(theirs)
    # The plain test trusts a small group too much: ten promoters of ten have no spread at all.
    small = min(one.n, two.n) < scores.ENOUGH_FOR_A_TREND
    of = scores.adjusted_net if small else scores.net_and_variance
    (net, variance), (net_2, variance_2) = (of(group.promoters, group.detractors, group.n) for group in (one, two))
    added = scores.ADDED if small else 0
    error = sqrt(variance / (one.n + added) + variance_2 / (two.n + added))
    plain = (one.score or 0.0) - (two.score or 0.0)
    z = _ratio(net - net_2, error)
    reach = 100 * Z95 * error
    middle = 100 * (net - net_2)
    low, high = max(-200.0, middle - reach), min(200.0, middle + reach)
    return Comparison(plain, low, high, z, normal_p(z), "z, adjusted" if small else "z")


def _csat(ours: Counts, theirs: Counts) -> Comparison:
    one, two = _satisfied(ours), _satisfied(theirs)
    share, share_2 = one[0] / one[1], two[0] / two[1]
    pooled = (one[0] + two[0]) / (one[1] + two[1])
    z = _ratio(share - share_2, sqrt(pooled * (1 - pooled) * (1 / one[1] + 1 / two[1])))
    low, high = newcombe(share, wilson(*one), share_2, wilson(*two))
    return Comparison(100 * (share - share_2), 100 * low, 100 * high, z, normal_p(z), "z of two proportions")


def _satisfied(counts: Counts) -> tuple[int, int]:
    found = scores.csat(counts)
    return found.satisfied, found.n


def newcombe(one: float, around: tuple[float, float], two: float, around_2: tuple[float, float]) -> tuple[float, float]:
    """The interval of a difference of shares from the intervals of both (Newcombe 1998, method 10)."""
    difference = one - two
    down = sqrt((one - around[0]) ** 2 + (around_2[1] - two) ** 2)
    up = sqrt((around[1] - one) ** 2 + (two - around_2[0]) ** 2)
    return difference - down, difference + up


def _ces(ours: Counts, theirs: Counts) -> Comparison:
    n, n_2 = sum(ours.values()), sum(theirs.values())
    (mean, variance), (mean_2, variance_2) = scores.mean_and_variance(ours), scores.mean_and_variance(theirs)
    part, part_2 = variance / n, variance_2 / n_2
    error = sqrt(part + part_2)
    # Welch and Satterthwaite.
    degrees = (part + part_2) ** 2 / (part**2 / (n - 1) + part_2**2 / (n_2 - 1))
    t, reach, widest = (mean - mean_2) / error, quantile95(degrees) * error, SCALES["ces"].high - SCALES["ces"].low
    low, high = max(-float(widest), mean - mean_2 - reach), min(float(widest), mean - mean_2 + reach)
    return Comparison(mean - mean_2, low, high, t, two_sided_p(t, degrees), f"Welch t, {degrees:.1f} degrees")


def _ratio(difference: float, error: float) -> float:
    """Groups without any spread that differ do so beyond doubt; ten is as good as infinity and can be written."""
    if error:
        return difference / error
    return 0.0 if not difference else 10.0 if difference > 0 else -10.0


def normal_p(z: float) -> float:
    return erfc(abs(z) / sqrt(2))


_TESTS = {"nps": _nps, "csat": _csat, "ces": _ces}
