"""Lane tables: the narrowest lane that is known, coverage that holds when the world changes, and no look ahead."""

import json
from dataclasses import replace

import numpy as np
import pytest

from thereafter.tracking.rules.forecast import backtest, lanes
from thereafter.tracking.rules.forecast.trips import NEVER, Trip, Trips
from thereafter.tracking.tests.forecast_makers import altered, shop


def to(destination: str, carrier: str = "dhl", origin: str = "DE-BE") -> Trips:
    return Trips.of([Trip(300.0, carrier=carrier, warehouse="main", origin=origin, destination=destination)])


def test_a_lane_gives_the_quantiles_of_its_own_parcels() -> None:
    trips = shop()
    found = lanes.predict(lanes.fit(trips, 300), to("DE-BE-101"))
    took = (trips.delivered_at - trips.ordered_at)[trips.destination == "DE-BE-101"]
    assert found.lane[0] == "home|dhl||DE-BE|DE-BE-101"
    for share in (0.1, 0.5, 0.9):
        assert found.quantile(share)[0] == pytest.approx(np.quantile(took, share), rel=0.08)


@pytest.mark.parametrize(
    ("asked", "lane"),
    [
        (to("DE-BE-101"), "home|dhl||DE-BE|DE-BE-101"),
        (to("DE-BE-109"), "home|dhl||DE-BE|DE-BE"),
        (to("DE-HH-200"), "home|dhl||DE|DE"),
        (to("AT-5-500"), "abroad|dhl||DE|AT"),
        (to("FR-75-750"), "abroad|dhl"),
        (to("DE-BE-101", carrier="gls"), "home"),
        (to(""), "home|dhl"),
    ],
)
def test_an_unknown_lane_falls_back_to_the_next_wider_one(asked: Trips, lane: str) -> None:
    assert lanes.predict(lanes.fit(shop(), 300), asked).lane[0] == lane


def test_fewer_than_twenty_parcels_are_no_lane() -> None:
    trips = shop()
    few = np.flatnonzero(trips.destination == "AT-9-101")[19:]
    known = trips.where(~np.isin(np.arange(len(trips)), few))
    assert lanes.predict(lanes.fit(known, 300), to("AT-9-101")).lane[0] == "abroad"


def test_without_a_past_the_carrier_is_believed_and_else_a_plain_guess_is_made() -> None:
    nothing = Trips.of([])
    table = lanes.fit(nothing, 300, stated={"home|express": (1.0, 2.0)})
    stated = lanes.predict_transit(table, to("DE-BE-101", carrier="express"))
    assert (stated.p10[0], stated.p90[0]) == (pytest.approx(1, abs=0.1), pytest.approx(2, abs=0.1))
    guess = lanes.predict(table, to("DE-BE-101"))
    assert guess.parcels[0] == 0
    assert guess.p50[0] < lanes.predict(table, to("US-NY-100")).p50[0]


def test_a_few_parcels_move_a_carriers_stated_days_only_a_little() -> None:
    trips = shop(count=200)
    three = trips.where(np.arange(200) >= 197)
    stated = {"home|dhl": (20.0, 30.0), "abroad|dhl": (20.0, 30.0)}
    assert lanes.predict_transit(lanes.fit(three, 330, stated), to("DE-BE-101")).p90[0] > 20
    assert lanes.predict_transit(lanes.fit(trips, 330, stated), to("DE-BE-101")).p50[0] < 5


def test_coverage_holds_although_deliveries_slow_down() -> None:
    trips = shop(count=6_000, slower_from=150)
    found = backtest.measured(backtest.walk_lanes(trips, 185, 260), trips)
    still = backtest.measured(backtest.walk_lanes(trips, 80, 140), trips)
    assert still.coverage == pytest.approx(0.8, abs=0.03)
    assert found.coverage == pytest.approx(0.8, abs=0.05)


def test_what_comes_later_changes_no_forecast_of_today() -> None:
    trips = shop(count=2_000, days=200)
    table, asked = lanes.fit(trips, 150), trips.where(trips.ordered_at > 150)
    for other in (altered(trips, 150), trips.known(150)):
        again = lanes.fit(other, 150)
        assert again.to_json() == table.to_json()
    blind = replace(asked, handed_at=asked.handed_at * NEVER, delivered_at=asked.delivered_at * NEVER)
    assert lanes.predict(table, blind).p50.tolist() == lanes.predict(table, asked).p50.tolist()


def test_a_table_read_back_from_json_forecasts_the_same() -> None:
    trips = shop(count=1_000)
    table = lanes.fit(trips, 300)
    text = json.dumps(table.to_json())
    again = lanes.LaneTable.from_json(json.loads(text))
    assert lanes.predict(again, trips).p90.tolist() == lanes.predict(table, trips).p90.tolist()
    assert len(text) < 20_000
    with pytest.raises(ValueError, match="fit it again"):
        lanes.LaneTable.from_json({"version": 99})


def test_a_shop_that_never_says_when_it_hands_over_still_gets_a_date() -> None:
    trips = shop()
    silent = replace(trips, handed_at=np.full(len(trips), NEVER))
    found = lanes.predict(lanes.fit(silent, 300), to("DE-BE-101"))
    took = (trips.delivered_at - trips.ordered_at)[trips.destination == "DE-BE-101"]
    assert found.p50[0] == pytest.approx(np.median(took), rel=0.08)


def test_lost_parcels_teach_nothing() -> None:
    trips = shop(count=1_000)
    lost = np.arange(1_000) % 10 == 0
    delivered, closed = trips.delivered_at.copy(), np.full(1_000, NEVER)
    delivered[lost], closed[lost] = NEVER, trips.delivered_at[lost]
    with_lost = replace(trips, delivered_at=delivered, closed_at=closed)
    known = lanes.predict_transit(lanes.fit(with_lost, 330), to("DE-BE-101"))
    without = lanes.predict_transit(lanes.fit(trips.where(~lost), 330), to("DE-BE-101"))
    assert known.p90[0] == pytest.approx(without.p90[0], abs=0.05)
