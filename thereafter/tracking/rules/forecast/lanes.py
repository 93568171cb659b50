"""Lane tables: how long parcels of a lane took of late, widened where too few went.

Two tables: processing (order to hand-over; lanes are warehouses and origins) and transit (hand-over to door; lanes are
carrier, service, origin and destination). Their distributions are added (convolved) on a grid of quarter days. Both
count parcels still open by Kaplan-Meier, weigh new ones more, and are moved by rolling conformal factors (`conformal`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thereafter.tracking.rules.forecast.trips import Days, Trips, Words


@dataclass(frozen=True)
class LaneTable:
    """What `fit` learnt; `fitted_at` in days, `target` is the coverage that P10-P90 was set to have (0.8)."""

    fitted_at: float
    target: float

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with a `version`."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "LaneTable":
        """Raises ValueError on a version that we do not know."""
        raise NotImplementedError


@dataclass(frozen=True)
class Forecasts:
    """n forecasts, in days from the order (or from the hand-over, where it was asked so), each column of length n.

    `lane` names what it rests on: "transit lane" as "carrier|service|origin|destination" with the parts that were
    dropped left empty, "" is all parcels of the store, "prior" is the carrier's stated days or our plain guess.
    `target` is the coverage that p10-p90 is meant to have.
    """

    p10: Days
    p50: Days
    p90: Days
    lane: Words
    source: str  # "lane", "lightgbm"
    target: float

    def quantile(self, share: float) -> Days:
        """Days by which this share of such parcels is there (0.95: a promise that holds for 19 of 20)."""
        raise NotImplementedError

    def survival(self, days: Days) -> Days:
        """P(not there after `days`), one number for each forecast."""
        raise NotImplementedError


def fit(trips: Trips, as_of: float, stated: Mapping[str, tuple[float, float]] | None = None) -> LaneTable:
    """Learns from what was known at `as_of` (`trips` may hold more; it is not looked at).

    `stated` are the carrier's own transit days (least, most) by "carrier|service", "carrier|" or "": what is taken
    where nothing is known, and what few parcels are drawn towards.
    """
    raise NotImplementedError


def predict(table: LaneTable, trips: Trips) -> Forecasts:
    """Days from the order to the door, as it looks when ordering; outcomes in `trips` are not looked at."""
    raise NotImplementedError


def predict_transit(table: LaneTable, trips: Trips) -> Forecasts:
    """Days from the hand-over to the door."""
    raise NotImplementedError


def predict_open(table: LaneTable, trips: Trips, as_of: float) -> Forecasts:
    """Days from `as_of` to the door of parcels that are open then: given the hand-over, or that there was none yet,
    and that nothing came until now."""
    raise NotImplementedError
