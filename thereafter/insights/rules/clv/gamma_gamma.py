"""Gamma-Gamma: how much a customer spends per purchase, drawn to what everybody spends the less is known of them.

Purchases of one customer are gamma (p, nu), nu is gamma (q, gamma) among customers, and spending does not depend on how
often one buys. What is known of a customer is the number of REPEAT purchases x and their sum (the convention of the
published figures and of `lifetimes`: the first purchase is left out). Equation (1a) of Fader and Hardie (2013):
    ln L = lnG(px+q) - lnG(px) - lnG(q) + q ln gamma + (px-1) ln m + px ln x - (px+q) ln(gamma + x m), m the mean.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln, psi

from thereafter.insights.rules.clv.fitting import most_likely
from thereafter.insights.rules.clv.grouping import Floats, Ints

NAMES = ("p", "q", "gamma")
_COUNT_BITS = 20


@dataclass(frozen=True)
class Spends:
    """Distinct (purchases, sum of money) with the number of customers; the sum in any whole unit, such as cents."""

    frequency: Ints
    total: Ints
    weight: Ints

    def __len__(self) -> int:
        return len(self.frequency)

    @property
    def customers(self) -> int:
        return int(self.weight.sum())


@dataclass(frozen=True)
class Spending:
    """The three parameters; gamma is in the unit of the money. `covariance` is of their logarithms."""

    p: float
    q: float
    gamma: float
    log_likelihood: float = float("nan")
    covariance: Floats | None = None
    told: bool = False

    @property
    def has_mean(self) -> bool:
        """At q <= 1 the mean of everybody is infinite: the tail is too heavy to say what a new customer spends."""
        return self.q > 1

    def expected(self, frequency: Any, total: Any) -> Floats:
        """Money per coming purchase, given the repeat purchases and their sum; what everybody spends where x = 0."""
        x = np.asarray(frequency, np.float64)
        scale = self.gamma + np.asarray(total, np.float64)
        mean: Floats = self.p * scale / np.maximum(self.p * x + self.q - 1, 1e-9)
        return mean

    def moved(self, logs: Floats) -> "Spending":
        p, q, gamma = (float(one) for one in np.array([self.p, self.q, self.gamma]) * np.exp(logs))
        return Spending(p, q, gamma)


def group(frequency: Any, total: Any, weight: Any = None) -> Spends:
    """Customers as distinct (x, sum); those who bought once or paid nothing are left out."""
    x, money = np.asarray(frequency), np.asarray(total)
    kept = (x > 0) & (money > 0)
    keys = (money[kept].astype(np.int64) << _COUNT_BITS) | x[kept]
    if weight is None:
        distinct, counts = np.unique(keys, return_counts=True)
    else:
        distinct, places = np.unique(keys, return_inverse=True)
        counts = np.bincount(places, np.asarray(weight, np.float64)[kept], len(distinct)).astype(np.int64)
    return Spends(distinct & ((1 << _COUNT_BITS) - 1), distinct >> _COUNT_BITS, counts.astype(np.int64))


def fit(spends: Spends, unit: float = 1.0) -> Spending:
    """The most likely spending, gamma in `total * unit`. ValueError with a sentence where all spent the same."""
    if not len(spends):
        raise ValueError("Nobody has paid for a second purchase, so nothing can be told about what people spend.")
    mean = float(spends.weight @ spends.total) / float(spends.weight @ spends.frequency)
    if np.ptp(spends.total / spends.frequency) <= mean * 1e-9:
        raise ValueError("All customers spend exactly the same, so nothing can be told about how they differ.")
    found = most_likely(Evidence(spends, mean).likelihood, np.array([2.0, 3.0, 2.0]), spends.customers)
    p, q, gamma = (float(one) for one in found.parameters)
    # The likelihood of money in the shop's unit, not in means: a density per customer.
    value = found.log_likelihood - spends.customers * float(np.log(mean * unit))
    return Spending(p, q, gamma * mean * unit, value, found.covariance, found.told)


def correlation(spends: Spends) -> float:
    """Between how often and how much: the model takes it for nought. 0.0 where nothing varies."""
    x, mean, weight = spends.frequency, spends.total / np.maximum(spends.frequency, 1), spends.weight
    if not len(spends) or np.ptp(x) == 0 or np.ptp(mean) == 0:
        return 0.0
    spread = np.cov(np.vstack([x, mean]), fweights=weight)
    return float(spread[0, 1] / np.sqrt(spread[0, 0] * spread[1, 1]))


class Evidence:
    """Sums made ready: a look takes one logarithm per row, the rest is per number of purchases. Money in means."""

    def __init__(self, spends: Spends, mean: float) -> None:
        self.money: Floats = spends.total / mean
        self.x: Ints = spends.frequency
        self.weight: Floats = spends.weight.astype(np.float64)
        self.counts: Floats = np.bincount(self.x, self.weight).astype(np.float64)
        self.seen: Ints = np.flatnonzero(self.counts)
        logs = np.log(self.money)
        self.of_means = float(self.weight @ (logs - np.log(self.x)))
        self.of_sums = float((self.weight * self.x) @ logs)

    def likelihood(self, values: Floats) -> tuple[float, Floats]:
        """Log likelihood and its gradient by p, q, gamma."""
        p, q, gamma = values
        x, counts = self.seen, self.counts[self.seen]
        at_all, at_own = gammaln(p * x + q), gammaln(p * x)
        value = counts @ (at_all - at_own - gammaln(q) + q * np.log(gamma)) + p * self.of_sums - self.of_means
        scale = gamma + self.money
        logs = self.weight * np.log(scale)
        of_logs, of_logs_x = float(logs.sum()), float(logs @ self.x)
        value -= p * of_logs_x + q * of_logs
        steep = psi(p * x + q)
        inverse = self.weight / scale
        slope = np.array(
            [
                counts @ (x * (steep - psi(p * x))) + self.of_sums - of_logs_x,
                counts @ (steep - psi(q) + np.log(gamma)) - of_logs,
                counts.sum() * q / gamma - (p * float(inverse @ self.x) + q * float(inverse.sum())),
            ]
        )
        return float(value), slope
