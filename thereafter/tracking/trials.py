"""Which model would have served a store best over its last weeks, and how well its late alerts would have done."""

from collections.abc import Mapping, Set
from dataclasses import asdict
from typing import Any

import numpy as np

from thereafter.tracking.rules.forecast import backtest, boosting, survival
from thereafter.tracking.rules.forecast.accuracy import Accuracy, measure
from thereafter.tracking.rules.forecast.backtest import Walked
from thereafter.tracking.rules.forecast.curves import Places
from thereafter.tracking.rules.forecast.trips import Days, Trips
from thereafter.tracking.rules.passages import Way

LANE, LIGHTGBM = "lane", "lightgbm"
# What a trial adds to a report.
NAMES = ("model", "models", "trusted_carriers", "alerts", "tried_at", "tried_on")
WEEKS = 12
# A model with more parts has to earn them; a carrier's days have to be clearly better than ours.
BETTER, CLEARLY_BETTER = 0.97, 0.95
ENOUGH, ENOUGH_OF_A_CARRIER = 100, 50
# Below, LightGBM loses to the lane table (and takes long to find out).
ENOUGH_TO_BOOST = 1_000


def trial(way: Way) -> dict[str, Any]:
    """Walks through the last weeks with each model, knowing each day only what was known then. Figures are in days of
    the calendar, whatever a model counts in, and of the same parcels."""
    trips, plain = way.trips(), way.plain_trips()
    walked = backtest.walk_lanes(trips, way.anchor - 7 * WEEKS, way.anchor)
    found = {LANE: (walked.rows, _on_the_calendar(way, walked, plain))}
    if boosting.available() and np.count_nonzero(~np.isnan(plain.delivered_at)) >= ENOUGH_TO_BOOST:
        rival = backtest.walk_boosted(plain, way.plain_anchor - 7 * WEEKS, way.plain_anchor, every=28)
        if len(rival.rows):
            found[LIGHTGBM] = (rival.rows, np.stack([rival.p10, rival.p50, rival.p90]))
    actual = plain.delivered_at - plain.ordered_at
    common = set.intersection(*(set(rows.tolist()) for rows, _ in found.values()))
    measured = {name: _measured(rows, forecast, actual, common) for name, (rows, forecast) in found.items()}
    judged = trips.where(np.isin(np.arange(len(trips)), walked.rows))
    return {
        "model": LIGHTGBM if _is_better(measured.get(LIGHTGBM), measured[LANE], BETTER) else LANE,
        "models": {name: asdict(one) for name, one in measured.items()},
        "trusted_carriers": _trusted(found[LANE][1], walked, plain),
        "alerts": [asdict(one) for one in survival.walk(walked.tables, judged)],
    }


def _on_the_calendar(way: Way, walked: Walked, plain: Trips) -> Days:
    """(3 x rows): P10, P50 and P90 in days of the calendar from the order."""
    start = way.begun + (way.there - way.here)
    columns = []
    for column in (walked.p10, walked.p50, walked.p90):
        days = np.full(len(plain), np.nan)
        days[walked.rows] = column
        columns.append((way.deliver(start, days) - plain.ordered_at)[walked.rows])
    return np.stack(columns)


def _measured(rows: Places, forecast: Days, actual: Days, common: Set[int]) -> Accuracy:
    """Of the parcels that are there and that every model forecast."""
    counts = np.array([row in common for row in rows.tolist()], dtype=bool) & ~np.isnan(actual[rows])
    return measure(actual[rows][counts], *(column[counts] for column in forecast))


def _is_better(rival: Accuracy | None, known: Accuracy, by: float) -> bool:
    if rival is None or rival.pinball is None or known.pinball is None or rival.parcels < ENOUGH:
        return False
    return rival.pinball < known.pinball * by


def _trusted(ours: Days, walked: Walked, plain: Trips) -> Mapping[str, float]:
    """Carriers whose own day was clearly closer than our middle, with their mean error in days."""
    rows = walked.rows
    actual = np.floor(plain.delivered_at[rows])
    theirs = np.abs(plain.carrier_due_at[rows] - 1 - actual)
    ours_off = np.abs(np.floor(plain.ordered_at[rows] + ours[1]) - actual)
    found = {}
    for carrier in np.unique(plain.carrier[rows]):
        of_it = (plain.carrier[rows] == carrier) & ~np.isnan(theirs) & ~np.isnan(ours_off)
        if of_it.sum() >= ENOUGH_OF_A_CARRIER and theirs[of_it].mean() < CLEARLY_BETTER * ours_off[of_it].mean():
            found[str(carrier)] = round(float(theirs[of_it].mean()), 2)
    return found
