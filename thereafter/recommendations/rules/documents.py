"""The neighbours of a product as they are kept: one compact document, read and added up without a loop over them."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thereafter.recommendations.rules.decay import Floats, summed

# Little-endian on every machine: product, how strongly it belongs, and in how many orders both were.
ROW = np.dtype([("product", "<i8"), ("score", "<f4"), ("orders", "<u4")])

FAR_APART = 200_000


class Offer(NamedTuple):
    """A product, its score, the seed that speaks loudest for it, and how many orders held both (0: only people did)."""

    product: int
    score: float
    because: int
    orders: int


def pack(product: NDArray[np.int64], score: NDArray[np.float32], orders: NDArray[np.int64]) -> bytes:
    rows = np.empty(len(product), ROW)
    rows["product"], rows["score"], rows["orders"] = product, score, orders
    return rows.tobytes()


def unpack(document: bytes) -> NDArray[np.void]:
    return np.frombuffer(document, ROW)


class _Said(NamedTuple):
    """What each row of the seeds' documents says, as columns."""

    product: NDArray[np.int64]
    part: Floats
    seed: NDArray[np.int64]
    orders: NDArray[np.uint32]


def offers(
    documents: Mapping[int, bytes], weights: Mapping[int, float], *, most: int, without: Collection[int] = ()
) -> list[Offer]:
    """The best products by the weighted sum over the seeds' documents; where scores tie, the newer product first."""
    said = _said(documents, weights)
    if not len(said.product):
        return []
    products, at = _numbered(said.product)
    sums = summed(at, said.part, len(products))
    if without:
        sums[np.isin(products, np.fromiter(without, np.int64, len(without)), kind="sort")] = 0
    best = _best(sums, products, most).tolist()
    return [_offer(said, int(products[one]), float(sums[one]), at == one) for one in best]


def _said(documents: Mapping[int, bytes], weights: Mapping[int, float]) -> _Said:
    rows = unpack(b"".join(documents.values()))
    sizes = [len(document) // ROW.itemsize for document in documents.values()]
    part = rows["score"] * np.repeat(np.asarray([weights[seed] for seed in documents], np.float64), sizes)
    seed = np.repeat(np.fromiter(documents, np.int64, len(documents)), sizes)
    return _Said(rows["product"], part, seed, rows["orders"])


def _numbered(product: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All products there may be, and the place of each row's among them. Sorting is for numbers far apart only."""
    lowest, highest = int(product.min()), int(product.max())
    if highest - lowest > FAR_APART:
        return np.unique(product, return_inverse=True)
    return np.arange(lowest, highest + 1), product - lowest


def _best(sums: Floats, products: NDArray[np.int64], most: int) -> NDArray[np.intp]:
    some = np.flatnonzero(sums > 0)
    if most < len(some):
        some = some[sums[some] >= np.partition(sums[some], -most)[-most]]
    return some[np.lexsort((-products[some], -sums[some]))][:most]


def _offer(said: _Said, product: int, score: float, here: NDArray[np.bool_]) -> Offer:
    """The reason is the strongest seed that was really in an order with it, if there is one."""
    part, orders = said.part[here], said.orders[here]
    loudest = np.lexsort((part, orders > 0))[-1]
    return Offer(product, score, int(said.seed[here][loudest]), int(orders[loudest]))
