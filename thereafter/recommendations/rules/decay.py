"""Weights that fall with age, and their sums. Without scipy, which pages need not bring in."""

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def weigh(at: datetime, newest: datetime, half_life: timedelta) -> float:
    """0.5^(age / half-life)."""
    return float(0.5 ** ((newest - at) / half_life))


def decayed(day: Integers, today: int, half_life: float) -> Floats:
    """The same of many days, in days; never quite nothing."""
    return np.asarray(0.5 ** np.minimum((today - day) / half_life, 40), np.float64)


def summed(place: Integers, weight: Floats, places: int) -> Floats:
    """The weights of each place added up."""
    return np.asarray(np.bincount(place, weight, places), np.float64)
