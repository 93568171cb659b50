from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.loyalty import rules
from thereafter.loyalty.rules import Programme, Spent


def euros(items: int, total: int | None = None) -> Spent:
    return Spent(items_minor=items, total_minor=items if total is None else total, currency="EUR", exponent=2)


@pytest.mark.parametrize(
    ("minor", "exponent", "rate", "points"),
    [
        (8990, 2, Fraction(1), 89),
        (99, 2, Fraction(1), 0),
        (29, 2, Fraction(100), 29),  # 0.29 x 100 is 28.999... in floats
        (8990, 0, Fraction(1), 8990),  # yen have no cents
        (8990, 3, Fraction(1), 8),  # dinars have a thousand
        (4000, 2, Fraction(7, 4), 70),
        (-500, 2, Fraction(1), 0),
    ],
)
def test_points_are_the_whole_units_of_currency(minor: int, exponent: int, rate: Fraction, points: int) -> None:
    spent = Spent(items_minor=minor, total_minor=minor, currency="EUR", exponent=exponent)
    assert rules.points_for_order(spent, rate) == points


def test_a_discount_of_the_whole_order_earns_nothing() -> None:
    assert rules.items_after_discounts(lines_minor=10000, line_count=2, paid_minor=9000) == 9000


def test_a_cent_lost_to_rounding_is_no_discount() -> None:
    assert rules.items_after_discounts(lines_minor=10000, line_count=2, paid_minor=9998) == 10000


def test_half_of_the_money_back_takes_half_of_the_points() -> None:
    snapshot = rules.decision(euros(4000), Programme(order_rate=Fraction(7, 4)))
    assert snapshot["points"] == 70
    assert rules.points_still_due(snapshot, 2000) == 35


def test_many_partial_refunds_leak_no_point() -> None:
    snapshot = rules.decision(euros(1000), Programme())
    due = [rules.points_still_due(snapshot, back) for back in (0, 333, 666, 1000)]
    assert due == [10, 6, 3, 0]


def test_shipping_that_is_refunded_with_everything_takes_all_points_and_no_more() -> None:
    snapshot = rules.decision(euros(9990, total=12755), Programme())
    assert rules.points_still_due(snapshot, 12755) == 0
    assert rules.points_still_due(snapshot, 99999) == 0


def test_points_follow_the_money_of_a_refund_and_many_refunds_leak_none() -> None:
    def back(refunded: int, total: int = 10000) -> tuple[int, int]:
        return rules.points_of_refund(100, 500, refunded_minor=refunded, total_minor=total)

    assert back(4000) == (40, 200)
    assert [back(refunded) for refunded in (3333, 6666, 10000, 99999)] == [(33, 167), (67, 333), (100, 500), (100, 500)]
    assert back(-1) == back(5, total=0) == (0, 0)


@given(st.integers(0, 10**7), st.integers(0, 10**5), st.lists(st.integers(0, 10**7), max_size=5))
def test_what_is_still_due_never_grows(items: int, shipping: int, refunds: list[int]) -> None:
    snapshot = rules.decision(euros(items, items + shipping), Programme())
    due = [rules.points_still_due(snapshot, sum(refunds[:number])) for number in range(len(refunds) + 1)]
    assert due[0] == snapshot["points"]
    assert due == sorted(due, reverse=True)
    assert min(due) >= 0


@given(st.integers(0, 500), st.lists(st.integers(0, 100), max_size=8))
def test_an_allocation_takes_all_there_is_before_it_owes(points: int, lots: list[int]) -> None:
    parts, owed = rules.allocate(points, lots)
    assert sum(parts) + owed == points
    assert all(0 <= part <= left for part, left in zip(parts, lots, strict=True))
    assert owed == max(0, points - sum(lots))


@pytest.mark.parametrize("postings", [rules.credit_postings(7), rules.debit_postings(5, 2), rules.repay_postings(7)])
def test_postings_sum_to_zero(postings: dict[str, int]) -> None:
    assert sum(postings.values()) == 0
