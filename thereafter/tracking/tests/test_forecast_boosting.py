"""LightGBM: an extra that has to earn its place, and looks no further ahead than the lane tables."""

import json

import numpy as np
import pytest

from thereafter.tracking.rules.forecast import accuracy, backtest, boosting, features, lanes
from thereafter.tracking.rules.forecast.trips import Trips
from thereafter.tracking.tests.forecast_makers import altered, shop

needs_lightgbm = pytest.mark.skipif(not boosting.available(), reason="LightGBM is not installed")


def heavy(count: int = 1_500) -> Trips:
    """Heavy parcels take twice as long, which no lane knows."""
    trips = shop(count=count, days=200)
    slow = np.where(trips.numbers["weight_g"] > 4_500, 2.0, 1.0)
    columns = {name: getattr(trips, name) for name in Trips.__dataclass_fields__}
    way = (trips.delivered_at - trips.handed_at) * slow
    return Trips(**columns | {"delivered_at": trips.handed_at + way})


def losses(trips: Trips) -> tuple[float, float]:
    """The pinball loss of LightGBM and of the lane table over the last four weeks."""
    theirs = backtest.measured(backtest.walk_boosted(trips, 172, 200), trips).pinball
    ours = backtest.measured(backtest.walk_lanes(trips, 172, 200), trips).pinball
    assert theirs is not None
    assert ours is not None
    return theirs, ours


@needs_lightgbm
def test_it_learns_what_a_lane_table_cannot_know() -> None:
    theirs, ours = losses(heavy())
    assert theirs < 0.9 * ours


@needs_lightgbm
def test_it_is_not_better_where_it_knows_no_more_than_the_lanes() -> None:
    theirs, ours = losses(shop(count=1_200, days=200))
    assert theirs > 0.97 * ours


@needs_lightgbm
def test_what_comes_later_changes_no_forecast_of_today() -> None:
    trips = heavy()
    asked = trips.where((trips.ordered_at > 150) & (trips.ordered_at < 160))
    model, other = boosting.fit(trips, 150), boosting.fit(altered(trips, 150), 150)
    assert model is not None
    assert other is not None
    assert model.texts == other.texts
    assert boosting.predict(model, asked).p90.tolist() == boosting.predict(other, asked).p90.tolist()


@needs_lightgbm
def test_what_was_worked_out_before_gives_the_same_model_as_anew() -> None:
    trips = heavy(1_000)
    seen: dict[float, np.ndarray] = {}
    boosting.fit(trips, 143, seen)
    again, anew = boosting.fit(trips, 150, seen), boosting.fit(trips, 150)
    assert again is not None
    assert anew is not None
    assert again.texts == anew.texts


@needs_lightgbm
def test_a_model_read_back_from_json_forecasts_the_same() -> None:
    trips = heavy()
    model = boosting.fit(trips, 150)
    assert model is not None
    again = boosting.Boosted.from_json(json.loads(json.dumps(model.to_json())))
    first, second = boosting.predict(model, trips), boosting.predict(again, trips)
    assert second.p50 == pytest.approx(first.p50, rel=1e-3)
    with pytest.raises(ValueError, match="fit it again"):
        boosting.Boosted.from_json({"version": 99})


@needs_lightgbm
def test_a_short_past_is_not_learnt_from() -> None:
    assert boosting.fit(shop(count=300), 300) is None


def test_without_lightgbm_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    model = boosting.Boosted(0, 0.8, features.Snapshot(lanes.fit(Trips.of([]), 0), {}, False), {}, (), ())
    monkeypatch.setattr(boosting, "lightgbm", None)
    assert not boosting.available()
    assert boosting.fit(shop(count=900), 300) is None
    with pytest.raises(RuntimeError, match="install the extra"):
        boosting.predict(model, shop(count=1))


def test_accuracy_of_a_worked_example() -> None:
    actual, low, middle, high = (np.array(one) for one in ([4.0, 9.0], [3.0, 3.0], [5.0, 5.0], [8.0, 8.0]))
    found = accuracy.measure(actual, low, middle, high, np.array([6.0, 8.0]))
    assert (found.mae_days, found.coverage, found.width_days) == (2.5, 0.5, 5.0)
    assert (found.on_time, found.early, found.promised_days) == (0.5, 0.5, 7.0)
    # By hand: (0.1 + 0.5 + 0.4) / 3 for the first, (0.6 + 2.0 + 0.9) / 3 for the second.
    assert found.pinball == pytest.approx((1.0 / 3 + 3.5 / 3) / 2)


def test_what_was_not_told_is_left_out_of_the_figures_and_nothing_is_made_up() -> None:
    nan = float("nan")
    found = accuracy.measure(*(np.array(one) for one in ([4.0, 9.0], [3.0, nan], [5.0, nan], [8.0, nan])))
    assert (found.parcels, found.mae_days, found.on_time) == (2, 1.0, None)
    assert accuracy.measure(*(np.zeros(0) for _ in range(4))).pinball is None
