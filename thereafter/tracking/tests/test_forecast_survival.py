"""Parcels on their way: chances that follow from the curves, and alerts as good as they are said to be."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from thereafter.tracking.rules.forecast import lanes, survival
from thereafter.tracking.rules.forecast.tables import LaneTable
from thereafter.tracking.rules.forecast.trips import NEVER, Trip, Trips
from thereafter.tracking.tests.forecast_makers import altered, shop

PLACE: dict[str, Any] = {"carrier": "dhl", "warehouse": "main", "origin": "DE-BE", "destination": "DE-BE-101"}


def plain(table: LaneTable) -> LaneTable:
    """Without what the last weeks taught, so that identities can be told."""
    return replace(table, factors={})


TABLE = lanes.fit(shop(), 300)


def parcel(*, handed_at: float = NEVER, due_at: float = 306.0) -> Trips:
    return Trips.of([Trip(ordered_at=300.0, handed_at=handed_at, due_at=due_at, **PLACE)])


def test_the_chance_to_be_late_is_the_survival_to_the_promise_over_the_survival_to_now() -> None:
    table, trips = plain(TABLE), parcel(handed_at=301.0)
    curve = lanes.predict_transit(table, trips)
    for now in (301.0, 302.0, 303.0, 304.0):
        expected = curve.survival(np.array([5.0]))[0] / curve.survival(np.array([now - 301.0]))[0]
        assert survival.late_chance(table, trips, now)[0] == pytest.approx(expected, abs=0.02)


def test_silence_makes_late_likelier_day_by_day() -> None:
    chances = [survival.late_chance(TABLE, parcel(handed_at=301.0), day)[0] for day in (301, 302, 303, 304, 305, 305.9)]
    assert chances == sorted(chances)
    assert chances[0] < 0.2
    assert chances[-1] > 0.8


def test_a_parcel_not_handed_over_is_likelier_late_than_one_on_its_way() -> None:
    waiting, going = parcel(), parcel(handed_at=301.0)
    assert survival.late_chance(TABLE, waiting, 304.0)[0] > survival.late_chance(TABLE, going, 304.0)[0]


def test_a_hand_over_of_tomorrow_is_not_known_today() -> None:
    assert survival.late_chance(TABLE, parcel(handed_at=303.0), 302.5) == survival.late_chance(TABLE, parcel(), 302.5)


def test_after_the_promise_it_is_late_and_without_one_it_cannot_be() -> None:
    assert survival.late_chance(TABLE, parcel(handed_at=301.0), 306.0)[0] == 1
    assert np.isnan(survival.late_chance(TABLE, parcel(due_at=NEVER), 302.0)[0])


def test_what_is_left_shrinks_as_time_goes_but_never_below_now() -> None:
    early, later = (survival.predict_open(TABLE, parcel(handed_at=301.0), now) for now in (301.0, 303.0))
    assert 0 < later.p10[0] <= later.p50[0] < early.p50[0]
    old = survival.predict_open(TABLE, parcel(handed_at=301.0), 420.0)
    assert 0 <= old.p10[0] <= old.p90[0]


def test_alerts_are_right_as_often_as_their_threshold_says() -> None:
    trips = shop(count=5_000, seed=5, stuck=0.08)
    tables = [lanes.fit(trips, float(day)) for day in range(200, 296, 14)]
    found = survival.walk(tables, trips.where((trips.ordered_at >= 200) & (trips.ordered_at < 296)), (0.3, 0.7))
    low, high = found
    assert high.late == low.late > 20
    assert (low.recall or 0) >= (high.recall or 0) > 0.5
    assert (high.precision or 0) == pytest.approx(0.8, abs=0.12)
    assert (low.precision or 0) < (high.precision or 0)
    assert (low.median_lead_days or 0) >= (high.median_lead_days or 0) > 0


def test_what_comes_later_changes_no_chance_of_today() -> None:
    trips = shop(count=2_000, days=200)
    open_now = (trips.ordered_at < 150) & (trips.delivered_at > 150) & (trips.due_at > 150)
    other = altered(trips, 150)
    here = survival.late_chance(lanes.fit(trips, 150), trips.where(open_now), 150)
    there = survival.late_chance(lanes.fit(other, 150), other.where(open_now), 150)
    assert open_now.sum() > 10
    assert here.tolist() == there.tolist()


def test_without_tables_or_parcels_nothing_is_claimed() -> None:
    (found,) = survival.walk([], Trips.of([]), (0.7,))
    assert (found.alerts, found.precision, found.recall, found.median_lead_days) == (0, None, None, None)
