from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from thereafter.returns.rules.money.bought import Bought, Line, NotAnOrder
from thereafter.returns.rules.money.fees import Fee, Terms
from thereafter.returns.rules.money.quotes import Quote, Request, Wanted
from thereafter.returns.rules.money.refunds import after, quote
from thereafter.returns.rules.money.refusals import (
    AmountMustBePositive,
    ExceedsRefundableAmount,
    ExceedsRefundableShipping,
    ExceedsReturnableQuantity,
    NothingSelected,
    QuantityMustBePositive,
    Refused,
    UnknownLine,
)
from thereafter.returns.tests.makers import back, bought, card, goodwill, line, posted


def test_an_amount_on_a_unit_is_counted_when_the_unit_comes_back() -> None:
    order = bought(line(price=1000, quantity=2, tax=460))
    order = after(order, quote(order, goodwill(500)))
    first = quote(order, back())
    assert (first.refund_total, first.refunded_total) == (730, 1230)
    assert quote(after(order, first), back()).refund_total == 1230


def test_an_amount_larger_than_a_unit_is_counted_against_the_next_ones_too() -> None:
    order = bought(line(price=1000, quantity=2))
    order = after(order, quote(order, goodwill(1500)))
    first = quote(order, back())
    assert first.refund_total == 0
    assert quote(after(order, first), back()).refund_total == 500


def test_units_may_come_back_with_a_deduction_that_is_kept_for_good() -> None:
    order = bought(line(price=1000, quantity=2, tax=400))
    part = quote(order, Request(items=(Wanted(line="L1", quantity=1, amount=600),)))
    assert (part.refund_total, part.items_tax, part.returned_quantity) == (600, 100, 1)
    assert quote(after(order, part), back()).refund_total == 1200


def test_a_gift_card_is_refunded_up_to_what_is_not_spent() -> None:
    order = bought(line(price=5000, quantity=2, unspent=7000))
    with pytest.raises(ExceedsRefundableAmount) as refused:
        quote(order, goodwill(7001))
    assert refused.value.most == 7000
    first = quote(order, back())
    second = quote(after(order, first), back())
    assert (first.refund_total, second.refund_total) == (5000, 2000)
    assert quote(after(order, first), back()).items[0].withheld.gross == 3000


def test_a_quote_can_be_kept_and_read_again() -> None:
    order = bought(line(price=1000, tax=190), tenders=(card(1190),))
    fee = Fee(kind="percent_of_items_net", percent=Decimal("12.5"), waived_for=frozenset({"late"}))
    found = quote(order, back(fees=(fee,)))
    assert found.fees_total == 125
    assert msgspec.json.decode(msgspec.json.encode(found), type=Quote) == found
    assert msgspec.json.decode(msgspec.json.encode(order), type=Bought) == order


def test_goods_may_come_back_when_nothing_is_left_but_a_mere_amount_may_not() -> None:
    order = bought(line(price=1000), tenders=(card(1000, pending=1000),))
    assert quote(order, back()).refund_total == 0
    with pytest.raises(ExceedsRefundableAmount) as refused:
        quote(order, goodwill(1))
    assert refused.value.most == 0


def test_what_another_ledger_says_is_left_is_the_most() -> None:
    order = bought(line(price=19900, discount=333, tax=398), cap=4194)
    found = quote(order, back())
    assert (found.items_net, found.items_tax, found.refund_total, found.unplaced) == (19567, 398, 4194, 15771)
    assert "Only 41.94 EUR can still be refunded on this order; 157.71 EUR more would have been due." in found.trace


@pytest.mark.parametrize(
    ("request_", "kind", "most"),
    [
        (Request(), NothingSelected, None),
        (back(quantity=4), ExceedsReturnableQuantity, 3),
        (back(quantity=0), QuantityMustBePositive, 3),
        (back("L9"), UnknownLine, None),
        (goodwill(3001), ExceedsRefundableAmount, 3000),
        (goodwill(-1), AmountMustBePositive, 3000),
        (Request(shipping=501), ExceedsRefundableShipping, 500),
        (Request(shipping=-1), AmountMustBePositive, 500),
        (Request(items=(Wanted(line="L1", quantity=2), Wanted(line="L1", quantity=2))), ExceedsReturnableQuantity, 1),
        (Request(items=(Wanted(line="L1", quantity=1, amount=1001),)), ExceedsRefundableAmount, 1000),
    ],
)
def test_what_is_not_there_is_refused_with_what_would_be(
    request_: Request, kind: type[Refused], most: int | None
) -> None:
    order = bought(line(price=1000, quantity=3), shipping=posted(500))
    with pytest.raises(kind) as refused:
        quote(order, request_)
    assert refused.value.most == most


def test_a_refusal_is_a_sentence_in_the_currency() -> None:
    assert ExceedsRefundableAmount(730).sentence("EUR") == (
        "That is more than is left: at most 7.30 EUR can still be refunded here."
    )
    assert "at most 1 of this item" in ExceedsReturnableQuantity(1).sentence()
    assert "at most 5 JPY of it" in ExceedsRefundableShipping(5).sentence("JPY", 0)


@pytest.mark.parametrize(
    "wrong",
    [{"quantity": 0}, {"discount": 1001}, {"tax": -1}, {"tax": 1001, "tax_included": True}, {"returned": 2}],
)
def test_figures_that_contradict_each_other_are_no_order(wrong: dict[str, Any]) -> None:
    with pytest.raises(NotAnOrder, match="Line A"):
        Line(**{"id": "A", "quantity": 1, "price": 1000, **wrong})


def withdrawn(**more: Any) -> Terms:
    return Terms(basis="withdrawal", **more)


def test_a_withdrawal_in_two_parts_brings_the_shipping_back_with_the_second() -> None:
    order = bought(line(price=1000, quantity=2), shipping=posted(1490, cheapest=490))
    first = quote(order, back(terms=withdrawn()))
    second = quote(after(order, first), back(terms=withdrawn()))
    assert (first.refund_total, second.refund_total) == (1000, 1490)


def test_a_generous_shop_may_give_more_shipping_than_the_law() -> None:
    order = bought(line(price=1000), shipping=posted(1490, cheapest=490))
    generous = back(terms=withdrawn(), shipping=1490, shipping_beyond_law=True)
    assert quote(order, generous).refund_total == 2490
    assert quote(order, back(terms=withdrawn(), shipping_beyond_law=True)).refund_total == 1490


def test_credit_after_a_withdrawal_needs_the_shoppers_word() -> None:
    order = bought(line(price=1000), tenders=(card(1000),))
    forced = back(terms=withdrawn(), destination="store_credit")
    assert [share.tender for share in quote(order, forced).shares] == ["card"]
    assert [share.tender for share in quote(order, replace(forced, agreed=True)).shares] == ["store_credit"]


def test_a_flat_fee_is_charged_once_in_a_case_of_two_parcels() -> None:
    order = bought(line(price=1000, quantity=2))
    fee = Fee(kind="flat_per_return", amount=300)
    first = quote(order, back(fees=(fee,)))
    second = quote(after(order, first), back(fees=(fee,), terms=Terms(charged_before=first.fees_total)))
    assert (first.refund_total, second.refund_total, second.fees_total) == (700, 1000, 0)


@pytest.mark.parametrize(
    ("fee", "terms"),
    [
        (Fee(kind="flat_per_return", amount=300, waived=True), Terms()),
        (Fee(kind="flat_per_item", amount=300, waived_for=frozenset({"size_small"})), Terms(reason="size_small")),
        (Fee(kind="flat_per_return", amount=300), Terms(fault="carrier")),
        (Fee(kind="flat_per_return", amount=300), Terms(basis="non_conformity")),
        (Fee(kind="flat_per_return", amount=300, reason="restocking"), withdrawn()),
        (Fee(kind="flat_per_return", amount=300, reason="postage"), withdrawn(told_postage=False)),
        (Fee(kind="flat_per_return", amount=300, reason="postage"), withdrawn(informed=False)),
        (Fee(kind="flat_per_return", amount=300, reason="diminished_value"), withdrawn(informed=False)),
        (Fee(kind="flat_per_return", amount=300, reason="postage"), withdrawn(fault="shop")),
    ],
)
def test_a_fee_that_is_waived_or_against_the_law_is_not_taken_and_that_is_said(fee: Fee, terms: Terms) -> None:
    found = quote(bought(line(price=1000)), back(fees=(fee,), terms=terms))
    assert (found.refund_total, found.fees_total) == (1000, 0)
    assert any(sentence.startswith("No ") for sentence in found.trace)


def test_the_trace_tells_the_whole_sum() -> None:
    order = bought(line(price=1000, quantity=2, tax=400), shipping=posted(490), tenders=(card(2890),))
    fee = Fee(kind="flat_per_return", amount=300, reason="postage")
    assert quote(order, back(shipping=490, fees=(fee,))).trace == (
        "1 of 2 × L1: 12.00 EUR with 2.00 EUR tax, as the order stored it.",
        "4.90 EUR shipping of 4.90 EUR.",
        "Less 3.00 EUR postage.",
        "13.90 EUR to card.",
    )
