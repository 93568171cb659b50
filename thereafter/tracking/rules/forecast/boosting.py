"""LightGBM quantile forecasts, where the optional extra is installed and a store's past is long enough.

Used when known, in `Trip.numbers`: distance_km, weight_g, volume_cm3, value, freight, items; in `Trip.words`: category.
Calendar, lane, carrier and promised days are taken from the trip itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thereafter.tracking.rules.forecast.lanes import Forecasts
from thereafter.tracking.rules.forecast.trips import Trips


@dataclass(frozen=True)
class Boosted:
    """Three boosters and how to move them; `fitted_at` in days."""

    fitted_at: float
    target: float

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Boosted":
        """Raises ValueError on a version that we do not know."""
        raise NotImplementedError


def available() -> bool:
    """Is LightGBM installed, and does it load (it needs libgomp)?"""
    raise NotImplementedError


def fit(trips: Trips, as_of: float) -> Boosted | None:
    """Learns from what was known at `as_of`; None where that is too little (fewer than 400 deliveries)."""
    raise NotImplementedError


def predict(model: Boosted, trips: Trips) -> Forecasts:
    """Days from the order to the door; a batch is far cheaper than single rows. Raises RuntimeError when not available."""
    raise NotImplementedError
