"""Curves of days: what is read from a life table, added up and kept as quantiles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.tracking.rules.forecast import conformal, curves


def one_lane(durations: list[float], *, ended: list[bool] | None = None) -> np.ndarray:
    ends = np.ones(len(durations), dtype=bool) if ended is None else np.array(ended)
    rows, weights = np.zeros(len(durations), dtype=np.int64), np.ones(len(durations))
    return curves.life_table(rows, np.array(durations), ends, weights, np.zeros((1, curves.CELLS)))


def test_kaplan_meier_gives_the_numbers_of_a_worked_example() -> None:
    # Ends at 1, 3, 3 and 6; still open at 2, 4 and 7. By hand: 6/7, then * 3/5, then * 1/2.
    durations = np.array([3.0, 1.0, 2.0, 3.0, 6.0, 4.0, 7.0])
    ended = np.array([True, True, False, True, True, False, False])
    times, survival = conformal.kaplan_meier(durations, ended)
    assert times.tolist() == [1.0, 3.0, 6.0]
    assert survival == pytest.approx([6 / 7, 6 / 7 * 3 / 5, 6 / 7 * 3 / 5 / 2])


def test_the_life_table_of_a_lane_is_the_same_kaplan_meier() -> None:
    chances = one_lane([3, 1, 2, 3, 6, 4, 7], ended=[True, True, False, True, True, False, False])
    survival = 1 - np.cumsum(chances[0])
    assert survival[int(1 / curves.STEP)] == pytest.approx(6 / 7)
    assert survival[int(3 / curves.STEP)] == pytest.approx(18 / 35)
    assert survival[int(6 / curves.STEP)] == pytest.approx(9 / 35)


def test_open_parcels_make_a_lane_slower_than_the_delivered_ones_alone() -> None:
    done = [2.0] * 30
    alone = curves.at_level(curves.to_quantiles(one_lane(done)), 0.9)[0]
    with_open = one_lane(done + [5.0] * 10, ended=[True] * 30 + [False] * 10)
    assert curves.at_level(curves.to_quantiles(with_open), 0.9)[0] > alone + 2


def test_a_lane_whose_parcels_are_all_open_goes_on_as_its_prior_does() -> None:
    prior = 5 * curves.to_chances(curves.through(np.array([2.0]), np.array([8.0]), np.array([14.0])))
    open_at_ten = curves.life_table(
        np.zeros(50, dtype=np.int64), np.full(50, 10.0), np.zeros(50, dtype=bool), np.ones(50), prior
    )
    after = 10 / curves.STEP
    given_ten = (prior[0] / prior[0, int(after) :].sum())[int(after) :]
    assert open_at_ten[0, int(after) + 1 :].sum() == pytest.approx(1, abs=0.1)
    assert np.corrcoef(open_at_ten[0, int(after) + 1 :], given_ten[1:])[0, 1] > 0.99


@given(st.lists(st.floats(0, 100), min_size=5, max_size=60))
def test_chances_add_up_to_one_and_quantiles_rise(days: list[float]) -> None:
    chances = one_lane(days)
    quantiles = curves.to_quantiles(chances)
    assert chances.sum() == pytest.approx(1)
    assert (np.diff(quantiles[0]) >= 0).all()
    assert abs(curves.at_level(quantiles, 0.5)[0] - float(np.quantile(days, 0.5, method="inverted_cdf"))) <= curves.STEP


def test_two_stages_add_up_as_sums_of_samples_do() -> None:
    chance = np.random.default_rng(1)
    packing, way = chance.gamma(2, 1, 1_500), chance.gamma(9, 0.8, 1_500)
    total = curves.to_quantiles(curves.added(one_lane(packing.tolist()), one_lane(way.tolist())))
    samples = (packing[:, None] + way[None, :]).ravel()
    for share in (0.1, 0.5, 0.9):
        assert curves.at_level(total, share)[0] == pytest.approx(np.quantile(samples, share), abs=0.15)


def test_a_curve_goes_through_the_quantiles_it_was_made_of_and_back() -> None:
    made = curves.through(np.array([3.0]), np.array([5.0]), np.array([12.0]))
    again = curves.to_quantiles(curves.to_chances(made))
    for share, days in ((0.1, 3), (0.5, 5), (0.9, 12)):
        assert curves.at_level(made, share)[0] == pytest.approx(days)
        assert curves.at_level(again, share)[0] == pytest.approx(days, abs=0.05)


def test_survival_is_the_other_side_of_a_quantile_and_never_ends() -> None:
    made = curves.through(np.array([3.0]), np.array([5.0]), np.array([12.0]))
    asked = np.array([[3.0, 5.0, 12.0, 60.0, 90.0]])
    found = curves.survival(made, asked)[0]
    assert found[:3] == pytest.approx([0.9, 0.5, 0.1], abs=1e-3)
    assert 0 < found[4] < found[3] < 0.005
