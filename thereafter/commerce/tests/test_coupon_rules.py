"""What a code is worth and when it is good: pure rules."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.commerce.rules import coupons
from thereafter.commerce.rules.coupons import AMOUNT, PERCENT, SHIPPING, Basket, Item, Standing, Terms, judge

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
TEN = Terms(PERCENT, 1000, "EUR")
FREE = Standing()


def verdict(terms: Terms, basket: Basket, standing: Standing = FREE, customer: int | None = None) -> tuple[int, str]:
    found = judge(terms, standing, basket, customer=customer, now=NOW)
    assert found.valid == (not found.reason)
    return found.amount_minor, found.reason


@given(total=st.integers(0, 10**9), share=st.integers(1, 10_000))
def test_a_share_is_rounded_half_up_and_never_more_than_the_basket(total: int, share: int) -> None:
    amount, _ = verdict(Terms(PERCENT, share, "EUR"), Basket(total, "EUR"))
    assert 0 <= amount <= total
    assert abs(amount - total * share / 10_000) <= 0.5


def test_an_amount_takes_off_no_more_than_there_is() -> None:
    five = Terms(AMOUNT, 500, "EUR")
    assert verdict(five, Basket(9990, "EUR")) == (500, "")
    assert verdict(five, Basket(300, "EUR")) == (300, "")
    assert verdict(five, Basket(9990, "USD")) == (0, "other_currency")


def test_free_shipping_takes_off_what_shipping_costs() -> None:
    found = judge(Terms(SHIPPING, 0, "EUR"), FREE, Basket(5000, "EUR", shipping_minor=490), customer=None, now=NOW)
    assert (found.valid, found.amount_minor, found.free_shipping) == (True, 490, True)


def test_the_minimum_includes_itself() -> None:
    terms = Terms(PERCENT, 1000, "EUR", minimum_minor=5000)
    assert verdict(terms, Basket(5000, "EUR")) == (500, "")
    assert verdict(terms, Basket(4999, "EUR")) == (0, "below_minimum")


def test_a_code_for_some_products_takes_its_share_of_these_only() -> None:
    terms = Terms(PERCENT, 1000, "EUR", products=frozenset(("shoe",)))
    basket = Basket(15_000, "EUR", [Item("shoe", 10_000), Item("sock", 5_000)])
    assert verdict(terms, basket) == (1000, "")
    assert verdict(terms, Basket(5_000, "EUR", [Item("sock", 5_000)])) == (0, "no_product")


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing(expires_at=NOW), "expired"),
        (Standing(expires_at=NOW + timedelta(seconds=1)), ""),
        (Standing(is_redeemed=True), "redeemed"),
        (Standing(is_withdrawn=True), "withdrawn"),
        (Standing(owner=1), "customer_needed"),
    ],
)
def test_a_code_that_is_over_says_why(standing: Standing, reason: str) -> None:
    assert verdict(TEN, Basket(1000, "EUR"), standing)[1] == reason


def test_a_personal_code_is_good_for_its_owner_only() -> None:
    assert verdict(TEN, Basket(1000, "EUR"), Standing(owner=1), customer=1) == (100, "")
    assert verdict(TEN, Basket(1000, "EUR"), Standing(owner=1), customer=2) == (0, "other_customer")


def test_a_code_stands_alone_unless_it_may_be_combined() -> None:
    assert verdict(TEN, Basket(1000, "EUR", other_codes=1)) == (0, "not_combinable")
    both = Terms(PERCENT, 1000, "EUR", combinable=True)
    assert verdict(both, Basket(1000, "EUR", other_codes=1)) == (100, "")


def test_a_code_is_good_until_the_end_of_its_last_day_on_the_shops_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    # 30 days from 3 March end with 2 April, which is summer time over there.
    assert coupons.expiry(NOW, 30, berlin) == datetime(2026, 4, 2, 22, tzinfo=UTC)
    late = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    assert coupons.expiry(late, 0, berlin) == datetime(2026, 3, 4, 23, tzinfo=UTC)
    assert coupons.expiry(NOW, None, berlin) is None


def test_codes_have_no_letters_that_look_alike_and_make_no_words() -> None:
    codes = {coupons.make_code("SPRING", random.Random(at).choice) for at in range(500)}
    assert len(codes) == 500
    letters = set("".join(code.removeprefix("SPRING-") for code in codes)) - {"-"}
    assert not letters & set("01OILAEU")
    assert all(len(code) == len("SPRING-XXXXX-XXXXX") for code in codes)


def test_a_code_is_known_as_people_type_it() -> None:
    assert coupons.normal_code(" spring-k7qmx\u20139pwtd ") == "SPRING-K7QMX-9PWTD"
    assert coupons.normal_code("a\x00b\u00a0c") == "ABC"


def test_a_list_of_codes_is_read_with_its_heading_repeats_and_rubbish() -> None:
    found = coupons.read_list(["Code", "AAA", " aaa ", "", "B" * 70, "ÄÖ", "CCC"], known=["CCC"])
    assert (found.codes, found.repeated, [line for line, _ in found.refused]) == (["AAA"], 2, [5, 6])
