"""Rolling conformal factors: how far the forecasts of the last weeks were off, counting parcels that are still open.

Calibrating on recently delivered parcels favours slow ones, on recent orders that are already there fast ones; the
Kaplan-Meier estimate (Kaplan and Meier 1958) over delivered and open parcels favours neither.
"""

from collections.abc import Sequence

import numpy as np

from thereafter.tracking.rules.forecast.trips import Days, Mask

# Fewer ends than these move nothing, and about as many again move it only half.
ENOUGH = 30
FURTHEST = 2.5


def kaplan_meier(durations: Days, ended: Mask, weights: Days | None = None) -> tuple[Days, Days]:
    """(times of ends, ascending; survival just after each). `ended` False is still open (censored) at its duration;
    an end at the same time as a censoring comes first."""
    counted = np.ones(len(durations)) if weights is None else weights
    order = np.lexsort((~ended, durations))
    times, ends, mass = durations[order], ended[order], counted[order]
    at_risk = np.cumsum(mass[::-1])[::-1]
    # Ends at one time share one number at risk: that at the first of them.
    at_risk = at_risk[np.searchsorted(times, times, side="left")]
    distinct = np.unique(times[ends])
    died = np.bincount(np.searchsorted(distinct, times[ends]), mass[ends], len(distinct))
    risk = at_risk[np.searchsorted(times, distinct, side="left")]
    return distinct, np.cumprod(1 - np.divide(died, risk, out=np.zeros(len(distinct)), where=risk > 0))


def quantile(values: Days, ended: Mask, share: float, weights: Days | None = None) -> float:
    """The least value that at least `share` do not exceed, by Kaplan-Meier; the largest end where it is never
    reached; nan without any end."""
    times, survival = kaplan_meier(values, ended, weights)
    if not len(times):
        return float("nan")
    place = int(np.searchsorted(-survival, share - 1 - 1e-12))
    return float(times[min(place, len(times) - 1)])


def factors(
    spent: Days, ended: Mask, forecast: Days, shares: Sequence[float], weights: Days | None = None
) -> tuple[float, ...]:
    """What to multiply each quantile by so that the share it names did not exceed it.

    `spent` are days until the end or, where `ended` is False, until now (n); `forecast` are the quantiles that were
    forecast (n x shares). With few ends the factor is drawn to 1, in logarithms.
    """
    ends = int(ended.sum())
    if ends < ENOUGH:
        return (1.0,) * len(shares)
    trust = ends / (ends + ENOUGH)
    found = (
        quantile(spent / np.maximum(forecast[:, column], 0.25), ended, share, weights)
        for column, share in enumerate(shares)
    )
    return tuple(float(np.clip(one, 1 / FURTHEST, FURTHEST) ** trust) for one in found)


# What a chance is taken for: intercept and slope of its logit.
AS_IS = (0.0, 1.0)
_RIDGE = 20.0
_ROUNDS = 12
_SURE = 0.005


def recalibration(chances: Days, happened: Mask, weights: Days) -> tuple[float, float]:
    """Intercept and slope of the logit that fit what happened (Platt 1999), drawn to AS_IS by a ridge, by Newton."""
    logit, found = _logit(chances), np.array(AS_IS)
    features = np.stack([np.ones(len(logit)), logit], axis=1)
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-features @ found))
        slope = features.T @ (weights * (happened - chance)) - _RIDGE * (found - AS_IS)
        bend = (features * (weights * chance * (1 - chance))[:, None]).T @ features + _RIDGE * np.eye(2)
        found = found + np.linalg.solve(bend, slope)
    # A chance that rose must never come out lower.
    return float(found[0]), float(max(found[1], 0.1))


def recalibrated(chances: Days, found: Sequence[float]) -> Days:
    """Chances by what `recalibration` found; certainties stay as sure as they can be told."""
    if tuple(found) == AS_IS:
        return chances
    moved: Days = 1 / (1 + np.exp(-(found[0] + found[1] * _logit(chances))))
    return moved


def _logit(chances: Days) -> Days:
    held = np.clip(chances, _SURE, 1 - _SURE)
    logit: Days = np.log(held / (1 - held))
    return logit
