from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.returns.rules.money import formulas
from thereafter.returns.rules.money.bought import Value
from thereafter.returns.rules.money.exchanges import Exchange, settle
from thereafter.returns.rules.money.fees import Fee, Terms
from thereafter.returns.rules.money.holds import Happening, Hold, happen, replay

SWAP = Exchange(returned=Value(4000, 320), new=Value(5500, 440))


def test_the_shopper_pays_what_the_new_goods_cost_more() -> None:
    found = settle(SWAP)
    assert (found.own_value, found.charge, found.refund) == (4320, 1620, 0)


def test_a_variant_of_the_same_item_keeps_the_price_that_was_paid() -> None:
    found = settle(replace(SWAP, locked=True))
    assert (found.charge, found.refund) == (0, 0)


def test_a_fee_lessens_the_own_value_and_never_below_nothing() -> None:
    fee = Fee(kind="flat_per_return", amount=5000)
    found = settle(replace(SWAP, fees=(fee,)))
    assert (found.own_value, found.fees, found.charge) == (0, 4320, 5940)
    assert settle(replace(SWAP, fees=(fee,), terms=Terms(fault="shop"))).own_value == 4320


def test_a_claim_costs_the_shopper_nothing_and_the_shop_knows_what() -> None:
    found = settle(replace(SWAP, returned=Value(), absorbed=True))
    assert (found.charge, found.absorbed) == (0, 5940)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**4))
def test_credit_for_exchanges_is_used_last_and_never_becomes_money(own: int, new: int, credit: int, post: int) -> None:
    found = settle(Exchange(returned=Value(own), new=Value(new), only_credit=credit, outbound_shipping=post))
    assert found.refund <= own
    assert not (found.refund and (found.charge or found.credit_used))
    assert found.credit_used + found.credit_forfeited == credit
    assert own + found.credit_used + found.charge == new + post + found.refund


HELD = happen(Hold(amount=100, days=14, due=12000), Happening(0, "authorised"))


def test_the_deadline_takes_the_whole_price_where_only_a_token_was_held() -> None:
    assert HELD.state == "held"
    late = happen(HELD, Happening(15, "deadline_passed_no_scan"))
    assert (late.held, late.captured, late.state) == (0, 12000, "captured")
    assert replay(late, [Happening(20, "returned"), Happening(21, "returned")]).refunded == 12000


def test_what_came_back_in_time_is_never_captured_whatever_is_told_later() -> None:
    told = [Happening(15, "deadline_passed_no_scan"), Happening(6, "dropped_off")]
    after = replay(HELD, told)
    assert (after.held, after.captured, after.state) == (0, 0, "released")


def test_a_hold_that_was_let_go_is_held_again() -> None:
    again = replay(HELD, [Happening(7, "lapsed"), Happening(7, "reauthorised")])
    assert (again.held, again.secured) == (100, True)
    assert happen(HELD, Happening(3, "cancelled")).state == "released"


def test_the_most_of_empties_is_chosen() -> None:
    cheap = formulas.recycling(7, each=100, bundle=5, bundle_worth=300)
    dear = formulas.recycling(7, each=100, bundle=5, bundle_worth=900)
    assert (cheap.best, dear.best) == (700, 1100)
    assert formulas.recycling(4, each=100, bundle=5).with_one_bundle == 400


def test_sums_without_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="more than zero"):
        formulas.price_reduction(paid=1, worth_if_conforming=0, worth_as_received=0)
    with pytest.raises(ValueError, match="term"):
        formulas.contract_rest(price=1, term=0, elapsed=0, claims_paid=0)
    with pytest.raises(ValueError, match="bundle"):
        formulas.recycling(1, each=1, bundle=0)


def test_a_better_item_than_was_bought_is_no_reason_to_pay_more() -> None:
    assert formulas.price_reduction(paid=8000, worth_if_conforming=100, worth_as_received=120) == 0
