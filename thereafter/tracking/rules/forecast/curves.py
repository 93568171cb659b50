"""Distributions of days: as chances on a grid of quarter days while learning, as quantiles when kept and asked."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from thereafter.tracking.rules.forecast.trips import Days, Mask

Places = npt.NDArray[np.int64]

STEP = 0.25
CELLS = 480  # 120 days; what took longer counts as that
EDGES: Days = STEP * np.arange(1, CELLS + 1, dtype=np.float64)
# Where a curve is kept. Beyond the last, chances fall off exponentially as between 0.95 and there.
LEVELS = np.array(
    [0.005, 0.01, 0.025, 0.05, 0.075, *np.arange(0.10, 0.901, 0.05), 0.925, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995]
).round(4)
Z_SCORES = np.array([NormalDist().inv_cdf(level) for level in LEVELS])
Z_TENTH = NormalDist().inv_cdf(0.9)
_TAIL_FROM = int(np.flatnonzero(LEVELS == 0.95)[0])  # noqa: PLR2004 one of the levels
_TAIL = float(np.log((1 - LEVELS[_TAIL_FROM]) / (1 - LEVELS[-1])))


def life_table(rows: Places, durations: Days, ended: Mask, weights: Days, prior: Days) -> Days:
    """Kaplan-Meier by quarter days for many lanes at once: P(within a cell), (lanes x CELLS), rows adding up to 1.

    `rows` is each trip's lane; trips that are open (`ended` False) count as at risk until their duration. `prior`
    (lanes x CELLS) are what else each lane is taken to have seen, as numbers of parcels ended in each cell: a lane
    with few parcels is drawn towards it, and where all are still open it goes on as the prior does.
    """
    shape = (len(prior), CELLS)
    cells = rows * CELLS + np.clip((durations / STEP).astype(np.int64), 0, CELLS - 1)
    ends = np.bincount(cells[ended], weights[ended], prior.size).reshape(shape) + prior
    left = np.bincount(cells[~ended], weights[~ended], prior.size).reshape(shape)
    at_risk = np.cumsum((ends + left)[:, ::-1], axis=1)[:, ::-1]
    hazard = np.divide(ends, at_risk, out=np.ones(shape), where=at_risk > 0)
    survival = np.cumprod(1 - np.minimum(hazard, 1), axis=1)
    survival[:, -1] = 0
    return -np.diff(survival, axis=1, prepend=1.0)


def added(first: Days, second: Days) -> Days:
    """The sum of two independent times, row by row: P(within a cell). The mean of two cells' sum is their common
    edge, so half of it goes to either side."""
    size = 2 * CELLS
    product = np.fft.irfft(np.fft.rfft(first, size) * np.fft.rfft(second, size), size)
    halves = np.maximum(product, 0) / 2
    total: Days = halves[:, :CELLS].copy()
    total[:, 1:] += halves[:, : CELLS - 1]
    total[:, -1] += np.maximum(1 - total.sum(axis=1), 0)
    return total


def to_quantiles(chances: Days) -> Days:
    """(rows x CELLS) to (rows x LEVELS), linear inside a cell."""
    below = np.concatenate([np.zeros((len(chances), 1)), np.cumsum(chances, axis=1)], axis=1)
    edges = np.concatenate([[0.0], EDGES])
    rising = np.maximum.accumulate(below, axis=1) + 1e-12 * np.arange(CELLS + 1)
    kept: Days = np.empty((len(chances), len(LEVELS)))
    for row, values in enumerate(rising):
        kept[row] = np.interp(LEVELS, values, edges)
    return kept


def to_chances(quantiles: Days) -> Days:
    """(rows x LEVELS) to (rows x CELLS)."""
    passed = np.empty((len(quantiles), CELLS))
    for row, values in enumerate(quantiles):
        passed[row] = 1 - survival(values[None, :], EDGES[None, :])[0]
    passed[:, -1] = 1
    return np.diff(passed, axis=1, prepend=0.0)


def survival(quantiles: Days, days: Days) -> Days:
    """P(longer than `days`): curve i (of n x LEVELS) at each of days[i] (n x m)."""
    chance = np.empty(days.shape)
    for row, (curve, asked) in enumerate(zip(quantiles, days, strict=True)):
        chance[row] = _survival(curve, asked)
    return chance


def _survival(curve: Days, days: Days) -> Days:
    values = np.concatenate([[0.0], np.maximum.accumulate(curve) + 1e-9 * np.arange(len(LEVELS))])
    inside = 1 - np.interp(days, values, np.concatenate([[0.0], LEVELS]))
    tail = max((curve[-1] - curve[_TAIL_FROM]) / _TAIL, STEP)
    beyond: Days = np.where(
        days > curve[-1], (1 - LEVELS[-1]) * np.exp(-np.maximum(days - curve[-1], 0) / tail), inside
    )
    return beyond


def through(p10: Days, p50: Days, p90: Days) -> Days:
    """Curves through three quantiles each (n x LEVELS): lognormal, with its own spread on either side of the median."""
    middle = np.maximum(p50, STEP / 2)[:, None]
    low = np.log(middle[:, 0] / np.clip(p10, STEP / 8, middle[:, 0])) / Z_TENTH
    high = np.log(np.maximum(p90, middle[:, 0]) / middle[:, 0]) / Z_TENTH
    spread = np.where(Z_SCORES < 0, low[:, None], high[:, None])
    curve: Days = middle * np.exp(spread * Z_SCORES)
    return curve


def stretched(quantiles: Days, shares: Sequence[float], factors: Sequence[float]) -> Days:
    """Curves whose quantile at each of `shares` is multiplied by its factor, in between by one in between."""
    moved = quantiles * np.interp(LEVELS, shares, factors)
    rising: Days = np.maximum.accumulate(moved, axis=1)
    return rising


def at_level(quantiles: Days, share: float) -> Days:
    """The quantile of each curve (n)."""
    place = int(np.searchsorted(LEVELS, share))
    if place == len(LEVELS) or place == 0:
        kept: Days = quantiles[:, min(place, len(LEVELS) - 1)]
        return kept
    low, high = LEVELS[place - 1], LEVELS[place]
    part = (share - low) / (high - low)
    between: Days = quantiles[:, place - 1] * (1 - part) + quantiles[:, place] * part
    return between
