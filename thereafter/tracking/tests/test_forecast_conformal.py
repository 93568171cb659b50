"""Factors that move forecasts, and chances that are set right."""

import numpy as np
import pytest

from thereafter.tracking.rules.forecast import conformal

SHARES = (0.1, 0.5, 0.9)


def test_factors_bring_a_forecast_that_was_off_back_to_what_came() -> None:
    spent = np.random.default_rng(2).lognormal(2, 0.4, 4_000)
    forecast = np.tile(np.quantile(spent, SHARES) / 1.5, (len(spent), 1))
    found = conformal.factors(spent, np.ones(len(spent), dtype=bool), forecast, SHARES)
    assert found == pytest.approx((1.5, 1.5, 1.5), rel=0.03)


def test_open_parcels_keep_the_factors_from_leaning_to_the_fast_ones() -> None:
    chance = np.random.default_rng(3)
    needed, ordered_ago = chance.lognormal(2.3, 0.5, 6_000), chance.uniform(0, 30, 6_000)
    ended = needed <= ordered_ago
    forecast = np.tile(np.quantile(needed, SHARES), (len(needed), 1))
    fair = conformal.factors(np.minimum(needed, ordered_ago), ended, forecast, SHARES)
    of_delivered = conformal.factors(needed[ended], np.ones(ended.sum(), dtype=bool), forecast[ended], SHARES)
    assert fair == pytest.approx((1, 1, 1), abs=0.06)
    assert of_delivered[2] < 0.92


def test_few_parcels_move_nothing() -> None:
    assert conformal.factors(np.full(29, 9.0), np.ones(29, dtype=bool), np.ones((29, 3)), SHARES) == (1.0, 1.0, 1.0)


def test_the_quantile_of_open_parcels_alone_is_not_known() -> None:
    assert np.isnan(conformal.quantile(np.array([1.0, 2.0]), np.array([False, False]), 0.5))


def test_chances_that_were_too_high_are_set_right() -> None:
    chance = np.random.default_rng(4)
    said = chance.uniform(0.02, 0.98, 5_000)
    happened = chance.uniform(size=5_000) < said**2
    found = conformal.recalibration(said, happened, np.ones(5_000))
    right = conformal.recalibrated(said, found)
    about = (said > 0.65) & (said < 0.75)
    assert right[about].mean() == pytest.approx(happened[about].mean(), abs=0.05)
    assert (np.diff(conformal.recalibrated(np.linspace(0, 1, 50), found)) >= 0).all()


def test_without_a_past_chances_stay_as_they_are() -> None:
    nothing = np.zeros(0)
    assert conformal.recalibration(nothing, nothing.astype(bool), nothing) == conformal.AS_IS
