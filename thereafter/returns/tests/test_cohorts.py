"""How much of what was delivered comes back."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.kit.shares import share, spread, wilson
from thereafter.returns.rules.figures import cohorts
from thereafter.returns.rules.figures.advice import advice
from thereafter.returns.rules.figures.cohorts import Curve, Delivered, Returned

TODAY = date(2026, 11, 2)


def came(on: date, units: int = 1, product: int = 1, price: int = 1000) -> Delivered:
    return Delivered(1, on, units, product, "42", "DE", "dhl", price)


def back(of: Delivered, days: int = 10, reason: str = "size_small") -> Returned:
    return Returned(of, of.on + timedelta(days=days), reason, 1)


def test_what_came_back_counts_in_the_week_of_its_delivery() -> None:
    september, october = came(date(2026, 9, 30), 20), came(date(2026, 10, 14), 20)
    # It comes back in October; its cohort is September.
    found = cohorts.cohorts([september, october], [back(september, 20)], step="month", past=Curve((), 45), today=TODAY)
    assert [(one.first.month, one.sums.returned, one.sums.delivered) for one in found] == [(9, 1, 20), (10, 0, 20)]


def test_a_young_cohort_is_open_and_says_how_much_has_usually_come() -> None:
    past = Curve(sorted([5] * 60 + [20] * 40), 45)
    (found,) = cohorts.cohorts([came(TODAY - timedelta(days=3), 20)], [], step="week", past=past, today=TODAY)
    # Its week ended on Sunday, yesterday: of nothing delivered then has anything come.
    assert (found.last, found.come_by, found.is_complete) == (date(2026, 11, 1), 0.0, False)
    (older,) = cohorts.cohorts([came(TODAY - timedelta(days=10), 20)], [], step="week", past=past, today=TODAY)
    assert (older.come_by, older.is_complete) == (0.6, False)
    (oldest,) = cohorts.cohorts([came(TODAY - timedelta(days=30), 20)], [], step="week", past=past, today=TODAY)
    assert oldest.is_complete


def test_without_a_past_a_cohort_is_complete_when_nothing_more_may_come() -> None:
    assert (Curve((1, 2), 58).complete_after, Curve((1, 2), 58).share_by(57), Curve((1, 2), 58).share_by(58)) == (
        58, None, 1.0,
    )  # fmt: skip


def test_the_curve_is_drawn_from_old_deliveries_only() -> None:
    old, new = came(TODAY - timedelta(days=120)), came(TODAY - timedelta(days=20))
    assert list(cohorts.curve([back(old, 12), back(new, 3)], TODAY, 58).days) == [12]


def test_the_value_rate_weighs_by_price() -> None:
    cheap, dear = came(TODAY, 9, price=1000), came(TODAY, 1, price=11_000)
    sums = cohorts.tally([cheap, dear], [back(dear)])
    assert (sums.returned / sums.delivered, sums.value_rate) == (0.1, 0.55)


def test_no_rate_is_told_of_a_few_units() -> None:
    assert cohorts.tally([came(TODAY, 9)], []).rate is None
    assert cohorts.tally([came(TODAY, 10)], []).rate is not None


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(counts: tuple[int, int]) -> None:
    part, whole = counts
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole <= high <= 1


def test_spread_is_by_the_nearest_rank() -> None:
    assert spread([5, 1, 2, 3, 4, 6, 7, 8, 9, 10]) == (5, 9, 10)
    assert spread([1.0], enough=2) is None
    assert share(1, 0) is None


@pytest.mark.parametrize(
    ("reasons", "head"),
    [
        ({"size_small": 31, "changed_mind": 19}, "Runs small"),
        ({"changed_mind": 40, "size_small": 4}, ""),
        ({"size_small": 4}, ""),
        ({"unsaid": 10}, ""),
    ],
)
def test_a_reason_is_named_only_when_it_stands_out(reasons: dict[str, int], head: str) -> None:
    found = advice(reasons)
    assert (found.hint.head if found else "") == head
