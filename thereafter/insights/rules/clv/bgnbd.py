"""BG/NBD: while customers live they buy at random, each at a rate of their own, and may leave after any purchase.

Rates are gamma distributed (r, alpha), chances to leave after a purchase beta (a, b). The likelihood is equation (6) of
Fader, Hardie and Lee (2005), in logarithms throughout:
    ln L = lnG(r+x) - lnG(r) + r ln alpha + lnB(a, b+x) - lnB(a, b) - (r+x) ln(alpha+T) + ln(1 + e^D), where
    D = ln a - ln(b+x-1) + (r+x) (ln(alpha+T) - ln(alpha+t_x)), and e^D = 0 for x = 0.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln, psi

from thereafter.insights.rules.clv.fitting import KNOWN, most_likely
from thereafter.insights.rules.clv.grouping import Floats, Histories, Ints

WEEK = 7.0
NAMES = ("r", "alpha", "a", "b")


@dataclass(frozen=True)
class Rates:
    """The four parameters, in weeks. `covariance` is of their logarithms; `told`: the data tell all four."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = float("nan")
    covariance: Floats | None = None
    told: bool = False

    @property
    def values(self) -> Floats:
        return np.array([self.r, self.alpha, self.a, self.b])

    @property
    def r_and_alpha_told(self) -> bool:
        """Whether the data tell at least how often customers buy; who never seems to leave leaves a and b open."""
        return self.covariance is not None and bool((np.diag(self.covariance)[:2] < KNOWN**2).all())

    def moved(self, logs: Floats) -> "Rates":
        """With the logarithms of the parameters changed by these."""
        return rates_of(self.values * np.exp(logs))


def rates_of(values: Floats) -> Rates:
    """r, alpha, a and b in this order."""
    r, alpha, a, b = (float(value) for value in values)
    return Rates(r, alpha, a, b)


class NothingRepeated(ValueError):
    """Nobody bought twice, so nothing can be told about how often anybody will."""


def fit(histories: Histories) -> Rates:
    """The most likely rates; NothingRepeated (a ValueError with a sentence) where nobody came back."""
    if not histories.repeaters:
        raise NothingRepeated("Nobody has bought a second time, so nothing can be told about who will.")
    found = most_likely(Evidence(histories).likelihood, _start(histories), histories.customers)
    rates = rates_of(found.parameters)
    return replace(rates, log_likelihood=found.log_likelihood, covariance=found.covariance, told=found.told)


def log_likelihood(values: Floats, histories: Histories) -> float:
    return Evidence(histories).likelihood(values)[0]


def _start(histories: Histories) -> Floats:
    """As if rates were exponential (r = 1) with the mean that was seen."""
    bought = max(float(histories.weight @ histories.frequency), 1.0)
    weeks = max(float(histories.weight @ histories.age) / WEEK, 1.0)
    return np.array([1.0, weeks / bought, 1.0, 2.0])


class Evidence:
    """Histories made ready for many looks: what hangs on the count alone is told per count, on a day alone per day.

    Those who bought once are only a number per age; the others are a row each.
    """

    def __init__(self, histories: Histories) -> None:
        again = histories.frequency > 0
        self.counts = _sums(histories.frequency, histories.weight)
        self.seen: Ints = np.flatnonzero(self.counts)
        self.once = _sums(histories.age[~again], histories.weight[~again])
        self.x, self.t_x, self.t = (one[again].astype(np.int32) for one in _columns(histories))
        self.weight: Floats = histories.weight[again].astype(np.float64)
        self.days: Floats = np.arange(int(histories.age.max(initial=0)) + 1) / WEEK

    def likelihood(self, values: Floats) -> tuple[float, Floats]:
        """Log likelihood and its gradient by r, alpha, a, b."""
        by_count, slope_by_count = self._by_count(values)
        once, slope_once = self._of_once(values)
        again, slope_again = self._of_again(values)
        return by_count + once + again, slope_by_count + slope_once + slope_again

    def _by_count(self, values: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = values
        x, weight = self.seen, self.counts[self.seen]
        value = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        value += gammaln(a + b) - gammaln(a + b + x) + gammaln(b + x) - gammaln(b)
        both = psi(a + b) - psi(a + b + x)
        slopes = (
            psi(r + x) - psi(r) + np.log(alpha),
            np.full(len(x), r / alpha),
            both,
            both + psi(b + x) - psi(b),
        )
        return float(weight @ value), np.array([weight @ slope for slope in slopes])

    def _of_once(self, values: Floats) -> tuple[float, Floats]:
        r, alpha = values[:2]
        spent = alpha + self.days[: len(self.once)]
        logs, inverse = float(self.once @ np.log(spent)), float(self.once @ (1 / spent))
        return -r * logs, np.array([-logs, -r * inverse, 0.0, 0.0])

    def _of_again(self, values: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = values
        logs = np.log(alpha + self.days)
        log_t, log_last = logs[self.t], logs[self.t_x]
        exponent = r + self.x
        left = np.maximum(b + np.arange(len(self.counts)) - 1.0, 1e-300)
        odds = exponent * (log_t - log_last) + (np.log(a) - np.log(left))[self.x]
        gone, softplus = _logistic(odds)
        value = float(self.weight @ (softplus - exponent * log_t))
        by_r = -log_t + gone * (log_t - log_last)
        inverse = 1 / (alpha + self.days)
        at_end, at_last = inverse[self.t], inverse[self.t_x]
        by_alpha = -exponent * (at_end + gone * (at_last - at_end))
        of_gone = self.weight * gone
        by_b = -float(of_gone @ (1 / left)[self.x])
        return value, np.array([self.weight @ by_r, self.weight @ by_alpha, of_gone.sum() / a, by_b])


def _columns(histories: Histories) -> tuple[Ints, Ints, Ints]:
    return histories.frequency, histories.recency, histories.age


def _sums(places: Ints, weight: Ints) -> Floats:
    return np.bincount(places, weight.astype(np.float64)).astype(np.float64)


def _logistic(odds: Floats) -> tuple[Floats, Floats]:
    """1 / (1 + e^-odds) and ln(1 + e^odds), neither of which overflows."""
    small = np.exp(-np.abs(odds))
    softplus = np.maximum(odds, 0) + np.log1p(small)
    return np.where(odds > 0, 1.0, small) / (1 + small), softplus
