"""Statistics against values that were published, or against what a plain sort says."""

import random
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.insights.rules import changes, percentiles, rfm, survival
from thereafter.insights.rules.cohorts import DONE, RUNNING, UNRIPE, Ages, Cell, cumulative, rolling, together
from thereafter.insights.rules.concentration import concentration
from thereafter.insights.rules.intervals import difference, other_way, rate
from thereafter.insights.rules.lifecycle import lives
from thereafter.insights.rules.months import first_day_of, month_of
from thereafter.kit.shares import share

# Weeks of remission with 6-MP, 1 where it ended, 0 where the patient was last seen (Freireich et al. 1963).
FREIREICH = {(6, 1): 3, (6, 0): 1, (7, 1): 1, (9, 0): 1, (10, 1): 1, (10, 0): 1, (11, 0): 1, (13, 1): 1, (16, 1): 1} | {
    (17, 0): 1,
    (19, 0): 1,
    (20, 0): 1,
    (22, 1): 1,
    (23, 1): 1,
    (25, 0): 1,
    (32, 0): 2,
    (34, 0): 1,
    (35, 0): 1,
}
histograms = st.dictionaries(st.integers(0, 40), st.integers(1, 9), min_size=1, max_size=12)


def test_kaplan_meier_and_greenwood_as_in_the_textbooks() -> None:
    curve = survival.curve(FREIREICH)
    left = [(point.day, point.at_risk, round(1 - point.share, 4), round(point.error, 4)) for point in curve]
    assert left == [
        (6, 21, 0.8571, 0.0764),
        (7, 17, 0.8067, 0.0869),
        (10, 15, 0.7529, 0.0963),
        (13, 12, 0.6902, 0.1068),
        (16, 11, 0.6275, 0.1141),
        (22, 7, 0.5378, 0.1282),
        (23, 6, 0.4482, 0.1346),
    ]
    assert survival.median(curve) == 23
    assert all(0 <= point.low <= point.share <= point.high <= 1 for point in curve)


def test_with_everybody_seen_to_the_end_the_curve_is_the_share_of_who_did() -> None:
    curve = survival.curve({(3, 1): 2, (8, 1): 1, (30, 0): 7})
    assert [(point.day, round(point.share, 9)) for point in curve] == [(3, 0.2), (8, 0.3)]
    assert survival.by_day(curve, 2) is None
    last = survival.by_day(curve, 20)
    assert last is not None
    assert last.day == 8


def test_the_difference_of_two_shares_is_newcombes() -> None:
    gap = difference(share(56, 70), share(48, 80))
    assert gap is not None
    assert (round(gap.value, 4), round(gap.low, 4), round(gap.high, 4)) == (0.2, 0.0524, 0.3339)
    assert gap.is_sure_of_its_sign
    gap = difference(share(620, 9000), share(55, 1000))
    assert gap is not None
    assert (round(gap.low, 4), round(gap.high, 4)) == (-0.0028, 0.0275)
    assert difference(None, share(1, 2)) is None


def test_a_rate_has_the_exact_interval_of_a_poisson_count() -> None:
    ten, none = rate(10, 100), rate(0, 100)
    assert ten is not None
    assert none is not None
    assert (ten.value, round(ten.low, 3), round(ten.high, 3)) == (10.0, 4.795, 18.39)
    assert (none.low, round(none.high, 3)) == (0.0, 3.689)
    assert rate(3, 0) is None


def test_churn_is_what_retention_leaves() -> None:
    kept = share(30, 40)
    lost = other_way(kept)
    assert kept is not None
    assert lost is not None
    assert (lost.part, lost.whole, lost.value) == (10, 40, 0.25)
    assert (lost.low, lost.high) == (1 - kept.high, 1 - kept.low)


@given(histograms, st.floats(0.01, 1))
def test_percentiles_of_a_histogram_are_those_of_the_sorted_list(histogram: dict[int, int], at: float) -> None:
    values = sorted(chain.from_iterable([value] * n for value, n in histogram.items()))
    found = percentiles.at(histogram, at)
    assert found is not None
    below, up_to = (sum(value < found for value in values), sum(value <= found for value in values))
    assert below < at * len(values) + 1e-6
    assert up_to >= at * len(values) - 1e-6


@given(histograms, st.sampled_from((3, 5)))
def test_ties_share_a_score_and_no_score_holds_more_than_its_part_but_for_ties(
    histogram: dict[int, int], levels: int
) -> None:
    cuts, whole = rfm.cuts(histogram, levels), sum(histogram.values())
    assert len(cuts) == levels - 1
    assert list(cuts) == sorted(cuts)
    for value in histogram:
        below = sum(n for other, n in histogram.items() if other < value)
        # The share of those below decides, which is the same for all that are alike.
        assert rfm.level(value, cuts) == min(levels, 1 + below * levels // whole)
        assert rfm.recency_level(value, cuts) == levels + 1 - rfm.level(value, cuts)


def test_who_bought_once_in_a_shop_of_one_timers_scores_one_and_who_came_back_five() -> None:
    cuts = rfm.cuts({1: 90, 2: 7, 3: 3}, 5)
    assert [rfm.level(orders, cuts) for orders in (1, 2, 3)] == [1, 5, 5]


@pytest.mark.parametrize("levels", [3, 5])
def test_the_six_groups(levels: int) -> None:
    top = levels
    assert rfm.group(top, top, top, levels) == "champions"
    assert rfm.group(top, 1, 1, levels) == "recent"
    assert rfm.group(1, top, top, levels) == "at_risk"
    assert rfm.group(1, 1, 1, levels) == "inactive"
    assert rfm.group((1 + top) // 2, 1, 1, levels) == "attention"
    assert rfm.group((1 + top) // 2, top, top, levels) == "loyal"
    assert rfm.group(top, 1, top, levels) == "recent", "one large order makes nobody loyal"
    assert set(rfm.BY_KEY) == {
        rfm.group(r, f, m, levels) for r in range(1, top + 1) for f in range(1, top + 1) for m in range(1, top + 1)
    }


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30).filter(any))
def test_concentration_is_that_of_the_list(money: list[int]) -> None:
    found = concentration([(1, minor) for minor in money])
    n, whole = len(money), sum(money)
    gini = sum(abs(one - two) for one in money for two in money) / (2 * n * whole)
    assert found.gini == pytest.approx(gini)
    if n % 5 == 0:
        assert found.top_fifth == pytest.approx(sum(sorted(money)[-n // 5 :]) / whole)
    assert found.curve[0] == (0.0, 0.0)
    assert found.curve[-1] == pytest.approx((1.0, 1.0))


def test_eighty_per_cent_from_a_fifth() -> None:
    found = concentration([(20, 8000), (80, 2000)])
    assert found.top_fifth == pytest.approx(0.8)
    assert found.eighty == pytest.approx(0.2)
    nobody = concentration([(5, 0)])
    assert (nobody.top_fifth, nobody.gini, nobody.curve) == (None, None, [])


def test_a_customer_is_new_then_returning_then_dormant_and_comes_back_reactivated() -> None:
    # One customer buys in months 0, 2 and 9; three quiet months are allowed.
    found = lives({(0, 0): 1, (2, 2): 1, (9, 7): 1}, range(10), 3)
    told = [(one.new, one.returning, one.reactivated, one.dormant) for one in found.values()]
    assert told[0] == (1, 0, 0, 0)
    assert told[2] == (0, 1, 0, 0)
    assert told[3] == (0, 0, 0, 0)
    assert told[5] == (0, 0, 0, 1)
    assert told[9] == (0, 0, 1, 0)
    assert sum(map(sum, told)) == 4


def test_a_cell_is_ripe_when_all_of_the_cohort_had_its_time() -> None:
    march = month_of(first_day_of(24314))
    months = Ages(0, first_day_of(march + 2) + 10)
    assert [months.state(march, age) for age in range(4)] == [DONE, DONE, RUNNING, UNRIPE]
    assert months.most(march) == 3
    # Who came on the last of March has thirty days on the last of April.
    last = first_day_of(march + 1) - 1
    assert Ages(30, last + 30).state(march, 0) == DONE
    assert Ages(30, last + 29).state(march, 0) == UNRIPE


def test_rolling_falls_and_cumulative_rises() -> None:
    counts = {(1, 0): 5, (1, 1): 3, (1, 4): 2}
    assert [rolling(counts, 1, age) for age in range(6)] == [10, 5, 2, 2, 2, 0]
    assert [cumulative(counts, 1, age) for age in range(6)] == [5, 8, 8, 8, 10, 10]
    cells = together([(10, [Cell(1.0, 10, DONE), Cell(0.5, 5, DONE)]), (30, [Cell(1.0, 30, DONE)])], 3, each=True)
    assert [(cell.value, cell.state) for cell in cells] == [(1.0, DONE), (0.5, DONE), (None, UNRIPE)]


def test_chance_alone_is_seldom_called_more_than_noise() -> None:
    """Weeks of a shop with weekends and campaigns, nothing changed: about five of a hundred may seem so."""
    dice = random.Random(11)

    def day(number: int) -> int:
        busy = 40 * (1.5 if number % 7 > 4 else 1) * dice.choice((0.7, 1, 1, 1.4))
        return round(dice.gauss(busy, busy**0.5))

    called = sum(changes.of_counts([day(n) for n in range(7)], [day(n) for n in range(7)]).is_real for _ in range(1000))
    assert called < 70


def test_a_doubling_is_more_than_noise_and_few_tell_nothing() -> None:
    week = [40, 42, 38, 45, 50, 61, 58]
    doubled = changes.of_counts([2 * n for n in week], week)
    assert (doubled.relative, doubled.words) == (1.0, changes.REAL)
    assert changes.of_counts([2, 0, 1, 0, 1, 1, 0], [1, 0, 0, 0, 0, 1, 0]).words == changes.FEW
    assert changes.of_counts(week, week[::-1]).words == changes.NOISE
    assert changes.of_amounts([0.0] * 7, [0.0] * 7).p is None


def test_rates_and_shares_are_compared_with_what_they_rest_on() -> None:
    assert changes.of_rates((60, 1000), (30, 1000)).is_real
    assert not changes.of_rates((33, 1000), (30, 1000)).is_real
    assert changes.of_rates((3, 10), (1, 10)).p is None
    change = changes.of_shares(share(80, 100), share(60, 100))
    assert change is not None
    assert change.is_real
    assert changes.of_shares(None, share(1, 2)) is None
