"""What is expected against sums and integrals done another way, and against customers who went on buying."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta
from scipy.stats import beta as beta_law

from thereafter.insights.rules.clv import calibration, gates, grouping, outlook, totals
from thereafter.insights.rules.clv.bgnbd import Rates, rates_of
from thereafter.insights.rules.clv.gamma_gamma import Spending
from thereafter.insights.rules.clv.gates import Standing
from thereafter.insights.rules.clv.grouping import Histories
from thereafter.insights.tests.clv_makers import PUBLISHED, draw

SPENDING = Spending(6.25, 3.74, 1544.0)


def one(x: int, t_x: int, t: int) -> Histories:
    return grouping.group([x], [t_x], [t])


def test_the_papers_own_customer_is_expected_to_buy_as_the_paper_says() -> None:
    # Customer 0001: twice more, last in week 30.43 of 38.86; 1.226 purchases in the next 39 weeks.
    assert outlook.expected_orders(PUBLISHED, one(2, 213, 272), 273)[0] == pytest.approx(1.226, abs=2e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.floats(0.05, 5), st.floats(0.5, 30), st.floats(0.1, 5), st.floats(0.1, 8)),
    st.integers(0, 60),
    st.integers(1, 800),
    st.integers(0, 400),
    st.sampled_from([1, 90, 365, 1500]),
)
def test_expected_orders_are_the_mean_over_all_ways_to_leave(
    values: tuple[float, ...], x: int, t_x: int, rest: int, days: int
) -> None:
    rates, history = rates_of(np.array(values)), one(x, t_x if x else 0, (t_x if x else 0) + rest)
    weeks, known = days / 7, rates.alpha + history.age[0] / 7

    def of_chance(p: float) -> float:
        p = max(p, 1e-12)
        return -float(np.expm1(-(rates.r + x) * np.log1p(p * weeks / known))) / p

    # The edges of the beta density, which may be infinite there, are the weight of the integral.
    whole = quad(of_chance, 0, 1, weight="alg", wvar=(rates.a - 1, rates.b + x - 1), limit=200)[0]
    mean = whole / beta(rates.a, rates.b + x)
    expected = outlook.expected_orders(rates, history, days)[0]
    assert expected == pytest.approx(mean * outlook.p_alive(rates, history)[0], rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("a", [1.0, 1.0 + 1e-9, 0.4])
def test_the_closed_form_holds_beside_its_poles(a: float) -> None:
    rates = Rates(0.3, 5.0, a, 0.6)
    for x in (0, 1, 5, 300):
        history = one(x, 50 if x else 0, 90)
        known = rates.alpha + 90 / 7
        law = beta_law(rates.a, rates.b + x)
        mean = quad(
            lambda p: law.pdf(p) * (1 - (known / (known + p * 52)) ** (rates.r + x)) / p,  # noqa: B023 called at once
            0, 1, points=[1e-4, 1e-2, 0.9999], limit=500,
        )[0]  # fmt: skip
        alive = outlook.p_alive(rates, history)[0]
        assert outlook.expected_orders(rates, history, 364)[0] == pytest.approx(alive * mean, rel=1e-4)


def test_the_distribution_has_the_mean_of_the_closed_form() -> None:
    histories = grouping.group([0, 0, 1, 4, 30], [0, 0, 30, 200, 350], [10, 700, 400, 210, 365])
    seen = outlook.spread(PUBLISHED, histories, 365)
    assert seen.mean == pytest.approx(outlook.expected_orders(PUBLISHED, histories, 365), rel=5e-3)
    assert (seen.variance > seen.mean).all()


def test_quantiles_hold_as_many_customers_as_they_say() -> None:
    drawn = draw(PUBLISHED, 5_000, days=400, after=365, seed=11)
    histories = grouping.group(*drawn[:3])
    places = histories.where(*drawn[:3])
    low, high = (quantile[places] for quantile in outlook.order_quantiles(PUBLISHED, histories, 365, (0.1, 0.9)))
    assert (drawn.later <= high).mean() >= 0.9
    # A whole number can only be passed in steps, so more than a tenth may sit at the lower end, not below it.
    assert (drawn.later < low).mean() <= 0.1
    assert (drawn.later > high).mean() == pytest.approx(0.06, abs=0.04)


def test_the_sum_of_what_is_expected_is_what_comes() -> None:
    drawn = draw(PUBLISHED, 8_000, days=400, after=180, seed=5)
    histories = grouping.group(*drawn[:3])
    total = totals.orders(PUBLISHED, histories, 180)
    assert total.low < drawn.later.sum() < total.high
    assert total.high / total.low < 1.25
    none = outlook.p_no_order(PUBLISHED, histories, 180)
    assert float(histories.weight @ none) == pytest.approx((drawn.later == 0).sum(), rel=0.02)


def test_the_next_order_falls_before_its_median_for_half_of_them() -> None:
    rates = Rates(3.0, 6.0, 0.2, 6.0)
    drawn = draw(rates, 4_000, days=300, after=90, seed=9)
    histories = grouping.group(*drawn[:3])
    days = outlook.next_order_days(rates, histories, 0.5)
    soon = histories.where(*drawn[:3])
    due = days[soon] <= 90
    assert due.any()
    assert outlook.p_no_order(rates, histories, float(days[0]))[0] == pytest.approx(0.5, abs=1e-6)
    assert (drawn.later[due] > 0).mean() > 0.5


def test_a_value_passes_its_quantile_as_often_as_it_says() -> None:
    rates, history = Rates(2.0, 8.0, 0.5, 5.0), one(6, 300, 320)
    chance, size, total = np.random.default_rng(3), 40_000, 30_000
    alive = chance.random(size) < outlook.p_alive(rates, history)[0]
    rate = chance.gamma(rates.r + 6, 1 / (rates.alpha + 320 / 7), size)
    leave = chance.beta(rates.a, rates.b + 6, size)
    stayed = chance.geometric(leave)
    orders = np.where(alive, np.minimum(chance.poisson(rate * 365 / 7), stayed), 0)
    nu = chance.gamma(SPENDING.p * 6 + SPENDING.q, 1 / (SPENDING.gamma + total), size)
    value = np.where(orders > 0, chance.gamma(np.maximum(SPENDING.p * orders, 1e-9)) / nu, 0.0)
    for share in (0.5, 0.9):
        told = outlook.value_quantile(rates, SPENDING, history, 365, share)[0] * (SPENDING.gamma + total)
        assert (value <= told).mean() == pytest.approx(share, abs=0.015)
    assert value.mean() == pytest.approx(
        outlook.expected_value(SPENDING, history, [total], outlook.expected_orders(rates, history, 365))[0], rel=0.03
    )


def test_who_bought_once_and_who_bought_a_thousand_times_are_finite() -> None:
    histories = grouping.group([0, 1, 1_000, 3_000], [0, 1, 1_200, 3_001], [0, 3_000, 1_201, 3_001])
    for rates in (PUBLISHED, Rates(1e-4, 1e-4, 1e5, 1e-4), Rates(1e3, 1e5, 1e-4, 1e5), Rates(0.02, 0.5, 0.01, 0.3)):
        for told in (
            outlook.p_alive(rates, histories),
            outlook.expected_orders(rates, histories, 365),
            outlook.p_no_order(rates, histories, 90),
        ):
            assert np.isfinite(told).all()
            assert (told >= 0).all()


def test_a_backtest_says_how_far_off_it_was_by_class() -> None:
    test = calibration.compare([0, 0, 1, 9], [0.1, 0.1, 1.0, 3.0], [0, 1, 1, 2], [10, 1, 4, 1])
    assert test.customers == 16
    assert test.total_error == pytest.approx((1.1 + 4 + 3) / 7 - 1)
    assert test.mae == pytest.approx((10 * 0.1 + 0.9 + 0 + 1) / 16)
    assert test.rmse == pytest.approx(((10 * 0.01 + 0.81 + 0 + 1) / 16) ** 0.5)
    assert [(one.frequency, one.customers) for one in test.classes] == [(0, 11), (1, 4), (7, 1)]
    assert test.factor == pytest.approx(7 / 8.1)
    assert calibration.compare([0], [0.0], [0], [5]).total_error is None


def test_gates_say_what_is_missing() -> None:
    assert gates.missing(Standing(500, 180, 30, 1)) == ()
    said = [gate.said for gate in gates.missing(Standing(499, 179, None, 0))]
    assert said == ["499 so far", "179 so far", "none yet", "nobody yet"]
    assert [gate.said for gate in gates.missing(Standing(900, 400, 31, 4))] == ["the last was 31 days ago"]
