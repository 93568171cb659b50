"""Parcels on their way: when they will come given that they have not yet, and how likely that is too late.

P(late | not there after t days) is S(due) / S(t), S being the survival curve of the lane: from the hand-over once there
was one; before it, of a hand-over that has not been yet, plus transit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thereafter.tracking.rules.forecast import conformal, curves
from thereafter.tracking.rules.forecast.curves import CELLS, STEP, Places
from thereafter.tracking.rules.forecast.ladders import processing_ladder, transit_ladder
from thereafter.tracking.rules.forecast.tables import Forecasts, LaneTable
from thereafter.tracking.rules.forecast.trips import Days, Mask, Trips

# Where a merchant may set the alert; 0.7 is what we begin with.
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class AlertQuality:
    """How a threshold did over past parcels. Of the `alerts`, `precision` came late; of the `late`, `recall` had been
    alerted before their promised day was over, half of them at least `median_lead_days` before that."""

    threshold: float
    parcels: int
    late: int
    alerts: int
    precision: float | None
    recall: float | None
    median_lead_days: float | None


def predict_open(table: LaneTable, trips: Trips, as_of: float) -> Forecasts:
    """Days from `as_of` to the door, of parcels that are ordered and not there by then."""
    left, which, lane = _left(table, trips, as_of)
    quantiles = curves.to_quantiles(left)
    return Forecasts(quantiles, which, table.transit.keys[lane], table.transit.parcels[lane], "lane", table.target)


def late_chance(table: LaneTable, trips: Trips, as_of: float) -> Days:
    """P(delivered after `due_at`) of parcels that are ordered and not there by `as_of`, by what was known then (n).

    1 when the promise is over, nan without a promise.
    """
    left, which, _ = _left(table, trips, as_of)
    passed = np.concatenate([np.zeros((len(left), 1)), np.cumsum(left, axis=1)], axis=1)
    days = np.nan_to_num(trips.due_at - as_of)
    cell = np.clip((days / STEP).astype(np.int64), 0, CELLS - 1)
    part = np.clip(days / STEP - cell, 0, 1)
    by_then = passed[which, cell] * (1 - part) + passed[which, cell + 1] * part
    chance = conformal.recalibrated(np.clip(1 - by_then, 0, 1), table.factors.get("late", conformal.AS_IS))
    known: Days = np.where(np.isnan(trips.due_at), np.nan, np.where(days <= 0, 1.0, chance))
    return known


def _left(table: LaneTable, trips: Trips, as_of: float) -> tuple[Days, Places, Places]:
    """P(in a cell from now), (curves x CELLS); which of them each trip has; each trip's transit lane."""
    lane = table.transit.find(transit_ladder(trips))
    place = table.processing.find(processing_ladder(trips))
    handed = trips.handed_at <= as_of if table.hand_overs else np.ones(len(trips), dtype=bool)
    start = np.where(handed & table.hand_overs, trips.handed_at, trips.ordered_at)
    age = np.clip(np.rint((as_of - start) / STEP), 0, CELLS - 1).astype(np.int64)
    cases = np.stack([lane, np.where(handed, -1, place), age], axis=1)
    different, which = np.unique(cases, axis=0, return_inverse=True)
    return _cases(table, different), which.reshape(-1), lane


def _cases(table: LaneTable, cases: Places) -> Days:
    """`cases` are rows of transit lane, processing lane (-1 when handed over) and age in cells."""
    transit, processing = table.transit.chances, table.processing.chances
    lane, place, age = cases.T
    handed = place < 0
    left = np.empty((len(cases), CELLS))
    left[handed] = _given(transit[lane[handed]], age[handed])
    waiting = ~handed
    left[waiting] = curves.added(_given(processing[place[waiting]], age[waiting]), transit[lane[waiting]])
    return left


def _given(chances: Days, age: Places) -> Days:
    """What is left of each distribution when so many cells have passed."""
    cells = np.arange(CELLS) + age[:, None]
    left = np.where(cells < CELLS, np.take_along_axis(chances, np.minimum(cells, CELLS - 1), axis=1), 0.0)
    total = left.sum(axis=1, keepdims=True)
    # Older than anything seen: any time now.
    left[total[:, 0] <= 0, 0] = 1.0
    kept: Days = left / np.where(total > 0, total, 1.0)
    return kept


def walk(
    tables: Sequence[LaneTable], trips: Trips, thresholds: Sequence[float] = THRESHOLDS, hour: float = 9.0
) -> list[AlertQuality]:
    """Each delivered trip with a promise, looked at every day at that hour until it was there or the promise was
    over, with the newest table fitted by then. `trips` are judged, so they are to be there or overdue."""
    judged = trips.where(~np.isnan(trips.due_at) & ~np.isnan(trips.delivered_at))
    late = judged.delivered_at > judged.due_at
    first = np.full((len(judged), len(thresholds)), np.nan)
    for day, chances, rows in _days(tables, judged, hour / 24):
        passed = (chances[:, None] >= np.array(thresholds)) & np.isnan(first[rows])
        first[rows] = np.where(passed, day, first[rows])
    return [_quality(one, first[:, place], judged.due_at, late) for place, one in enumerate(thresholds)]


def _days(tables: Sequence[LaneTable], trips: Trips, part: float) -> "list[tuple[float, Days, Places]]":
    """Each day's moment, the chances then, and the rows of the trips they are of."""
    looked: list[tuple[float, Days, Places]] = []
    if not len(trips) or not tables:
        return looked
    fitted = np.array([table.fitted_at for table in tables])
    for day in np.arange(np.floor(trips.ordered_at.min()), np.ceil(trips.due_at.max())) + part:
        open_then = (trips.ordered_at < day) & (trips.delivered_at > day) & (trips.due_at > day)
        newest = int(np.searchsorted(fitted, day, side="right")) - 1
        if open_then.any() and newest >= 0:
            chances = late_chance(tables[newest], trips.where(open_then), day)
            looked.append((float(day), chances, np.flatnonzero(open_then)))
    return looked


def _quality(threshold: float, alerted_at: Days, due_at: Days, late: Mask) -> AlertQuality:
    alerted = ~np.isnan(alerted_at)
    right = alerted & late
    lead = (due_at - alerted_at)[right]
    return AlertQuality(
        threshold=threshold,
        parcels=len(late),
        late=int(late.sum()),
        alerts=int(alerted.sum()),
        precision=float(right.sum() / alerted.sum()) if alerted.any() else None,
        recall=float(right.sum() / late.sum()) if late.any() else None,
        median_lead_days=float(np.median(lead)) if len(lead) else None,
    )
