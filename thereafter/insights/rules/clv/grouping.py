"""Purchase histories: customers who bought alike are one row with a weight, so that ten million fit in memory.

The likelihood of BG/NBD knows of a customer only (frequency, recency, age), and in whole days many are alike: a fit on
the distinct ones with weights is the same fit, not an approximation.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# 62 bits of a whole number: 2**20 purchases, 2**21 days (5,700 years).
_DAY_BITS = 21
_MOST_DAYS = (1 << _DAY_BITS) - 1
_MOST_ORDERS = (1 << 20) - 1


@dataclass(frozen=True)
class Histories:
    """Distinct histories in the order of their keys; each array of the same length.

    `frequency`: days with a purchase after the first; `recency`: days from the first purchase to the last; `age`: days
    from the first purchase to the end of what is known; `weight`: how many customers have this history.
    """

    frequency: Ints
    recency: Ints
    age: Ints
    weight: Ints

    def __len__(self) -> int:
        return len(self.frequency)

    @property
    def customers(self) -> int:
        return int(self.weight.sum())

    @property
    def repeaters(self) -> int:
        return int(self.weight[self.frequency > 0].sum())

    @property
    def keys(self) -> Ints:
        return _keys(self.frequency, self.recency, self.age)

    def where(self, frequency: Any, recency: Any, age: Any) -> Ints:
        """The row of each customer's history; it has to be among these."""
        keys = _keys(*_checked(frequency, recency, age))
        found: Ints = np.searchsorted(self.keys, keys)
        return found


def group(frequency: Any, recency: Any, age: Any, weight: Any = None) -> Histories:
    """Rows of customers, or of histories with weights, as distinct histories. ValueError for what cannot be."""
    keys = _keys(*_checked(frequency, recency, age))
    if weight is None:
        distinct, counts = np.unique(keys, return_counts=True)
    else:
        distinct, places = np.unique(keys, return_inverse=True)
        counts = np.bincount(places, np.asarray(weight, np.float64), len(distinct)).astype(np.int64)
    return _opened(distinct, counts.astype(np.int64))


def _checked(frequency: Any, recency: Any, age: Any) -> tuple[Ints, Ints, Ints]:
    x, t_x, t = (np.asarray(one) for one in (frequency, recency, age))
    if len(x) and (x.min() < 0 or x.max() > _MOST_ORDERS or t_x.min() < 0 or t.max() > _MOST_DAYS):
        raise ValueError("A purchase history has a negative count or days beyond counting.")
    if (t_x > t).any() or ((x == 0) != (t_x == 0)).any():
        raise ValueError("A last purchase has to lie after the first and not after the end of what is known.")
    return x, t_x, t


def _keys(frequency: Ints, recency: Ints, age: Ints) -> Ints:
    keys: Ints = frequency.astype(np.int64)
    keys <<= _DAY_BITS
    keys |= recency
    keys <<= _DAY_BITS
    keys |= age
    return keys


def _opened(keys: Ints, weight: Ints) -> Histories:
    rest = keys >> _DAY_BITS
    return Histories(rest >> _DAY_BITS, rest & _MOST_DAYS, keys & _MOST_DAYS, weight)
