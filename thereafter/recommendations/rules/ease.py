"""EASE: which products call for which, by one regression of every product on all others, in closed form.

B = I - P / diag(P) with P = (G + penalty)^-1 and G the weighted Gram matrix of baskets (Steck, "Embarrassingly Shallow
Autoencoders for Sparse Data", WWW 2019). The penalty of a product is `strength` plus a fifth of its own weight in G,
which keeps bestsellers from explaining everything (Steck, "Autoencoders that don't overfit towards the Identity",
NeurIPS 2020).

Cost: one float32 matrix of items by items, inverted in its place: 5,000 products 100 MB and 3 s, 20,000 products 1.6 GB
and two to three minutes of one processor.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from thereafter.recommendations.rules.purchases import Matrix

DROPOUT = 0.2
BLOCK = 512

Square = NDArray[np.float32]


def inverse(gram: Matrix, strength: float) -> Square:
    """(G + penalty)^-1 of a positive definite sum; `gram` is a symmetric sparse matrix.

    Raises ValueError where the sum is not positive definite, which a positive `strength` prevents.
    """
    whole: Square = gram.toarray(order="F").astype(np.float32, copy=False)
    diagonal = whole.diagonal().copy()
    whole[np.diag_indices(len(whole))] = diagonal * (1 + DROPOUT) + strength
    whole, failed = lapack.spotrf(whole, lower=1, clean=0, overwrite_a=1)
    if not failed:
        whole, failed = lapack.spotri(whole, lower=1, overwrite_c=1)
    if failed:
        raise ValueError("the baskets say too little for EASE: raise its strength")
    _mirror(whole)
    return whole


def _mirror(whole: Square) -> None:
    """The upper half from the lower, a block of rows at a time."""
    for first in range(0, len(whole), BLOCK):
        last = first + BLOCK
        corner = np.tril(whole[first:last, first:last])
        whole[first:last, first:last] = corner + np.tril(corner, -1).T
        whole[first:last, last:] = whole[last:, first:last].T


def weights(gram: Matrix, strength: float) -> Square:
    """B, items by items: row i says how much having i calls for each other product; its diagonal is 0."""
    found = inverse(gram, strength)
    found /= -found.diagonal().copy()
    found[np.diag_indices(len(found))] = 0
    return found
