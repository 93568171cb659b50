"""Comments as counts of letter n-grams, hashed: every run of two to seven signs, spaces among them.

Runs of letters need no list of words, no stemmer and no language: they hold "entrega", "entregue" and "entregaram"
together and forgive a typing error; those that reach over a space tell "not good" from "good". A run is known by a hash
of 64 bits (two of a million share one with a chance of 3 in 100 million), so that a model keeps numbers and none of
the customers' sentences.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thereafter.feedback.rules.words.sparse import Flags, Ints, Sparse

SHORTEST, LONGEST = 2, 7
# Who writes more has said by then how they feel.
LONGEST_COMMENT = 1_000
Hashes = NDArray[np.uint64]
Smalls = NDArray[np.int32]
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_SHIFT = np.uint64(33)


def plain(text: str) -> str:
    """The text as the model reads it: small letters without accents, digits as 0, "soooo" as "soo"."""
    letters = unicodedata.normalize("NFKD", text[:LONGEST_COMMENT].casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"(.)\1{2,}", r"\1\1", re.sub(r"\d", "0", bare)).split())


class Counted(NamedTuple):
    """The run `runs[pieces[i]]` stands `times[i]` times in text `owners[i]`; sorted by text and run, as `runs` are."""

    runs: Hashes
    pieces: Smalls
    owners: Smalls
    times: Smalls
    texts: int


def counts(texts: Sequence[str]) -> Counted:
    spaced = [f" {plain(text)} " for text in texts]
    signs = np.frombuffer("".join(spaced).encode("utf-32-le"), dtype=np.uint32)
    owner = np.repeat(np.arange(len(spaced), dtype=np.int32), [len(text) for text in spaced])
    hashes, owners = _pieces(signs, owner)
    runs, pieces = np.unique(hashes, return_inverse=True)
    del hashes
    # One number for text and run sorts in half the time of two.
    cells = owners.astype(np.int64) * max(len(runs), 1) + pieces
    cells, times = np.unique(cells, return_counts=True)
    owners, pieces = np.divmod(cells, max(len(runs), 1))
    return Counted(runs, pieces.astype(np.int32), owners.astype(np.int32), times.astype(np.int32), len(texts))


def _pieces(signs: NDArray[np.uint32], owner: Smalls) -> tuple[Hashes, Smalls]:
    """Every run of signs within one text, as a hash and its text."""
    wide = signs.astype(np.uint64) + np.uint64(1)
    running = wide
    hashes, owners = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.int32)]
    for size in range(SHORTEST, min(LONGEST, len(signs)) + 1):
        last = len(signs) - size + 1
        running = running[:last] * _BASE + wide[size - 1 :]
        within = owner[:last] == owner[size - 1 :]
        mixed = running[within] ^ (running[within] >> _SHIFT)
        hashes.append(mixed * _MIX + np.uint64(size))
        owners.append(owner[:last][within])
    return np.concatenate(hashes), np.concatenate(owners)


def vocabulary(counted: Counted, taught: Flags, at_least: int, at_most: int) -> tuple[Hashes, Ints]:
    """The runs that stand in enough of the texts `taught`, sorted, and in how many; the most frequent ones when they
    are too many."""
    texts = np.bincount(counted.pieces[taught[counted.owners]], minlength=len(counted.runs))
    kept = np.flatnonzero(texts >= at_least)
    if len(kept) > at_most:
        kept = np.sort(kept[np.argsort(-texts[kept], kind="stable")[:at_most]])
    return counted.runs[kept], texts[kept]


def matrix(counted: Counted, known: Hashes, rarity: NDArray[np.float64]) -> Sparse:
    """TF-IDF with 1 + log(times), each row of length one; runs that are not known are left out."""
    if not len(known):
        empty = np.empty(0, dtype=np.int64)
        return Sparse(empty, empty, np.empty(0), (counted.texts, 0))
    places = np.minimum(np.searchsorted(known, counted.runs), len(known) - 1)
    is_known = (known[places] == counted.runs)[counted.pieces]
    rows, columns = counted.owners[is_known].astype(np.int64), places[counted.pieces[is_known]]
    values = (1 + np.log(counted.times[is_known])) * rarity[columns]
    length = np.sqrt(np.bincount(rows, values**2, minlength=counted.texts))
    return Sparse(rows, columns, values / length[rows], (counted.texts, len(known)))
