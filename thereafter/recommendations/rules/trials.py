"""How good a model is: what people bought next, and how much of it stood among twenty offers.

Three questions, each over a window that the model has not seen:
basket      the rest of an order of at least `smallest` known products from a random half of it (the larger half where
            it is odd), as in a basket
history     what a customer bought in the next 30 days that is new to them, from all they ever bought before
last_order  what a customer bought in the next 30 days, from their last order only and new to it: what the page of an
            order and the mails of a parcel know

Only products sold before the window count: no model can know others. recall@20 is the share of what was bought that
stands among the twenty, the mean over the cases; ndcg@20 counts a hit less the lower it stands (1 / log2(place + 1)),
beside the best order there could be.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from thereafter.recommendations.rules.decay import Integers
from thereafter.recommendations.rules.models import Table
from thereafter.recommendations.rules.purchases import Matrix, Purchases

TASKS = ("basket", "history", "last_order")
AHEAD = 30
PLACES = 20
BATCH = 500
SEED = 20110909

# Scores of all products for some rows of seeds; higher is better. Seeds and what is owned are taken out afterwards.
Scorer = Callable[[Matrix], NDArray[np.float32]]


@dataclass(frozen=True)
class Trial:
    """Cases by items: what the model is told, and what it should have offered."""

    told: Matrix
    wanted: Matrix

    def __len__(self) -> int:
        return int(self.told.shape[0])


@dataclass(frozen=True)
class Score:
    recall: float
    ndcg: float
    cases: int

    @property
    def told(self) -> dict[str, float]:
        return {"recall": round(self.recall, 4), "ndcg": round(self.ndcg, 4), "cases": self.cases}


def trials(past: Purchases, coming: Purchases, first: int, smallest: int = 2) -> dict[str, Trial]:
    """The three questions; `past` ends before the day `first`, on which `coming` begins."""
    known = np.bincount(past.item, minlength=past.items) > 0
    coming = coming.where(known[coming.item])
    soon = coming.between(None, first + AHEAD)
    return {
        "basket": _baskets(coming, smallest),
        "history": _customers(past, soon),
        "last_order": _customers(_last_orders(past), soon),
    }


def _baskets(coming: Purchases, smallest: int) -> Trial:
    _, row, size = np.unique(coming.order, return_inverse=True, return_counts=True)
    large = size[row] >= smallest
    coming = coming.where(large)
    orders, row, size = np.unique(coming.order, return_inverse=True, return_counts=True)
    shuffled = np.lexsort((np.random.default_rng(SEED).random(len(coming)), row))
    row, item = row[shuffled], coming.item[shuffled]
    place = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
    told = place < (size[row] + 1) // 2
    shape = (len(orders), coming.items)
    return Trial(_ones(row[told], item[told], shape), _ones(row[~told], item[~told], shape))


def _customers(before: Purchases, soon: Purchases) -> Trial:
    """From what customers bought before to what is new to it, where anything is."""
    both = np.intersect1d(before.customer, soon.customer)
    told, had = _of(both, before), _of(both, soon)
    wanted = had - had.multiply(told)
    wanted.eliminate_zeros()
    some = np.diff(wanted.indptr) > 0
    return Trial(told[some], wanted[some])


def _last_orders(past: Purchases) -> Purchases:
    """The latest order of each customer: of the latest day, and of those the highest number."""
    order = np.lexsort((past.order, past.day))
    last = np.full(int(past.customer.max(initial=-1)) + 1, -1)
    last[past.customer[order]] = past.order[order]
    return past.where(last[past.customer] == past.order)


def _of(customers: Integers, bought: Purchases) -> Matrix:
    mine = bought.where(np.isin(bought.customer, customers))
    return _ones(np.searchsorted(customers, mine.customer), mine.item, (len(customers), bought.items))


def _ones(row: Integers, item: Integers, shape: tuple[int, int]) -> Matrix:
    found = sparse.csr_matrix((np.ones(len(row), np.float32), (row, item)), shape)
    found.data[:] = 1
    return found


def scorer(table: Table) -> Scorer:
    """The sum over the seeds; what sells fills up where that says nothing."""
    filling = (table.sold / (table.sold.max(initial=0.0) + 1) * 1e-6).astype(np.float32)
    return lambda told: (told @ table.near).toarray() + filling


def judge(trial: Trial, score: Scorer) -> Score:
    """Zeros where there is no case."""
    if not len(trial):
        return Score(0.0, 0.0, 0)
    told = [_measure(trial.told[at : at + BATCH], trial.wanted[at : at + BATCH], score) for at in _starts(trial)]
    recall, ndcg = (np.concatenate(one) for one in zip(*told, strict=True))
    return Score(float(recall.mean()), float(ndcg.mean()), len(trial))


def _starts(trial: Trial) -> Iterator[int]:
    return iter(range(0, len(trial), BATCH))


def _measure(told: Matrix, wanted: Matrix, score: Scorer) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scores = score(told)
    row, item = told.nonzero()
    scores[row, item] = -np.inf
    places = min(PLACES, scores.shape[1])
    best = np.argpartition(-scores, places - 1, axis=1)[:, :places]
    best = np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable"), 1)
    hits = np.take_along_axis(wanted.toarray() > 0, best, 1)
    many = np.diff(wanted.indptr)
    worth = 1 / np.log2(np.arange(2, places + 2))
    return hits.sum(1) / many, (hits * worth).sum(1) / np.cumsum(worth)[np.minimum(many, places) - 1]
