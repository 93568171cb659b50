"""The lane tables as such, without what the last weeks taught about them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from thereafter.tracking.rules.forecast.ladders import Ladder
from thereafter.tracking.rules.forecast.stages import Span, fit_stage
from thereafter.tracking.rules.forecast.tables import LaneTable
from thereafter.tracking.rules.forecast.trips import Mask, Trips

TARGET = 0.8

Stated = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Learning:
    """Trips with their lanes worked out once, for all the weeks that are looked back on."""

    trips: Trips
    processing: Ladder
    transit: Ladder
    stated: Stated
    handling: tuple[float, float]

    def known(self, as_of: float) -> "Learning":
        here = self.trips.ordered_at <= as_of
        return replace(
            self,
            trips=self.trips.known(as_of),
            processing=self.processing.where(here),
            transit=self.transit.where(here),
        )

    def where(self, chosen: Mask) -> "Learning":
        return replace(
            self,
            trips=self.trips.where(chosen),
            processing=self.processing.where(chosen),
            transit=self.transit.where(chosen),
        )


def fit_plain(learning: Learning, as_of: float) -> LaneTable:
    """The tables as such, without factors."""
    trips = learning.trips
    processing = Span.between(trips.ordered_at, trips.handed_at, trips, as_of)
    transit = Span.between(trips.handed_at, trips.delivered_at, trips, as_of)
    return LaneTable(
        fitted_at=as_of,
        target=TARGET,
        hand_overs=True,
        processing=fit_stage(learning.processing, processing, {"": learning.handling}),
        transit=fit_stage(learning.transit, transit, learning.stated),
        factors={},
    )
