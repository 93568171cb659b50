"""When tables are built, and what goes into them: from arrays of purchases to documents. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from thereafter.recommendations.rules import documents, models
from thereafter.recommendations.rules.decay import Floats, Integers, summed
from thereafter.recommendations.rules.purchases import Matrix, Purchases, by_order

# Rebuilt when orders grew by a hundredth, or after a week; the model is chosen anew after a month, or when orders grew
# by a fifth.
GROWTH, OLDEST = 0.01, timedelta(days=7)
CHOOSE_GROWTH, CHOOSE_OLDEST = 0.2, timedelta(days=30)
# Bestsellers kept of a category, and pairs kept for people to read.
SELLERS = 50
PAIRS = 2_000


@dataclass(frozen=True)
class Built:
    """When something was built, and on how many orders."""

    at: datetime
    orders: int


class Couple(NamedTuple):
    """Two products by their places, one < other; see `models.Pair` for the figures."""

    one: int
    other: int
    score: float
    support: int
    lift: float


def is_due(built: Built | None, orders: int, now: datetime) -> bool:
    """Whether enough has happened to build anew; never without a new order."""
    if built is None:
        return orders > 0
    new = orders - built.orders
    return new > 0 and (new >= GROWTH * built.orders or now - built.at >= OLDEST)


def is_to_be_chosen(chosen: Built | None, orders: int, now: datetime) -> bool:
    """Whether the model is to be chosen anew."""
    return chosen is None or now - chosen.at >= CHOOSE_OLDEST or orders - chosen.orders >= CHOOSE_GROWTH * chosen.orders


def neighbours(near: Matrix, support: Matrix, product_ids: Integers) -> dict[int, bytes]:
    """The document of each product that has neighbours; `product_ids` names the places of both matrices."""
    row = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
    counts = np.asarray(support[row, near.indices]).ravel().astype(np.int64) if len(row) else row
    ends = near.indptr.tolist()
    return {
        product: documents.pack(product_ids[near.indices[a:b]], near.data[a:b], counts[a:b])
        for product, a, b in zip(product_ids.tolist(), ends, ends[1:], strict=False)
        if b > a
    }


def sellers(sold: Iterable[tuple[int, float]], categories: Mapping[int, str]) -> dict[str, bytes]:
    """The document of bestsellers of each category and, under "", of the shop; of the products in `categories`."""
    rows = sorted(((weight, one) for one, weight in sold if weight > 0 and one in categories), reverse=True)
    kept: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for row in rows:
        for category in {"", categories[row[1]]}:
            if len(kept[category]) < SELLERS:
                kept[category].append(row)
    return {category: _packed(found) for category, found in kept.items()}


def _packed(rows: Sequence[tuple[float, int]]) -> bytes:
    weights, products = zip(*rows, strict=True)
    found = np.asarray(products, np.int64)
    return documents.pack(found, np.asarray(weights, np.float32), np.zeros(len(found), np.int64))


def strongest(bought: Purchases, today: int, half_life: float) -> list[Couple]:
    """The pairs of the shop that belong together most."""
    if not len(bought):
        return []
    near, support = models.cosine(bought, today, half_life).tocoo(), models.support(bought)
    above = np.flatnonzero(near.row < near.col)
    best = above[np.lexsort((near.col[above], near.row[above], -near.data[above]))[:PAIRS]]
    alone, orders = support.diagonal(), bought.orders
    return [
        _couple((int(near.row[at]), int(near.col[at])), float(near.data[at]), support, alone, orders) for at in best
    ]


def _couple(pair: tuple[int, int], score: float, support: Matrix, alone: NDArray[np.float32], orders: int) -> Couple:
    together = int(support[pair])
    return Couple(*pair, score, together, together * orders / float(alone[pair[0]] * alone[pair[1]]))


def seen_from(placed_at: Sequence[datetime], built_at: datetime) -> Floats:
    """What orders weigh seen from a build: less than 1 before it, and more after it, so that sums stay true."""
    ages = np.asarray([(built_at - one) / timedelta(days=1) for one in placed_at], np.float64)
    return np.asarray(0.5 ** np.clip(ages / models.POPULAR_HALF_LIFE, -40, 40), np.float64)


def sold(bought: Purchases, weight: Floats) -> Floats:
    """The orders with each product, weighed; `weight` is of each order, in the order of their numbers."""
    _, row = np.unique(bought.order, return_inverse=True)
    return summed(bought.item, weight[row], bought.items)


def of_new(bought: Purchases, weight: Floats, sold: Floats, new: NDArray[np.bool_]) -> Matrix:
    """The neighbours of new products (places by places) from all orders that hold them; other rows are empty.

    The decayed cosine with the half-life of bestsellers: exact, as `sold` are the weights alone of every product.
    `weight` is of each order, in the order of their numbers.
    """
    baskets, _ = by_order(bought)
    near = models.shrunk(models.gram(baskets, weight), models.gram(baskets, np.ones(len(weight))), sold)
    return models.best_of_sparse((sparse.diags(new.astype(np.float32)) @ near).tocsr())
