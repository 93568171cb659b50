"""The models of what goes with what, and what they leave behind: a few neighbours of each product.

cosine   w(i and j) / sqrt(w(i) w(j)) * n / (n + 10), where w sums 0.5^(age / half-life) over the orders with the
         products and n counts those with both: cheap at any size, careful where few orders speak.
ease     see `ease`; taught by orders and (by `customers`) by what each customer ever bought, an order or customer of m
         products counting as (mean size / m)^0.5, so that wholesale does not drown the rest.
popular  what sells, to everyone the same.

Each is multiplied by ((sold in 30 days + 5) / (decayed sold + 5))^trend of the product offered, so that the season
counts, and cut to the best neighbours of a product.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from thereafter.recommendations.rules import ease
from thereafter.recommendations.rules.decay import Floats, Integers, decayed, summed
from thereafter.recommendations.rules.purchases import Matrix, Purchases, by_customer, by_order

TOP = 100
SHRINK = 10
POPULAR_HALF_LIFE = 60.0
RECENT = 30
STEADY = 5.0


@dataclass(frozen=True)
class Settings:
    """Which model, and what may be set; days, and shares where 0 is "not at all"."""

    model: str = "cosine"
    half_life: float = 120.0
    strength: float = 100.0
    customers: float = 1.0
    trend: float = 0.2


@dataclass(frozen=True)
class Table:
    """Row i of `near` holds the weights of what i calls for; `sold` is what sells now, a number for each product."""

    near: Matrix
    sold: Floats


def fit(bought: Purchases, today: int, settings: Settings, offered: NDArray[np.bool_] | None = None) -> Table:
    """Taught by all of `bought`; ages count from the day `today`. Only products that are `offered` come out."""
    sold = popularity(bought, today)
    if settings.model == "popular" or not len(bought):
        return Table(sparse.csr_matrix((bought.items, bought.items), dtype=np.float32), sold)
    favour = _favour(bought, today, settings)
    if offered is not None:
        favour = favour * offered
    if settings.model == "ease":
        return Table(_ease(bought, today, settings, favour), sold)
    return Table(best_of_sparse(cosine(bought, today, settings.half_life).multiply(favour).tocsr()), sold)


def popularity(bought: Purchases, today: int, half_life: float = POPULAR_HALF_LIFE) -> Floats:
    """The orders with each product, the older the less."""
    return summed(bought.item, decayed(bought.day, today, half_life), bought.items)


def _favour(bought: Purchases, today: int, settings: Settings) -> Floats:
    recent = np.bincount(bought.item[bought.day >= today - RECENT], minlength=bought.items)
    usual = popularity(bought, today, settings.half_life)
    return np.asarray(((recent + STEADY) / (usual + STEADY)) ** settings.trend, np.float64)


def cosine(bought: Purchases, today: int, half_life: float) -> Matrix:
    """Items by items without a diagonal; see the module for the formula."""
    baskets, days = by_order(bought)
    together = gram(baskets, decayed(days, today, half_life))
    return shrunk(together, gram(baskets, np.ones(len(days))), together.diagonal())


def shrunk(together: Matrix, counts: Matrix, alone: Floats) -> Matrix:
    """The cosine from weights together and alone; both matrices come from the same baskets and so have the same places
    in the same order.
    """
    found, number = together.tocoo(), counts.tocoo().data
    scores = found.data / np.sqrt(alone[found.row] * alone[found.col]) * number / (number + SHRINK)
    other = found.row != found.col
    places = (found.row[other], found.col[other])
    return sparse.csr_matrix((scores[other].astype(np.float32), places), found.shape)


def gram(rows: Matrix, weight: Floats) -> Matrix:
    """The sum of weight times row times row, items by items, places in order."""
    found = rows.T.tocsr() @ (sparse.diags(weight.astype(np.float32)) @ rows).tocsr()
    found.sort_indices()
    return found


def support(bought: Purchases) -> Matrix:
    """In how many orders each two products were together; the diagonal counts the orders with a product."""
    baskets, days = by_order(bought)
    return gram(baskets, np.ones(len(days)))


def _ease(bought: Purchases, today: int, settings: Settings, favour: Floats) -> Matrix:
    known = np.flatnonzero(np.bincount(bought.item, minlength=bought.items))
    found = ease.weights(ease_gram(bought, today, settings)[known][:, known], settings.strength)
    found *= favour[known].astype(np.float32)
    return _best_of_square(found, known, bought.items)


def ease_gram(bought: Purchases, today: int, settings: Settings) -> Matrix:
    baskets, days = by_order(bought)
    whole = gram(baskets, decayed(days, today, settings.half_life) * _evened(baskets))
    if settings.customers:
        people = by_customer(bought, np.sqrt(decayed(bought.day, today, settings.half_life)))
        whole = whole + gram(people, settings.customers * _evened(people))
    return whole


def _evened(rows: Matrix) -> Floats:
    """What a row counts by its size: 1 for one of the mean size."""
    sizes = np.maximum(np.diff(rows.indptr), 1)
    return np.asarray(np.sqrt(sizes.mean() / sizes), np.float64)


def _best_of_square(found: NDArray[np.float32], known: Integers, items: int) -> Matrix:
    """The largest of each row, only what speaks for a product; `known` says which items rows and columns are."""
    top = min(TOP, len(known))
    rows, columns, values = [], [], []
    for first in range(0, len(known), ease.BLOCK):
        block = np.ascontiguousarray(found[first : first + ease.BLOCK])
        best = np.argpartition(block, -top, axis=1)[:, -top:]
        rows.append(np.repeat(known[first : first + ease.BLOCK], top))
        columns.append(known[best].ravel())
        values.append(np.take_along_axis(block, best, 1).ravel())
    data, row, column = np.concatenate(values), np.concatenate(rows), np.concatenate(columns)
    speaks = data > 0
    return sparse.csr_matrix((data[speaks], (row[speaks], column[speaks])), (items, items))


def best_of_sparse(found: Matrix) -> Matrix:
    """The same of a sparse matrix."""
    found.eliminate_zeros()
    row = np.repeat(np.arange(found.shape[0], dtype=np.int64), np.diff(found.indptr))
    data = found.data.astype(np.float32)
    # Floats above nothing are ordered as their bits are, so one sort of whole numbers does for both.
    order = np.argsort((row << 32) - data.view(np.int32))
    kept = order[np.arange(len(row)) - found.indptr[row] < TOP]
    return sparse.csr_matrix((data[kept], (row[kept], found.indices[kept])), found.shape)
