"""Sums over all customers: how much is expected of everybody together, and how far it may be off."""

from dataclasses import dataclass

import numpy as np

from thereafter.insights.rules.clv.bgnbd import Rates
from thereafter.insights.rules.clv.fitting import interval
from thereafter.insights.rules.clv.grouping import Histories
from thereafter.insights.rules.clv.outlook import expected_orders, spread

_STEP = 1e-3


@dataclass(frozen=True)
class Total:
    """A sum with its 95 % interval, and what part of it chance, parameters and the last backtest have (relative)."""

    value: float
    low: float
    high: float
    by_luck: float
    by_rates: float
    by_backtest: float

    def times(self, factor: float) -> "Total":
        ends = self.value * factor, self.low * factor, self.high * factor
        return Total(*ends, self.by_luck, self.by_rates, self.by_backtest)


def orders(rates: Rates, histories: Histories, days: float, off: float = 0.0) -> Total:
    """Expected orders of all, by the delta method on the logarithm.

    `off` is by how much the last backtest was wrong, as a logarithm: a correction that was needed once may be needed
    the other way the next time, so it widens the interval as a standard error would.
    """
    seen = spread(rates, histories, days)
    value = float(histories.weight @ expected_orders(rates, histories, days))
    if value <= 0:
        return Total(0.0, 0.0, 0.0, 0.0, 0.0, off)
    by_luck = float(np.sqrt(histories.weight @ seen.variance)) / value
    by_rates = _by_rates(rates, histories, days, value)
    low, high = interval(value, by_luck**2 + by_rates**2 + off**2)
    return Total(value, low, high, by_luck, by_rates, abs(off))


def _by_rates(rates: Rates, histories: Histories, days: float, value: float) -> float:
    """The standard error of the logarithm of the sum that comes from not knowing the parameters; 0 if untold."""
    if rates.covariance is None:
        return 0.0
    slope = []
    for step in np.eye(4) * _STEP:
        more, less = (expected_orders(rates.moved(one), histories, days) for one in (step, -step))
        slope.append(float(histories.weight @ (more - less)) / (2 * _STEP * value))
    around = np.array(slope)
    return float(np.sqrt(max(around @ rates.covariance @ around, 0.0)))
