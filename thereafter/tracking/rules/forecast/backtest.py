"""Which model would have served this store best: a walk forward through its own past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thereafter.tracking.rules.forecast.accuracy import Accuracy
from thereafter.tracking.rules.forecast.lanes import Forecasts, LaneTable
from thereafter.tracking.rules.forecast.trips import Trips


@dataclass(frozen=True)
class Walked:
    """Forecasts of one model for the trips at `rows` (indexes into the trips given), made when each was ordered."""

    rows: npt.NDArray[np.int64]
    p10: npt.NDArray[np.float64]
    p50: npt.NDArray[np.float64]
    p90: npt.NDArray[np.float64]
    fit_seconds: float
    predict_seconds: float
    tables: Sequence[LaneTable] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The model to use ("lane" or "lightgbm") and what each would have given; `carriers` are those whose own
    expectation beat ours (carrier -> its accuracy)."""

    model: str
    measured: Mapping[str, Accuracy]
    trusted_carriers: Mapping[str, Accuracy]


def walk_lanes(trips: Trips, since: float, until: float, every: float = 7.0) -> Walked:
    """Refits every so many days and forecasts the orders of [since, until) with the table of the day."""
    raise NotImplementedError


def walk_boosted(trips: Trips, since: float, until: float, every: float = 28.0) -> Walked:
    raise NotImplementedError


def choose(trips: Trips, as_of: float, weeks: int = 12) -> Choice:
    """Compares by pinball loss over the orders of the last weeks that are there. LightGBM must be better by 3 %,
    a carrier's own date by 5 % over at least 50 parcels."""
    raise NotImplementedError
