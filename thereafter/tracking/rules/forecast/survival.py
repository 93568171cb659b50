"""Late alerts: P(late | not there yet) from the survival curves of the lanes, walked day by day."""

from collections.abc import Sequence
from dataclasses import dataclass

from thereafter.tracking.rules.forecast.lanes import LaneTable
from thereafter.tracking.rules.forecast.trips import Days, Trips

THRESHOLDS = (0.3, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class AlertQuality:
    """How a threshold did over past parcels: of those alerted, `precision` came late; of the late, `recall` were
    alerted before their promised day was over, half of them at least `median_lead_days` before."""

    threshold: float
    alerts: int
    late: int
    parcels: int
    precision: float | None
    recall: float | None
    median_lead_days: float | None


def late_chance(table: LaneTable, trips: Trips, as_of: float) -> Days:
    """P(delivered after `due_at` | what is known at `as_of`): S(due) / S(now), from the hand-over once there was one.

    1 when the promise is over, nan without a promise, 0 when it is there already.
    """
    raise NotImplementedError


def walk(tables: Sequence[LaneTable], trips: Trips, thresholds: Sequence[float] = THRESHOLDS) -> list[AlertQuality]:
    """Each trip looked at once a day until it was there or due, with the newest table fitted by that day."""
    raise NotImplementedError
