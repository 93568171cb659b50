"""How good the dates were that people really saw."""

from dataclasses import dataclass

from thereafter.tracking.rules.forecast.trips import Days


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
    """All in days from the order; nan is "not told" and is left out of the figure it would go in.

    on_time: actual <= promised; early: more than a day before it. Pinball is the mean over 10, 50 and 90.
    """
    raise NotImplementedError


def pinball(actual: Days, p10: Days, p50: Days, p90: Days) -> float:
    """Mean pinball loss over the three quantiles, in days (Koenker and Bassett 1978)."""
    raise NotImplementedError
