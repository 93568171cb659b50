"""How good the model was: fitted on the past, held against what came after."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from thereafter.insights.rules.clv.grouping import Floats

# Customers who had come back this often or more are one class.
MOST_CLASSES = 7
# What a correction may be at most: beyond this, the model is wrong and not merely off.
LEAST_FACTOR, MOST_FACTOR = 0.5, 2.0


def correction(came: float, expected: float) -> float:
    """What `expected` has to be multiplied by to have been right, within bounds; 1 where nothing was expected."""
    return min(max(came / expected, LEAST_FACTOR), MOST_FACTOR) if expected > 0 else 1.0


@dataclass(frozen=True)
class Class:
    """Customers with the same number of repeat purchases: mean orders in the holdout, expected and seen.

    `error` is the standard error of `actual`.
    """

    frequency: int
    customers: int
    expected: float
    actual: float
    error: float


@dataclass(frozen=True)
class Backtest:
    """`total_error` is (expected - actual) / actual, None where nothing happened; the others are per customer."""

    customers: int
    expected: float
    actual: float
    total_error: float | None
    mae: float
    rmse: float
    classes: Sequence[Class]

    @property
    def factor(self) -> float:
        """What the total has to be multiplied by to have been right."""
        return correction(self.actual, self.expected)

    @property
    def off(self) -> float:
        return abs(log(self.factor))


def compare(frequency: Any, expected: Any, actual: Any, weight: Any) -> Backtest:
    """Rows of customers (or of alike ones, with weights): what was expected of each and what came."""
    x, guess, truth, many = (np.asarray(one, np.float64) for one in (frequency, expected, actual, weight))
    size = float(many.sum()) or 1.0
    said, came = float(many @ guess), float(many @ truth)
    return Backtest(
        int(many.sum()),
        said,
        came,
        (said - came) / came if came else None,
        float(many @ np.abs(guess - truth)) / size,
        float(np.sqrt(many @ (guess - truth) ** 2 / size)),
        tuple(_classes(x, guess, truth, many)),
    )


def _classes(x: Floats, guess: Floats, truth: Floats, many: Floats) -> list[Class]:
    told = []
    for frequency in range(MOST_CLASSES + 1):
        of = x >= frequency if frequency == MOST_CLASSES else x == frequency
        size = float(many[of].sum())
        if not size:
            continue
        actual = float(many[of] @ truth[of]) / size
        spread = float(many[of] @ (truth[of] - actual) ** 2) / size
        expected = float(many[of] @ guess[of]) / size
        told.append(Class(frequency, int(size), expected, actual, float(np.sqrt(spread / size))))
    return told
