"""The likelihoods against plain Python and against what is published; what happens where there is little to learn."""

import csv
from math import lgamma, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad

from thereafter.insights.rules.clv import bgnbd, gamma_gamma, grouping
from thereafter.insights.rules.clv.bgnbd import NothingRepeated
from thereafter.insights.tests.clv_makers import PUBLISHED, draw, plain_likelihood, sample

positive = st.floats(0.05, 20)
parameters = st.tuples(positive, positive, positive, positive)
bought = st.tuples(st.integers(0, 40), st.integers(1, 700), st.integers(0, 700)).map(
    lambda told: (told[0], told[1] if told[0] else 0, told[1] * bool(told[0]) + told[2])
)


@settings(max_examples=60, deadline=None)
@given(parameters, st.lists(bought, min_size=1, max_size=12))
def test_the_likelihood_is_that_of_the_paper_customer_by_customer(
    values: tuple[float, ...], customers: list[tuple[int, int, int]]
) -> None:
    histories = grouping.group(*np.array(customers * 2).T)
    plain = sum(plain_likelihood(values, x, t_x / 7, t / 7) for x, t_x, t in customers * 2)
    assert bgnbd.log_likelihood(np.array(values), histories) == pytest.approx(plain, rel=1e-9, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(parameters, st.lists(bought, min_size=1, max_size=12))
def test_the_gradient_is_that_of_the_likelihood(
    values: tuple[float, ...], customers: list[tuple[int, int, int]]
) -> None:
    evidence = bgnbd.Evidence(grouping.group(*np.array(customers).T))
    at = np.array(values)
    off = check_grad(
        lambda logs: evidence.likelihood(np.exp(logs))[0],
        lambda logs: evidence.likelihood(np.exp(logs))[1] * np.exp(logs),
        np.log(at),
    )
    assert off <= 1e-4 * (1 + abs(evidence.likelihood(at)[0]))


def test_the_published_sample_gives_the_published_rates_and_likelihood() -> None:
    found = bgnbd.fit(sample())
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert found.values == pytest.approx(PUBLISHED.values, abs=6e-4)
    assert found.told
    assert found.covariance is not None
    # A standard error is what moving one parameter alone would at least allow.
    assert 0.02 < float(np.sqrt(found.covariance[0, 0])) < 0.08


def test_the_published_sample_gives_the_published_spending(shared_data: Path) -> None:
    with (shared_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv").open() as file:
        rows = np.array([[float(cell) for cell in row] for row in list(csv.reader(file))[1:]])
    spends = gamma_gamma.group(rows[:, 1].astype(int), np.rint(rows[:, 1] * rows[:, 4] * 100))
    found = gamma_gamma.fit(spends, unit=0.01)
    assert (found.p, found.q, found.gamma) == pytest.approx((6.25, 3.74, 15.44), rel=2e-3)


def test_a_customer_spends_between_their_own_mean_and_everybodys() -> None:
    told = gamma_gamma.Spending(6.25, 3.74, 15.44)
    # The published note: 24.65, 18.91 and, for who came once, 35.17 (from unrounded parameters).
    assert told.expected([2, 1, 0], [44.70, 11.77, 0]) == pytest.approx([24.65, 18.91, 35.17], rel=2e-3)


def test_spending_has_the_likelihood_and_gradient_of_the_paper() -> None:
    chance = np.random.default_rng(4)
    x, total = chance.integers(1, 9, 80), chance.integers(300, 90_000, 80)
    spends, p, q, gamma = gamma_gamma.group(x, total), 3.1, 2.7, 1.9
    means = total / x
    plain = sum(
        lgamma(p * n + q) - lgamma(p * n) - lgamma(q) + q * log(gamma)
        + (p * n - 1) * log(m) + p * n * log(n) - (p * n + q) * log(gamma + n * m)
        for n, m in zip(x.tolist(), (means / 1000).tolist(), strict=True)
    )  # fmt: skip
    evidence = gamma_gamma.Evidence(spends, 1000)
    at = np.array([p, q, gamma])
    assert evidence.likelihood(at)[0] == pytest.approx(plain, rel=1e-9)
    assert check_grad(lambda v: evidence.likelihood(v)[0], lambda v: evidence.likelihood(v)[1], at) < 1e-2


def test_drawn_customers_give_back_what_they_were_drawn_from() -> None:
    drawn = draw(PUBLISHED, 6_000, days=500, after=0, seed=7)
    found = bgnbd.fit(grouping.group(*drawn[:3]))
    assert found.covariance is not None
    off = np.abs(np.log(found.values / PUBLISHED.values)) / np.sqrt(np.diag(found.covariance))
    # Days hold one purchase, so a little of the fastest buying is lost.
    assert (off < 3.5).all()


def test_grouping_customers_changes_nothing() -> None:
    drawn = draw(PUBLISHED, 500, days=300, after=0, seed=2)
    histories = grouping.group(*drawn[:3])
    assert histories.customers == 500
    again = grouping.group(histories.frequency, histories.recency, histories.age, histories.weight)
    assert (again.weight == histories.weight).all()
    places = histories.where(*drawn[:3])
    assert (histories.frequency[places] == drawn.frequency).all()
    assert (histories.recency[places] == drawn.recency).all()
    assert (histories.age[places] == drawn.age).all()


def test_where_nobody_came_back_nothing_is_told() -> None:
    with pytest.raises(NothingRepeated, match="second time"):
        bgnbd.fit(grouping.group([0, 0, 0], [0, 0, 0], [10, 200, 300]))


@pytest.mark.parametrize("customers", [[(3, 100, 120)], [(2, 50, 90)] * 400], ids=["one customer", "all the same"])
def test_too_little_to_learn_from_gives_no_interval(customers: list[tuple[int, int, int]]) -> None:
    found = bgnbd.fit(grouping.group(*np.array(customers).T))
    assert np.isfinite(found.values).all()
    assert not found.told
    assert found.covariance is not None
    assert np.isfinite(found.covariance).all()


def test_where_all_spend_the_same_or_nobody_pays_spending_is_not_told() -> None:
    with pytest.raises(ValueError, match="exactly the same"):
        gamma_gamma.fit(gamma_gamma.group([1, 2, 3], [1000, 2000, 3000]))
    with pytest.raises(ValueError, match="second purchase"):
        gamma_gamma.fit(gamma_gamma.group([0, 2], [0, 0]))


@pytest.mark.parametrize("wrong", [(-1, 0, 5), (1, 9, 5), (0, 3, 5), (2, 0, 5)])
def test_a_history_that_cannot_be_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"purchase"):
        grouping.group(*([one] for one in wrong))
