"""Lane tables: how long parcels of a lane took of late, widened where too few went.

Two tables: processing (order to hand-over; lanes are warehouses and their zones) and transit (hand-over to door; lanes
are carrier, service, origin and destination zone). Their distributions are added (convolved) on a grid of quarter days.
Both count parcels still open by Kaplan-Meier and weigh new ones more; a lane is drawn towards the wider one around it,
the widest to the carrier's stated days. Every forecast is moved by rolling conformal factors (`conformal`): the same
tables as they would have been in each of the last weeks, against what came of that week's parcels by now.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from thereafter.tracking.rules.forecast.ladders import processing_ladder, transit_ladder
from thereafter.tracking.rules.forecast.learning import Learning, Stated, fit_plain
from thereafter.tracking.rules.forecast.recalibration import look_back
from thereafter.tracking.rules.forecast.tables import Forecasts, LaneTable, stage_curves
from thereafter.tracking.rules.forecast.trips import Trips

__all__ = ["HANDLING", "STATED", "Forecasts", "LaneTable", "fit", "predict", "predict_transit"]

# Days from order to hand-over, and from there to the door at home and abroad, while nothing is known.
HANDLING = (0.25, 2.5)
STATED: Mapping[str, tuple[float, float]] = {"home": (1.5, 6.0), "abroad": (5.0, 15.0)}


def fit(
    trips: Trips, as_of: float, stated: Stated | None = None, handling: tuple[float, float] = HANDLING
) -> LaneTable:
    """Learns from what was known at `as_of` (`trips` may hold more; it is not looked at).

    `stated` are transit days (P10, P90) as the carrier states them, by lane: "home", "home|dhl", "home|dhl|express",
    "home|dhl|express|DE|DE-BE": taken where nothing is known, and what few parcels are drawn towards. `handling` is
    the same for processing.
    """
    known = trips.known(as_of)
    hand_overs = _tells_hand_overs(known)
    if not hand_overs:
        known = replace(known, handed_at=known.ordered_at)
    learning = Learning(
        known, processing_ladder(known), transit_ladder(known), dict(STATED) | dict(stated or {}), handling
    )
    table = replace(fit_plain(learning, as_of), hand_overs=hand_overs)
    return replace(table, factors=look_back(learning, as_of))


def _tells_hand_overs(known: Trips) -> bool:
    came = ~np.isnan(known.delivered_at)
    return not came.any() or float(np.isnan(known.handed_at[came]).mean()) < 0.5  # noqa: PLR2004  more often than not


def predict(table: LaneTable, trips: Trips) -> Forecasts:
    """Days from the order to the door, as it looks when ordering; outcomes in `trips` are not looked at."""
    return _predict(table, trips, "order" if table.hand_overs else "transit")


def predict_transit(table: LaneTable, trips: Trips) -> Forecasts:
    """Days from the hand-over to the door."""
    return _predict(table, trips, "transit")


def _predict(table: LaneTable, trips: Trips, stage: str) -> Forecasts:
    quantiles, which, lane = stage_curves(table, stage, processing_ladder(trips), transit_ladder(trips))
    return Forecasts(quantiles, which, table.transit.keys[lane], table.transit.parcels[lane], "lane", table.target)
