from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.returns.rules.money.allocation import half_up, share_of_units, spread
from thereafter.returns.rules.money.bought import Value, part_of
from thereafter.returns.rules.money.taxes import by_rate, rate_name


def test_the_largest_remainder_gets_the_spare_cent_and_a_tie_goes_to_the_earlier_line() -> None:
    assert spread(93, [10, 20, 10, 30, 50, 20, 10, 40]) == [5, 10, 5, 15, 24, 10, 5, 19]
    assert spread(299, [1000, 1000, 1000]) == [100, 100, 99]


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=20))
def test_shares_always_add_up_and_are_within_a_cent_of_their_weight(total: int, weights: list[int]) -> None:
    shares = spread(total, weights)
    assert sum(shares) == total
    fair = [Fraction(total * (weight or not any(weights)), sum(weights) or len(weights)) for weight in weights]
    assert all(abs(share - exact) < 1 for share, exact in zip(shares, fair, strict=True))


def test_nobody_to_share_among_and_a_negative_weight_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to spread"):
        spread(1, [])
    with pytest.raises(ValueError, match="negative"):
        spread(1, [2, -1])


@given(st.integers(0, 10**7), st.integers(1, 50))
def test_units_close_to_the_line_with_the_spare_cents_on_the_earlier_ones(total: int, quantity: int) -> None:
    ends = [share_of_units(total, quantity, count) for count in range(quantity + 1)]
    units = [after - before for before, after in pairwise(ends)]
    assert sum(units) == total
    assert units == sorted(units, reverse=True)
    assert units[0] - units[-1] <= 1


def test_a_half_goes_away_from_zero() -> None:
    assert [half_up(Fraction(number, 2)) for number in (-3, -1, 1, 3)] == [-2, -1, 1, 2]


@given(st.integers(0, 5000), st.integers(0, 900), st.lists(st.integers(1, 800), max_size=12))
def test_amounts_with_their_tax_close_to_the_line(net: int, tax: int, amounts: list[int]) -> None:
    whole = left = Value(net, tax)
    for amount in [*amounts, 10**9]:
        part = part_of(whole, left, min(amount, left.gross))
        assert 0 <= part.tax <= left.tax
        assert 0 <= part.net <= left.net
        left = left - part
    assert left == Value(0, 0)


@pytest.mark.parametrize(
    ("net", "tax", "name"),
    [
        (1000, 100, "10%"),
        (6723, 1277, "19%"),  # 18.994...%
        (10000, 888, "8.875%"),
        (10000, 550, "5.5%"),
        (10000, 0, ""),
        (0, 0, ""),
        (1, 2, "200%"),
        (700000, 123456, "17.64%"),
    ],
)
def test_a_rate_is_named_by_the_roundest_that_gives_the_stored_tax(net: int, tax: int, name: str) -> None:
    assert rate_name(Value(net, tax)) == name


def test_the_rate_that_the_order_names_wins() -> None:
    assert rate_name(Value(1000, 190), "19") == rate_name(Value(1000, 200), "19%") == "19%"
    assert by_rate([("19%", 5), ("", 3), ("7%", 0), ("19%", 1)]) == {"19%": 6}
