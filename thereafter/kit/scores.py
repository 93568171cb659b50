"""Scores and how sure one can be of them.

Formulas: Wilson (1927) for shares; the adjusted Wald interval for NPS (Rocks 2016, "Interval estimation for the Net
Promoter Score", The American Statistician 70); Student's t for the mean of CES 2.0. All intervals are of 95 %.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, sqrt

from thereafter.kit.shares import Z95, wilson
from thereafter.kit.student import quantile95

# Below this many answers a change is noise: no trend is drawn through such a point.
ENOUGH_FOR_A_TREND = 30
# What the adjusted interval adds to the answers; a quarter of it each to promoters and detractors, half to passives.
ADDED = 3
# The spread of an opinion that was rounded to a whole number (Sheppard): what is left when all answers are alike.
_ROUNDING = 1 / 12


@dataclass(frozen=True)
class Scale:
    """From the worst to the best score. From `satisfied` on somebody is well pleased; up to `unhappy` a person of the
    shop should speak with them. CSAT: 4-5 and 1-2; NPS: promoters 9-10 and detractors 0-6; CES 2.0: 5-7 and 1-3."""

    low: int
    high: int
    satisfied: int
    unhappy: int


SCALES = {"csat": Scale(1, 5, 4, 2), "nps": Scale(0, 10, 9, 6), "ces": Scale(1, 7, 5, 3)}


@dataclass(frozen=True)
class Csat:
    """Shares are of 1; `low` and `high` are the 95 % interval; all None when nobody answered."""

    n: int
    satisfied: int
    share: float | None
    low: float | None
    high: float | None
    mean: float | None


@dataclass(frozen=True)
class Nps:
    """In points from -100 to 100. `margin` is the usual one (Wald); `low` and `high` are the adjusted interval, which
    holds for few and for one-sided answers. All None when nobody answered; who dismissed the question is no answer."""

    n: int
    promoters: int
    passives: int
    detractors: int
    score: float | None
    margin: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Ces:
    """The mean, 1 to 7, with `low` and `high`; `share` of 5 to 7 with its interval, of 1; `index` in points from -100
    to 100: per cent of 6-7 less per cent of 1-3. All None when nobody answered."""

    n: int
    agreed: int
    mean: float | None
    low: float | None
    high: float | None
    share: float | None
    share_low: float | None
    share_high: float | None
    index: float | None


@dataclass(frozen=True)
class Reading:
    """The score of any kind of survey as pages show it: NPS in points, CSAT in per cent, CES as a mean."""

    kind: str
    counts: Mapping[int, int]
    n: int
    value: float | None
    low: float | None
    high: float | None

    @property
    def is_enough(self) -> bool:
        return self.n >= ENOUGH_FOR_A_TREND


def csat(counts: Mapping[int, int]) -> Csat:
    """Customer satisfaction from answers per score 1 to 5: the share of 4 and 5, and the mean."""
    n = sum(counts.values())
    if not n:
        return Csat(0, 0, None, None, None, None)
    satisfied = _from(counts, SCALES["csat"].satisfied)
    low, high = wilson(satisfied, n)
    return Csat(n, satisfied, satisfied / n, low, high, mean_and_variance(counts)[0])


def nps(counts: Mapping[int, int]) -> Nps:
    """The Net Promoter Score from answers per score 0 to 10."""
    scale, n = SCALES["nps"], sum(counts.values())
    promoters, detractors = _from(counts, scale.satisfied), n - _from(counts, scale.unhappy + 1)
    passives = n - promoters - detractors
    if not n:
        return Nps(0, 0, 0, 0, None, None, None, None)
    net, variance = net_and_variance(promoters, detractors, n)
    middle, around = adjusted_net(promoters, detractors, n)
    margin = Z95 * sqrt(around / (n + ADDED))
    return Nps(
        n,
        promoters,
        passives,
        detractors,
        score=100 * net,
        margin=100 * Z95 * sqrt(variance / n),
        low=max(-100.0, 100 * (middle - margin)),
        high=min(100.0, 100 * (middle + margin)),
    )


def net_and_variance(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    """The share of promoters less that of detractors, of 1, and the variance of one answer: p + d - (p - d)²."""
    net = (promoters - detractors) / n
    return net, max(0.0, (promoters + detractors) / n - net**2)


def adjusted_net(promoters: int, detractors: int, n: int) -> tuple[float, float]:
    """The same of three more answers, so that ten promoters of ten do not seem certain."""
    return net_and_variance(promoters + ADDED / 4, detractors + ADDED / 4, n + ADDED)


def ces(counts: Mapping[int, int]) -> Ces:
    """The Customer Effort Score 2.0 from answers per score 1 to 7."""
    scale, n = SCALES["ces"], sum(counts.values())
    if not n:
        return Ces(0, 0, *[None] * 7)
    mean, variance = mean_and_variance(counts)
    agreed, disagreed = _from(counts, scale.satisfied), n - _from(counts, scale.unhappy + 1)
    # One answer tells nothing of the spread: the mean may be anywhere.
    margin = quantile95(n - 1) * sqrt(variance / n) if n > 1 else float(scale.high)
    return Ces(
        n,
        agreed,
        mean,
        max(float(scale.low), mean - margin),
        min(float(scale.high), mean + margin),
        agreed / n,
        *wilson(agreed, n),
        index=100 * (_from(counts, scale.satisfied + 1) - disagreed) / n,
    )


def mean_and_variance(counts: Mapping[int, int]) -> tuple[float, float]:
    """The mean and the sample's variance (of n - 1); answers all alike still have the spread of their rounding."""
    n = sum(counts.values())
    mean = sum(score * times for score, times in counts.items()) / n
    squares = sum(times * (score - mean) ** 2 for score, times in counts.items())
    alike = sum(times > 0 for times in counts.values()) == 1
    return mean, _ROUNDING if alike else squares / (n - 1)


def reading(kind: str, counts: Mapping[int, int]) -> Reading:
    """The score of a survey's kind, in the unit it is shown in. Raises KeyError for a form, which has none."""
    return _READINGS[kind](counts)


def _read_nps(counts: Mapping[int, int]) -> Reading:
    found = nps(counts)
    return Reading("nps", counts, found.n, found.score, found.low, found.high)


def _read_csat(counts: Mapping[int, int]) -> Reading:
    found = csat(counts)
    value, low, high = (None if share is None else 100 * share for share in (found.share, found.low, found.high))
    return Reading("csat", counts, found.n, value, low, high)


def _read_ces(counts: Mapping[int, int]) -> Reading:
    found = ces(counts)
    return Reading("ces", counts, found.n, found.mean, found.low, found.high)


_READINGS = {"nps": _read_nps, "csat": _read_csat, "ces": _read_ces}


def answers_for_nps(margin: float, *, promoters: float, detractors: float) -> int:
    """How many answers give a margin of so many points; the shares of 1 are what one expects."""
    return _answers_for(margin / 100, net_and_variance(promoters, detractors, 1)[1])


def answers_for_share(margin: float, *, share: float = 0.5) -> int:
    """How many answers give a margin of so many points of a share; a half is the worst case."""
    return _answers_for(margin / 100, share * (1 - share))


def _answers_for(margin: float, variance: float) -> int:
    # The margin is rounded as people write it, or floats ask for one answer too many.
    return ceil(round(variance * (Z95 / margin) ** 2, 6))


def _from(counts: Mapping[int, int], lowest: int) -> int:
    return sum(times for score, times in counts.items() if score >= lowest)
