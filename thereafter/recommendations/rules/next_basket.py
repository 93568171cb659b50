"""What a customer will put into the next basket: mostly what they bought before, and what everybody buys now.

    score(customer, item) = sum over own baskets with the item of keep^age  +  prior * popularity(item)

`age` counts baskets back from the newest (0). `popularity` is the share of all baskets that hold the item, each basket
weighted by recent^age. So `prior` reads as the number of the shop's typical baskets that stand beside the customer's
own. Gaps between purchases are left out on purpose: they tell when, not what (see `intervals`), and made lists worse.

The three well-known methods that ours is measured against stand below: personal frequency, group and personal
frequency, and TIFU-KNN (Hu, He, Gao and Zhang, "Modeling Personalized Item Frequency Information for Next-basket
Recommendation", SIGIR 2020). Everything is numpy and scipy: arrays in, arrays out.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

# Rows that are made dense at once: 256 customers of 12,000 items are 12 MB.
AT_ONCE = 256
# Far below what one purchase weighs: popularity then only decides between equals.
TIE = 1e-4


class Purchases(NamedTuple):
    """One entry for each item in a basket, each item once. People and items count from 0; `ages` baskets back from
    the customer's newest, which is 0."""

    people: Ints
    items: Ints
    ages: Ints
    shape: tuple[int, int]


class Weights(NamedTuple):
    """What an own basket keeps with each newer one, the same for the shop's popularity, and the prior's weight in
    baskets. Chosen on validation customers of Ta-Feng; the maximum is flat (docs/reorder.md)."""

    keep: float = 0.95
    recent: float = 0.1
    prior: float = 30.0


class Model(NamedTuple):
    """Scores are `own` (people x items) plus `common` (one per item)."""

    own: sparse.csr_matrix
    common: Floats


class Numbered(NamedTuple):
    """Purchases and the ids that their people and items stand for."""

    purchases: Purchases
    people: list[int]
    items: list[int]


def purchases(lines: Sequence[tuple[int, int, int]]) -> Numbered:
    """From (person, item, basket) ids, oldest basket of a person first."""
    people, items, baskets = np.array(lines, np.int64).reshape(-1, 3).T
    person_ids, person = np.unique(people, return_inverse=True)
    item_ids, item = np.unique(items, return_inverse=True)
    # Baskets in the order in which they come first.
    _, first, basket = np.unique(baskets, return_index=True, return_inverse=True)
    newest_first = np.lexsort((-first[basket], person))
    changed = np.r_[True, np.diff(basket[newest_first]) != 0][: len(basket)]
    begins = np.r_[True, np.diff(person[newest_first]) != 0][: len(basket)]
    counted = np.cumsum(changed)
    ages = np.empty(len(basket), np.int64)
    ages[newest_first] = counted - counted[np.flatnonzero(begins)][np.cumsum(begins) - 1]
    person, item, ages = np.unique(np.stack([person, item, ages]), axis=1)
    shape = (len(person_ids), len(item_ids))
    return Numbered(Purchases(person, item, ages, shape), person_ids.tolist(), item_ids.tolist())


def habits(bought: Purchases, keep: float) -> sparse.csr_matrix:
    """How often each person bought each item, a basket counting keep^age."""
    weights = (keep**bought.ages).astype(np.float32)
    return sparse.csr_matrix((weights, (bought.people, bought.items)), shape=bought.shape)


def popularity(bought: Purchases, recent: float) -> Floats:
    """The share of baskets that hold each item, a basket counting recent^age."""
    held = np.bincount(bought.items, weights=recent**bought.ages, minlength=bought.shape[1])
    baskets = np.unique(np.stack([bought.people, bought.ages]), axis=1)[1]
    return (held / max(float((recent**baskets).sum()), 1e-9)).astype(np.float32)


def ours(bought: Purchases, weights: Weights = Weights()) -> Model:  # noqa: B008  # a tuple, never changed
    return Model(habits(bought, weights.keep), weights.prior * popularity(bought, weights.recent))


def personal_frequency(bought: Purchases) -> Model:
    """Own items only, most often bought first; among equals the one that more baskets hold."""
    counts = habits(bought, 1.0)
    tie = sparse.csr_matrix(
        (TIE * popularity(bought, 1.0)[counts.indices], counts.indices, counts.indptr), counts.shape
    )
    return Model(counts + tie, np.zeros(bought.shape[1], np.float32))


def group_personal_frequency(bought: Purchases) -> Model:
    """Own items by how often, then everybody's; ties by popularity, which is the stronger variant."""
    return Model(habits(bought, 1.0), TIE * popularity(bought, 1.0))


class Tifu(NamedTuple):
    """The parameters published for Ta-Feng: neighbours, decay in a group, decay of groups, weight of the own vector,
    baskets in a group."""

    neighbours: int = 300
    within: float = 0.9
    between: float = 0.7
    own: float = 0.7
    group: int = 7


def tifu_vectors(bought: Purchases, how: Tifu) -> sparse.csr_matrix:
    """Each person's vector: the mean over groups, decayed, of the mean in each group, decayed. The oldest group may be
    short; groups are cut from the newest basket back."""
    group, place = np.divmod(bought.ages, how.group)
    oldest = np.zeros(bought.shape[0], np.int64)
    np.maximum.at(oldest, bought.people, bought.ages)
    groups = oldest // how.group + 1
    size = np.where(group == groups[bought.people] - 1, oldest[bought.people] % how.group + 1, how.group)
    weights = how.within**place / size * how.between**group / groups[bought.people]
    cells = (bought.people, bought.items)
    return sparse.csr_matrix((weights.astype(np.float32), cells), shape=bought.shape)


def tifu_knn(bought: Purchases, who: Ints, how: Tifu = Tifu()) -> Model:  # noqa: B008  # a tuple, never changed
    """The own vector mixed with the mean of the nearest people's (Euclidean). Filled for the people in `who` only."""
    vectors = tifu_vectors(bought, how)
    lengths = np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()
    near = [_nearest(vectors, lengths, rows, how.neighbours) for rows in _blocks(who)]
    mixed = how.own * vectors[who] + (1 - how.own) * (sparse.vstack(near) @ vectors)
    place = sparse.csr_matrix((np.ones(len(who), np.float32), (who, np.arange(len(who)))), (bought.shape[0], len(who)))
    return Model((place @ mixed).tocsr(), np.zeros(bought.shape[1], np.float32))


def _nearest(vectors: sparse.csr_matrix, lengths: Floats, rows: Ints, most: int) -> sparse.csr_matrix:
    """Rows of 1/most at the nearest people of each; nobody is their own neighbour."""
    most = min(most, vectors.shape[0] - 1)
    distance = lengths[None, :] - 2 * (vectors[rows] @ vectors.T).toarray()
    distance[np.arange(len(rows)), rows] = np.inf
    nearest = np.argpartition(distance, most - 1, axis=1)[:, :most]
    at = np.repeat(np.arange(len(rows)), most)
    share = np.full(at.size, 1 / max(most, 1), np.float32)
    return sparse.csr_matrix((share, (at, nearest.ravel())), (len(rows), vectors.shape[0]))


def _blocks(who: Ints) -> Iterator[Ints]:
    return (who[at : at + AT_ONCE] for at in range(0, len(who), AT_ONCE))


def best(model: Model, who: Ints, most: int) -> tuple[Ints, Floats]:
    """The items for each of these people, best first, and their scores: two arrays of (people, most)."""
    found = [_best(model.own[rows].toarray() + model.common, most) for rows in _blocks(who)]
    if not found:
        return np.empty((0, most), np.int64), np.empty((0, most), np.float32)
    return np.concatenate([items for items, _ in found]), np.concatenate([scores for _, scores in found])


def _best(scores: Floats, most: int) -> tuple[Ints, Floats]:
    """Of equals the item with the lower number; a list is never longer than there are items."""
    most = min(most, scores.shape[1])
    top = np.sort(np.argpartition(-scores, most - 1, axis=1)[:, :most], axis=1)
    held = np.take_along_axis(scores, top, axis=1)
    order = np.argsort(-held, axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1), np.take_along_axis(held, order, axis=1)


class LookBack(NamedTuple):
    """How many last baskets were foretold, the share of them that stood among the first ten (of ours, and of what sells
    best), and the prior that did best on other customers' last baskets."""

    baskets: int
    ours: float
    popular: float
    prior: float


# Somebody's habits need that many baskets, and a figure that many people.
FEWEST_BASKETS, FEWEST_PEOPLE, AMONG, MOST_TESTED = 3, 50, 10, 2_000
# Where a shop has few products each has a large share of the baskets, and a small prior is enough.
PRIORS = (0.3, 1.0, 3.0, 10.0, 30.0)


def look_back(bought: Purchases, weights: Weights = Weights()) -> LookBack:  # noqa: B008  # a tuple, never changed
    """Keeps the last basket of those with at least three, and foretells it from everything else: every second customer
    chooses the prior, the figures are of the others."""
    oldest = np.zeros(bought.shape[0], np.int64)
    np.maximum.at(oldest, bought.people, bought.ages)
    who = np.flatnonzero(oldest >= FEWEST_BASKETS - 1)[-MOST_TESTED:]
    if len(who) < FEWEST_PEOPLE:
        return LookBack(0, 0.0, 0.0, weights.prior)
    past, last = _split(bought, who)
    model = ours(past, weights._replace(prior=1.0))
    priors = {prior: model._replace(common=prior * model.common) for prior in PRIORS}
    prior = max(PRIORS, key=lambda prior: _recall(priors[prior], last, who[::2]))
    alone = Model(sparse.csr_matrix(bought.shape, dtype=np.float32), model.common)
    tested = who[1::2]
    return LookBack(len(tested), _recall(priors[prior], last, tested), _recall(alone, last, tested), prior)


def _split(bought: Purchases, who: Ints) -> tuple[Purchases, sparse.csr_matrix]:
    """Everything but the last baskets of these people, and those baskets."""
    is_tested = np.isin(bought.people, who)
    is_last = is_tested & (bought.ages == 0)
    ages = (bought.ages - is_tested)[~is_last]
    past = Purchases(bought.people[~is_last], bought.items[~is_last], ages, bought.shape)
    cells = (bought.people[is_last], bought.items[is_last])
    return past, sparse.csr_matrix((np.ones(int(is_last.sum())), cells), bought.shape)


def _recall(model: Model, last: sparse.csr_matrix, who: Ints) -> float:
    lists, _ = best(model, who, AMONG)
    hits = np.asarray(last[np.repeat(who, lists.shape[1]), lists.ravel()]).reshape(lists.shape).sum(axis=1)
    sizes = np.asarray(last[who].sum(axis=1)).ravel()
    return float((hits / sizes).mean())
