"""The numbers of published tables, and what must hold for any answers."""

from collections import Counter
from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thereafter.kit import scores
from thereafter.kit.comparing import HIGHER, LOWER, NO_CHANGE, TOO_FEW, compare
from thereafter.kit.scores import SCALES
from thereafter.kit.student import quantile95, two_sided_p


def nps_of(promoters: int, passives: int, detractors: int) -> scores.Nps:
    return scores.nps({9: promoters, 8: passives, 6: detractors})


def answers(kind: str) -> st.SearchStrategy[Counter[int]]:
    scale = SCALES[kind]
    given_scores = st.lists(st.integers(scale.low, scale.high), min_size=2, max_size=60)
    return given_scores.map(Counter)


@pytest.mark.parametrize(
    ("answered", "score", "margin", "middle", "adjusted"),
    [
        ((50, 30, 20), 30.00, 15.31, 29.13, 15.08),
        ((6, 3, 1), 50.00, 41.58, 38.46, 38.66),
        ((500, 300, 200), 30.00, 4.84, 29.91, 4.83),
    ],
)
def test_nps_and_its_intervals_are_those_of_the_tables(
    answered: tuple[int, int, int], score: float, margin: float, middle: float, adjusted: float
) -> None:
    found = nps_of(*answered)
    assert found.score == pytest.approx(score, abs=0.005)
    assert found.margin == pytest.approx(margin, abs=0.005)
    assert found.low == pytest.approx(middle - adjusted, abs=0.011)
    assert found.high == pytest.approx(middle + adjusted, abs=0.011)


def test_ten_promoters_of_ten_are_not_certain() -> None:
    found = nps_of(10, 0, 0)
    assert found.margin == 0, "the usual interval is wrong here"
    assert (round(found.low or 0, 1), found.high) == (47.5, 100.0)


def test_nps_counts_9_and_10_as_promoters_and_0_to_6_as_detractors() -> None:
    found = scores.nps(dict.fromkeys(range(11), 1))
    assert (found.promoters, found.passives, found.detractors, found.n) == (2, 2, 7, 11)


def test_so_many_answers_give_a_margin() -> None:
    assert scores.answers_for_nps(5, promoters=0.5, detractors=0.2) == 938
    assert scores.answers_for_nps(10, promoters=0.5, detractors=0.2) == 235
    assert scores.answers_for_share(5) == 385


@pytest.mark.parametrize(("satisfied", "n", "low", "high"), [(80, 100, 71.1, 86.7), (10, 10, 72.2, 100.0)])
def test_csat_has_the_interval_of_wilson(satisfied: int, n: int, low: float, high: float) -> None:
    found = scores.reading("csat", {5: satisfied, 2: n - satisfied})
    assert found.value == pytest.approx(100 * satisfied / n)
    assert (round(found.low or 0, 1), round(found.high or 0, 1)) == (low, high)


def test_ces_is_a_mean_with_the_interval_of_student() -> None:
    # 7 7 6 5 3: mean 5.6, s = 1.6733, t(4) = 2.7764, so the margin is 2.0777.
    found = scores.ces({7: 2, 6: 1, 5: 1, 3: 1})
    assert found.mean == pytest.approx(5.6)
    assert found.low == pytest.approx(3.5223, abs=0.0005)
    assert found.high == 7.0, "never above the scale"
    assert found.agreed == 4
    assert found.share == pytest.approx(0.8)
    assert found.index == pytest.approx(40.0)
    assert found.share_low == pytest.approx(0.3755, abs=0.0005)


def test_one_answer_tells_nothing_of_the_mean_and_answers_all_alike_are_not_certain() -> None:
    lone, alike = scores.ces({6: 1}), scores.ces({6: 10})
    assert (lone.low, lone.high) == (1.0, 7.0)
    assert (alike.low or 0) < 6 < (alike.high or 0)


def test_nobody_answered() -> None:
    for kind in SCALES:
        found = scores.reading(kind, {})
        assert (found.n, found.value, found.low, found.high) == (0, None, None, None)
        assert compare(kind, {}, {5: 9}).verdict == TOO_FEW


@pytest.mark.parametrize(
    ("degrees", "t"), [(1, 12.7062), (2, 4.3027), (4, 2.7764), (9, 2.2622), (30, 2.0423), (120, 1.9799), (1e6, 1.9600)]
)
def test_quantiles_of_student_are_those_of_the_tables(degrees: float, t: float) -> None:
    assert quantile95(degrees) == pytest.approx(t, abs=0.0001)


def test_probabilities_of_student_are_those_of_closed_forms() -> None:
    assert two_sided_p(1.0, 1) == pytest.approx(0.5), "Cauchy: half lies within 1"
    assert two_sided_p(2.0, 2) == pytest.approx(1 - 2 / 6**0.5), "two degrees: 1 - t / sqrt(2 + t²)"
    assert two_sided_p(0.0, 7) == 1.0


def test_30_against_45_of_a_hundred_each_is_no_significant_change() -> None:
    found = compare("nps", {10: 60, 8: 25, 6: 15}, {10: 50, 8: 30, 6: 20})
    assert found.difference == pytest.approx(15)
    assert round(found.z or 0, 2) == 1.39
    assert found.p == pytest.approx(0.163, abs=0.001)
    assert (found.verdict, found.is_significant) == (NO_CHANGE, False)


def test_the_same_difference_of_a_thousand_each_is_significant() -> None:
    now, before = {10: 600, 8: 250, 6: 150}, {10: 500, 8: 300, 6: 200}
    assert compare("nps", now, before).verdict == HIGHER
    assert compare("nps", before, now).verdict == LOWER


def test_csat_is_compared_by_two_proportions() -> None:
    # 80 and 70 of 100: pooled 0.75, error 0.061237, z = 1.633; Newcombe: -2.0 to 21.7.
    found = compare("csat", {5: 80, 1: 20}, {4: 70, 2: 30})
    assert found.z == pytest.approx(1.633, abs=0.0005)
    assert found.p == pytest.approx(0.1025, abs=0.0005)
    assert (round(found.low or 0, 1), round(found.high or 0, 1)) == (-2.0, 21.7)
    assert found.verdict == NO_CHANGE


def test_ces_is_compared_by_welch() -> None:
    # 7 7 6 5 3 (mean 5.6, variance 2.8) and 4 4 3 1 (3.0, 2.0): t = 2.6 / sqrt(1.06), 6.94 degrees.
    found = compare("ces", {7: 2, 6: 1, 5: 1, 3: 1}, {4: 2, 3: 1, 1: 1})
    assert found.z == pytest.approx(2.5253, abs=0.0005)
    assert found.test == "Welch t, 6.9 degrees"
    assert found.p == pytest.approx(0.0398, abs=0.001)
    assert found.verdict == HIGHER


def test_a_handful_of_promoters_does_not_beat_another_handful() -> None:
    # The plain test has no spread here and would call any difference certain.
    assert compare("nps", {10: 5}, {10: 4, 8: 1}).verdict == NO_CHANGE


@pytest.mark.parametrize("kind", list(SCALES))
def test_groups_without_spread_are_told_apart(kind: str) -> None:
    scale = SCALES[kind]
    found = compare(kind, {scale.high: 200}, {scale.low: 200})
    assert found.verdict == HIGHER
    assert compare(kind, {scale.high: 200}, {scale.high: 200}).verdict == NO_CHANGE


@pytest.mark.parametrize("kind", list(SCALES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_score_lies_on_its_scale_and_in_its_interval(kind: str, data: st.DataObject) -> None:
    counts = data.draw(answers(kind))
    found = scores.reading(kind, counts)
    lowest, highest = {"nps": (-100, 100), "csat": (0, 100), "ces": (1, 7)}[kind]
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert lowest <= found.low <= found.high <= highest
    assert lowest <= found.value <= highest
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9


@pytest.mark.parametrize("kind", list(SCALES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_comparison_turned_round_says_the_opposite(kind: str, data: st.DataObject) -> None:
    ours, theirs = data.draw(answers(kind)), data.draw(answers(kind))
    there, back = compare(kind, ours, theirs), compare(kind, theirs, ours)
    assert there.z == pytest.approx(-(back.z or 0))
    assert there.p == pytest.approx(back.p)
    assert there.difference == pytest.approx(-(back.difference or 0))
    assert there.is_significant == back.is_significant
    assert 0 <= (there.p or 0) <= 1


@settings(max_examples=40, deadline=None)
@given(counts=answers("nps"), times=st.integers(2, 50))
def test_more_of_the_same_answers_narrow_the_interval(counts: Counter[int], times: int) -> None:
    few, many = scores.nps(counts), scores.nps({score: n * times for score, n in counts.items()})
    assert few.score is not None
    assert many.score is not None
    assert isclose(few.score, many.score, abs_tol=1e-9)
    assert (many.high or 0) - (many.low or 0) < (few.high or 0) - (few.low or 0)


@pytest.mark.parametrize(("n", "usual", "adjusted"), [(10, 56.5, 96.0), (30, 75.5, 96.5), (100, 92.3, 96.3)])
def test_the_adjusted_interval_holds_where_the_usual_one_does_not(n: int, usual: float, adjusted: float) -> None:
    """92 % promoters and 2 % detractors, 20,000 draws: how often each interval has the truth in it."""
    draws = np.random.default_rng(7).multinomial(n, [0.92, 0.06, 0.02], size=20_000)
    seen: Counter[tuple[int, int, int]] = Counter(map(tuple, draws.tolist()))
    held = dict.fromkeys(("usual", "adjusted"), 0)
    for drawn, times in seen.items():
        found = nps_of(*drawn)
        assert found.score is not None
        assert found.margin is not None
        held["usual"] += times * (abs(found.score - 90) <= found.margin + 1e-9)
        held["adjusted"] += times * ((found.low or 0) <= 90 <= (found.high or 0))
    assert held["usual"] / 200 == pytest.approx(usual, abs=1.2)
    assert held["adjusted"] / 200 == pytest.approx(adjusted, abs=0.6)
