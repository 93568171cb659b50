"""What was bought, as plain arrays: all that the models are taught."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from thereafter.recommendations.rules.decay import Floats, Integers

# scipy brings no types: a sparse matrix, float32, items or orders by items.
Matrix = Any


@dataclass(frozen=True)
class Purchases:
    """A product of an order in each row, once: arrays of one length. Products count from 0 up to `items`; orders and
    customers are any small integers, a larger order number is a later order; days are any whole days.
    """

    order: Integers
    customer: Integers
    item: Integers
    day: Integers
    items: int

    def __len__(self) -> int:
        return len(self.order)

    def where(self, chosen: NDArray[np.bool_]) -> "Purchases":
        return Purchases(self.order[chosen], self.customer[chosen], self.item[chosen], self.day[chosen], self.items)

    def between(self, first: int | None, until: int | None) -> "Purchases":
        """From the day `first` to the day before `until`."""
        chosen = np.ones(len(self), bool)
        if first is not None:
            chosen &= self.day >= first
        if until is not None:
            chosen &= self.day < until
        return self.where(chosen)

    @property
    def orders(self) -> int:
        return len(np.unique(self.order))


def purchases(order: Integers, customer: Integers, item: Integers, day: Integers, items: int) -> Purchases:
    """Each product of an order once, the day of an order being that of its first row."""
    order, customer, item, day = (np.asarray(one, np.int64) for one in (order, customer, item, day))
    _, first = np.unique(order * max(items, 1) + item, return_index=True)
    return Purchases(order[first], customer[first], item[first], day[first], items)


def by_order(bought: Purchases) -> tuple[Matrix, Integers]:
    """Orders by items, ones where bought, and the day of each order."""
    _, first, row = np.unique(bought.order, return_index=True, return_inverse=True)
    ones = np.ones(len(bought), np.float32)
    return sparse.csr_matrix((ones, (row, bought.item)), (len(first), bought.items)), bought.day[first]


def by_customer(bought: Purchases, weight: Floats) -> Matrix:
    """Customers by items: the largest weight among the purchases of an item by a customer."""
    _, row = np.unique(bought.customer, return_inverse=True)
    rising = np.argsort(weight, kind="stable")[::-1]
    key, first = np.unique((row * bought.items + bought.item)[rising], return_index=True)
    values = weight[rising][first].astype(np.float32)
    shape = (int(row.max(initial=-1)) + 1, bought.items)
    return sparse.csr_matrix((values, (key // max(bought.items, 1), key % max(bought.items, 1))), shape)
