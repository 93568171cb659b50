"""Rolling conformal factors: how far the forecasts of the last weeks were off, counting parcels that are still open.

Calibrating on recently delivered parcels favours slow ones, on recent orders that are already there fast ones; the
Kaplan-Meier estimate (Kaplan and Meier 1958) over delivered and open parcels favours neither.
"""

from thereafter.tracking.rules.forecast.trips import Days, Mask


def kaplan_meier(durations: Days, ended: Mask, weights: Days | None = None) -> tuple[Days, Days]:
    """(times, survival just after each): `ended` False is still open (censored) at its duration."""
    raise NotImplementedError


def offset(residuals: Days, ended: Mask, share: float, weights: Days | None = None) -> float:
    """The Kaplan-Meier quantile of residuals: what to add so that `share` of the outcomes lie below the forecast."""
    raise NotImplementedError
