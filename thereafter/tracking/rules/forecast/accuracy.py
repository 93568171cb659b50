"""How good the dates were that people really saw."""

from dataclasses import dataclass

import numpy as np

from thereafter.tracking.rules.forecast.trips import Days, Mask

EARLY_DAYS = 1.0


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Over n delivered parcels. Shares are of 1; None where nothing was told of that kind."""

    parcels: int
    mae_days: float | None
    coverage: float | None
    width_days: float | None
    pinball: float | None
    on_time: float | None
    early: float | None
    promised_days: float | None


def measure(actual: Days, p10: Days, p50: Days, p90: Days, promised: Days | None = None) -> Accuracy:
    """All in days from the order (n); nan is "not told" and is left out of the figures it would go in.

    mae_days: mean |actual - p50|. coverage: share within [p10, p90]. on_time: actual <= promised; early: more than a
    day before it. pinball: mean over the three quantiles.
    """
    told = ~(np.isnan(actual) | np.isnan(p10) | np.isnan(p50) | np.isnan(p90))
    real, low, middle, high = actual[told], p10[told], p50[told], p90[told]
    due = np.full(len(actual), np.nan) if promised is None else promised
    kept = ~(np.isnan(actual) | np.isnan(due))
    spare = (due - actual)[kept]
    return Accuracy(
        parcels=len(actual),
        mae_days=_mean(np.abs(real - middle)),
        coverage=_mean((real >= low) & (real <= high)),
        width_days=_mean(high - low),
        pinball=pinball(real, low, middle, high) if len(real) else None,
        on_time=_mean(spare >= 0),
        early=_mean(spare > EARLY_DAYS),
        promised_days=_mean(due[kept]),
    )


def pinball(actual: Days, p10: Days, p50: Days, p90: Days) -> float:
    """Mean pinball loss over the three quantiles, in days (Koenker and Bassett 1978)."""
    losses = [
        np.maximum(share * (actual - quantile), (share - 1) * (actual - quantile))
        for share, quantile in ((0.1, p10), (0.5, p50), (0.9, p90))
    ]
    return float(np.mean(losses))


def _mean(values: Days | Mask) -> float | None:
    return float(np.mean(values)) if len(values) else None
