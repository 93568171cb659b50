"""Whether words sound content or not, learnt from a shop's own stars.

TF-IDF of letter n-grams and a logistic regression with an L2 penalty, both classes weighing the same however rare the
unhappy are (Joulin 2016 and others: for short texts a linear model is hard to beat). Four and five stars are content,
one and two are not; three stars teach nothing, for people mean both by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thereafter.feedback.rules.words import ngrams
from thereafter.feedback.rules.words.logistic import fit_logistic
from thereafter.feedback.rules.words.ngrams import Counted, Hashes
from thereafter.feedback.rules.words.sparse import Flags, Floats, Ints

ENOUGH, ENOUGH_OF_EACH = 200, 40
FOLDS = 5
SEED = 20_170
# How closely the model follows its examples: the inverse of the penalty.
LOOSENESS = 4.0
IN_TEXTS, MOST_PIECES = 2, 40_000
# Learning holds about 400 bytes for each sign of the comments.
MOST_SIGNS = 400_000
AT_ONCE = 200


class NotEnough(ValueError):
    """There are too few comments to learn from; `have` and `missing` say it in numbers."""

    def __init__(self, content: int, unhappy: int) -> None:
        self.content, self.unhappy = content, unhappy
        super().__init__(
            f"{content + unhappy} comments ({content} content, {unhappy} unhappy) are too few to learn from: "
            f"it takes {ENOUGH}, and {ENOUGH_OF_EACH} of each."
        )


@dataclass(frozen=True)
class Model:
    """`weights[i]` and `rarity[i]` (the inverse document frequency) belong to the piece of words `known[i]`."""

    known: Hashes
    rarity: Floats
    weights: Floats
    bias: float

    def content(self, texts: Sequence[str]) -> Floats:
        """Of each text the chance, 0 to 1, that who wrote it was content."""
        parts = [self._content(texts[first : first + AT_ONCE]) for first in range(0, len(texts), AT_ONCE)]
        return np.concatenate([np.empty(0), *parts])

    def _content(self, texts: Sequence[str]) -> Floats:
        cells = ngrams.matrix(ngrams.counts(texts), self.known, self.rarity)
        return _squashed(cells.times(self.weights) + self.bias)


@dataclass(frozen=True)
class Quality:
    """What cross-validation found. Shares are 0 to 1; `auc` is the chance that a content comment ranks above an
    unhappy one."""

    accuracy: float
    auc: float
    of_content: float
    of_unhappy: float
    content: int
    unhappy: int


def within_reach(texts: Sequence[str]) -> int:
    """How many of the texts, from the first on, can be learnt from together in little memory."""
    signs = np.cumsum([min(len(text), ngrams.LONGEST_COMMENT) for text in texts])
    return int((signs <= MOST_SIGNS).sum())


def fit(texts: Sequence[str], is_content: Flags) -> Model:
    """Raises `NotEnough`."""
    _check(is_content)
    return _fit(ngrams.counts(texts), np.ones(len(texts), dtype=bool), is_content)


def cross_validate(texts: Sequence[str], is_content: Flags, seed: int = SEED) -> Quality:
    """Five folds of equal mixture; pieces, their rarity and their weights are learnt without the fold they judge.

    Raises `NotEnough`.
    """
    _check(is_content)
    counted, fold = ngrams.counts(texts), folds(is_content, seed)
    told = np.zeros(len(texts))
    for one in range(FOLDS):
        model = _fit(counted, fold != one, is_content)
        judged = fold == one
        cells = ngrams.matrix(counted, model.known, model.rarity).where(judged)
        told[judged] = _squashed(cells.times(model.weights) + model.bias)
    return quality(told, is_content)


def quality(told: Floats, is_content: Flags) -> Quality:
    right = (told > 0.5) == is_content  # noqa: PLR2004 the middle of a chance
    return Quality(
        accuracy=float(right.mean()),
        auc=_auc(told, is_content),
        of_content=float(right[is_content].mean()),
        of_unhappy=float(right[~is_content].mean()),
        content=int(is_content.sum()),
        unhappy=int((~is_content).sum()),
    )


def folds(is_content: Flags, seed: int) -> Ints:
    """The fold, 0 to 4, of each comment; both kinds are dealt out evenly, in an order shuffled by the seed."""
    dealt, shuffle = np.zeros(len(is_content), dtype=np.int64), np.random.default_rng(seed)
    for kind in (False, True):
        of_kind = np.flatnonzero(is_content == kind)
        dealt[shuffle.permutation(of_kind)] = np.arange(len(of_kind)) % FOLDS
    return dealt


def _check(is_content: Flags) -> None:
    content = int(is_content.sum())
    unhappy = len(is_content) - content
    if content + unhappy < ENOUGH or min(content, unhappy) < ENOUGH_OF_EACH:
        raise NotEnough(content, unhappy)


def _fit(counted: Counted, taught: Flags, is_content: Flags) -> Model:
    """Learns from the comments `taught` of those counted."""
    known, in_texts = ngrams.vocabulary(counted, taught, IN_TEXTS, MOST_PIECES)
    rarity = np.log((1 + taught.sum()) / (1 + in_texts)) + 1
    cells = ngrams.matrix(counted, known, rarity).where(taught)
    weights, bias = fit_logistic(cells, is_content[taught], LOOSENESS)
    return Model(known, rarity, weights, bias)


def _auc(told: Floats, is_content: Flags) -> float:
    """By ranks (Mann-Whitney); ties share their mean rank."""
    values, place, times = np.unique(told, return_inverse=True, return_counts=True)
    del values
    ranks = (np.cumsum(times) - (times - 1) / 2)[place]
    content, unhappy = int(is_content.sum()), int((~is_content).sum())
    return float((ranks[is_content].sum() - content * (content + 1) / 2) / (content * unhappy))


def _squashed(values: Floats) -> Floats:
    return 0.5 * (1 + np.tanh(values / 2))
