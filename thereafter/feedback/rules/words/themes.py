"""Comments grouped by what they are about.

The words of comments as TF-IDF, a first grouping by non-negative matrix factorisation (Lee and Seung 1999, by
coordinate descent as in Cichocki and Phan 2009), then a few rounds in which each comment goes to the nearest group by
the angle between them, and each group to the middle of its comments (spherical k-means, Dhillon and Modha 2001). A
comment near no group belongs to none and pulls at none. Groups that lie together become one, small ones are dropped.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from thereafter.feedback.rules.words.tokens import Word, spellings

# The cosine from which a comment belongs to a theme, and from which two themes are one.
NEAR, ALIKE = 0.2, 0.6
FEWEST, MOST = 3, 20
# About so many comments per theme at first; and fewer than these make none.
COMMENTS_PER_THEME = 12
SMALLEST, SMALLEST_SHARE = 8, 0.01
MOST_STEMS = 800
# A word of fewer comments is an accident (or a name), one of most comments says nothing.
RAREST, MOST_COMMON = 5, 0.7
ROUNDS, SWEEPS = 10, 60
SEED = 20_170
# A theme is named by up to three words, each in at least every sixth of its comments,
# and that much more often there than elsewhere.
NAMED_BY, SHARE_TO_NAME, MORE_OFTEN = 3, 1 / 6, 1.3
KEPT_STEMS, KEPT_WORDS = 60, 8
_TINY = 1e-9

# Where a theme lies: its stems with their weights, of length one.
Centre = Mapping[str, float]
Table = NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """A theme: its words, the most telling first, each as most people write it, and of how many comments it is."""

    name: str
    words: list[str]
    centre: Centre
    comments: int


def rarity_of(said: Sequence[Sequence[Word]]) -> dict[str, float]:
    """log(comments / comments with the stem) of the stems that may tell something, the most frequent ones."""
    seen = Counter(stem for words in said for stem in {word.stem for word in words})
    most = MOST_COMMON * len(said)
    fit = [(stem, times) for stem, times in seen.items() if RAREST <= times <= most]
    fit.sort(key=lambda one: (-one[1], one[0]))
    return {stem: log(len(said) / times) for stem, times in fit[:MOST_STEMS]}


def find(said: Sequence[Sequence[Word]], rarity: Mapping[str, float]) -> list[Found]:
    """The themes of comments, the most frequent first; the same comments in the same order give the same themes."""
    stems = list(rarity)
    cells = _table(said, {stem: place for place, stem in enumerate(stems)}, rarity)
    cells = cells[np.linalg.norm(cells, axis=1) > 0]
    if len(cells) < FEWEST * SMALLEST:
        return []
    wanted = max(FEWEST, min(MOST, round(sqrt(len(cells) / COMMENTS_PER_THEME))))
    centres = _merged(_settled(cells, _factors(cells, wanted)))
    owner, near = _nearest(cells, centres)
    smallest = max(SMALLEST, SMALLEST_SHARE * len(cells))
    kept = [one for one in range(len(centres)) if ((owner == one) & near).sum() >= smallest]
    written = spellings(said)
    found = [_found(centres[one], cells[(owner == one) & near], cells, stems, written) for one in kept]
    return sorted(found, key=lambda theme: (-theme.comments, theme.name))


def nearest(said: Sequence[Sequence[Word]], rarity: Mapping[str, float], centres: Sequence[Centre]) -> list[int | None]:
    """The place of each comment's theme among `centres`, or None when it is near none."""
    places = {stem: place for place, stem in enumerate(rarity)}
    if not centres or not places:
        return [None] * len(said)
    rows = np.zeros((len(centres), len(places)), dtype=np.float32)
    for row, centre in enumerate(centres):
        for stem, weight in centre.items():
            if stem in places:
                rows[row, places[stem]] = weight
    owner, near = _nearest(_table(said, places, rarity), rows)
    return [int(one) if is_near else None for one, is_near in zip(owner, near, strict=True)]


def alike(one: Centre, two: Centre) -> float:
    """The cosine of two centres, 0 to 1."""
    return sum(weight * two.get(stem, 0.0) for stem, weight in one.items())


def _table(said: Sequence[Sequence[Word]], places: Mapping[str, int], rarity: Mapping[str, float]) -> Table:
    """One row per comment, of length one: the rarity of each stem that stands in it, however often."""
    cells = np.zeros((len(said), len(places)), dtype=np.float32)
    for row, words in enumerate(said):
        for word in words:
            if word.stem in places:
                cells[row, places[word.stem]] = rarity[word.stem]
    return _of_length_one(cells)


def _of_length_one(rows: Table) -> Table:
    lengths: Table = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY)
    return rows / lengths


def _factors(cells: Table, wanted: int) -> Table:
    """`wanted` rows of stems that stand together, by non-negative factors of the table."""
    chance = np.random.default_rng(SEED)
    size = sqrt(float(cells.mean()) / wanted)
    left = (chance.random((len(cells), wanted)) * size).astype(np.float32)
    right = (chance.random((wanted, cells.shape[1])) * size).astype(np.float32)
    for _ in range(SWEEPS):
        _sweep(left.T, right @ cells.T, right @ right.T)
        _sweep(right, left.T @ cells, left.T @ left)
    return _of_length_one(right)


def _sweep(rows: Table, pulls: Table, products: Table) -> None:
    """Sets one row after the other to where the error is least while the others stay; in place."""
    for one in range(len(rows)):
        step = (pulls[one] - products[one] @ rows) / max(float(products[one, one]), _TINY)
        rows[one] = np.maximum(0, rows[one] + step)


def _settled(cells: Table, centres: Table) -> Table:
    for _ in range(ROUNDS):
        owner, near = _nearest(cells, centres)
        for one in range(len(centres)):
            mine = cells[(owner == one) & near]
            if len(mine):
                centres[one] = _of_length_one(mine.sum(axis=0, keepdims=True))[0]
    return centres


def _nearest(cells: Table, centres: Table) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    cosines = cells @ centres.T
    owner = cosines.argmax(axis=1)
    return owner, cosines[np.arange(len(cells)), owner] >= NEAR


def _merged(centres: Table) -> Table:
    """The two that lie nearest become one, until none are alike."""
    while len(centres) > 1:
        cosines = centres @ centres.T
        np.fill_diagonal(cosines, 0)
        one, two = np.unravel_index(cosines.argmax(), cosines.shape)
        if cosines[one, two] < ALIKE:
            break
        both = _of_length_one((centres[one] + centres[two])[None, :])
        centres = np.concatenate([np.delete(centres, [one, two], axis=0), both])
    return centres


def _found(centre: Table, mine: Table, cells: Table, stems: Sequence[str], written: Mapping[str, str]) -> Found:
    """Its telling words by class-based TF-IDF (Grootendorst 2022): frequent in the theme, rare outside it."""
    within, everywhere = (mine > 0).sum(axis=0), np.maximum((cells > 0).sum(axis=0), 1)
    often = within / len(mine)
    telling = often * np.log(1 + len(cells) / everywhere)
    # "product" stands everywhere: it tells nothing of one theme.
    telling[often < MORE_OFTEN * everywhere / len(cells)] = 0
    order = [place for place in np.argsort(-telling, kind="stable")[:KEPT_WORDS] if telling[place] > 0]
    words = [written[stems[place]] for place in order]
    naming = [written[stems[place]] for place in order[:NAMED_BY] if often[place] >= SHARE_TO_NAME]
    weighty = np.argsort(-centre, kind="stable")[:KEPT_STEMS]
    kept = {stems[place]: round(float(centre[place]), 5) for place in weighty if centre[place] > 0}
    return Found(", ".join(naming or words[:1]), words, kept, len(mine))
