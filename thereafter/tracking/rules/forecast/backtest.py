"""Which model would have served this store best: a walk forward through its own past.

Each order is forecast once, when it was ordered, with the model as it would have been fitted at the beginning of its
week; a fit sees only what was known by then (`Trips.known`).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from thereafter.tracking.rules.forecast import boosting, features, lanes
from thereafter.tracking.rules.forecast.accuracy import Accuracy, measure
from thereafter.tracking.rules.forecast.curves import Places
from thereafter.tracking.rules.forecast.learning import Stated
from thereafter.tracking.rules.forecast.tables import Forecasts, LaneTable
from thereafter.tracking.rules.forecast.trips import Days, Trips

WEEK = 7.0


@dataclass(frozen=True)
class Walked:
    """Forecasts of one model for the trips at `rows` (indexes into the trips given), made when each was ordered.
    `tables` are the lane tables on the way, for `survival.walk`; seconds are sums over all fits and forecasts."""

    rows: Places
    p10: Days
    p50: Days
    p90: Days
    fit_seconds: float
    predict_seconds: float
    fits: int
    tables: Sequence[LaneTable] = ()


@dataclass
class _Walk:
    rows: list[Places] = field(default_factory=list)
    quantiles: list[Days] = field(default_factory=list)
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    fits: int = 0

    def add(self, rows: Places, forecasts: Forecasts) -> None:
        self.rows.append(rows)
        self.quantiles.append(np.stack([forecasts.p10, forecasts.p50, forecasts.p90]))

    def done(self, tables: Sequence[LaneTable] = ()) -> Walked:
        rows = np.concatenate([np.zeros(0, dtype=np.int64), *self.rows])
        p10, p50, p90 = np.concatenate([np.zeros((3, 0)), *self.quantiles], axis=1)
        return Walked(rows, p10, p50, p90, self.fit_seconds, self.predict_seconds, self.fits, tables)


def walk_lanes(trips: Trips, since: float, until: float, every: float = WEEK, stated: Stated | None = None) -> Walked:
    """Refits every so many days and forecasts the orders of [since, until) with the table of the day."""
    walk, tables = _Walk(), []
    for day, rows in _steps(trips, since, until, every):
        began = time.perf_counter()
        tables.append(lanes.fit(trips, day, stated))
        fitted = time.perf_counter()
        walk.add(rows, lanes.predict(tables[-1], trips.where(_mask(rows, trips))))
        walk.fit_seconds += fitted - began
        walk.predict_seconds += time.perf_counter() - fitted
        walk.fits += 1
    return walk.done(tables)


def walk_boosted(trips: Trips, since: float, until: float, every: float = WEEK) -> Walked:
    """The same with LightGBM; where it has too little to learn from, orders are left out."""
    walk: _Walk = _Walk()
    seen: features.Seen = {}
    for day, rows in _steps(trips, since, until, every):
        began = time.perf_counter()
        model = boosting.fit(trips, day, seen)
        fitted = time.perf_counter()
        if model is not None and len(rows):
            walk.add(rows, boosting.predict(model, trips.where(_mask(rows, trips))))
        walk.fit_seconds += fitted - began
        walk.predict_seconds += time.perf_counter() - fitted
        walk.fits += 1
    return walk.done()


def _steps(trips: Trips, since: float, until: float, every: float) -> list[tuple[float, Places]]:
    steps = []
    for day in np.arange(since, until, every):
        here = (trips.ordered_at >= day) & (trips.ordered_at < min(day + every, until))
        steps.append((float(day), np.flatnonzero(here)))
    return steps


def _mask(rows: Places, trips: Trips) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    mask = np.zeros(len(trips), dtype=np.bool_)
    mask[rows] = True
    return mask


def measured(walked: Walked, trips: Trips) -> Accuracy:
    """Of those of its trips that came; promised days are the trips' own."""
    chosen = trips.where(_mask(walked.rows, trips))
    order = np.argsort(walked.rows)
    low, middle, high = (column[order] for column in (walked.p10, walked.p50, walked.p90))
    came = ~np.isnan(chosen.delivered_at)
    actual, promised = chosen.delivered_at - chosen.ordered_at, chosen.due_at - chosen.ordered_at
    return measure(actual[came], low[came], middle[came], high[came], promised[came])
