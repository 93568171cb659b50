"""What an order must be to be taken, one clause each."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.commerce.documents import Line, OrderDoc, Payment, Person, RefundDoc, RefundLine, Shipped
from thereafter.commerce.rules.orders import amounts_of, check_order, version_of
from thereafter.commerce.rules.text import clean, clean_url, normal_email, normal_phone
from thereafter.commerce.tests.makers import PLACED, SHOES, order_doc

NOW = PLACED + timedelta(days=1)
BAD_REFUND_LINE = RefundLine(line="1", amount="x")


def line(**fields: Any) -> Line:
    given: dict[str, Any] = {"external_id": "1", "title": "Shoe", "quantity": 1, "unit_price": "10.00"}
    return Line(**(given | fields))


def codes(doc: OrderDoc) -> list[str]:
    return [problem.partition(":")[0] for problem in check_order(doc, NOW)]


def test_a_sound_order_has_no_problems() -> None:
    assert codes(order_doc()) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"currency": "EURO"}, "unknown_currency"),
        ({"currency": ""}, "unknown_currency"),
        ({"total": "abc"}, "bad_money"),
        ({"total": "NaN"}, "bad_money"),
        ({"total": 1e300}, "bad_money"),
        ({"total": "-1"}, "negative_total"),
        ({"shipping": "-1", "total": "88.90"}, "negative_price"),
        ({"total": "90.00"}, "totals_differ"),
        ({"status": "lost in space"}, "unknown_status"),
        ({"external_id": ""}, "no_id"),
        ({"external_id": "x" * 81}, "bad_id"),
        ({"external_id": "a\x00b"}, "bad_id"),
        ({"placed_at": NOW + timedelta(hours=25)}, "date_in_the_future"),
        ({"changed_at": NOW + timedelta(days=400)}, "date_in_the_future"),
        ({"placed_at": datetime(1969, 1, 1, tzinfo=UTC)}, "date_too_old"),
        ({"placed_at": datetime(2026, 3, 3, 10)}, "no_time_zone"),  # noqa: DTZ001 that is the point
        ({"customer": Person(name="Nobody")}, "no_customer"),
        ({"customer": Person(email="not an address")}, "no_customer"),
        ({"customer": Person(phone="12")}, "no_customer"),
        ({"lines": [], "total": "5"}, "no_lines"),
        ({"payments": [Payment(external_id="1", kind="card", amount="?")]}, "bad_money"),
        ({"refunds": [RefundDoc(external_id="1", amount="-5", at=PLACED)]}, "negative_refund"),
        ({"refunds": [RefundDoc(external_id="1", amount="5", at=PLACED, lines=[BAD_REFUND_LINE])]}, "bad_money"),
        ({"fulfilments": [Shipped(external_id="1", shipped_at=NOW + timedelta(days=9))]}, "date_in_the_future"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_code(fields: dict[str, Any], code: str) -> None:
    assert code in codes(order_doc(**fields))


@pytest.mark.parametrize("quantity", [0, -1, 10**9])
def test_quantities_are_whole_numbers_from_one(quantity: int) -> None:
    assert "bad_quantity" in codes(order_doc(lines=[line(quantity=quantity)], total="1"))


def test_each_line_has_an_id_of_its_own() -> None:
    assert codes(order_doc(lines=[line(), line()])) == ["duplicate_line"]


def test_an_order_has_at_most_five_hundred_lines() -> None:
    lines = [line(external_id=str(number)) for number in range(501)]
    assert codes(order_doc(lines=lines)) == ["too_many_lines"]
    assert codes(order_doc(lines=lines[:500])) == []


@pytest.mark.parametrize("status", ["cancelled", "canceled", "unavailable"])
def test_only_an_order_that_came_to_nothing_may_have_no_lines(status: str) -> None:
    assert codes(order_doc(lines=[], total="12.50", status=status)) == []


def test_the_reason_says_what_to_do() -> None:
    assert check_order(order_doc(currency="EURO"), NOW) == [
        'unknown_currency: "EURO" is not an ISO 4217 code; send e.g. EUR'
    ]
    (reason,) = check_order(order_doc(total="5"), NOW)
    assert reason == "totals_differ: items 89.90 - discount 0 + shipping 0 is not the total 5"


@pytest.mark.parametrize(
    "fields",
    [
        {"lines": [line(discount="2.00")], "discount": "2.00", "total": "8.00"},
        {"lines": [line(discount="2.00")], "discount": "0", "total": "8.00"},
        {"lines": [line(discount="2.00")], "discount": "1.00", "total": "7.00"},
        {"lines": [line()], "tax": "1.90", "taxes_included": False, "total": "11.90"},
        {"lines": [line(tax="1.90")], "taxes_included": False, "total": "11.90"},
        {"lines": [line()], "tax": "1.60", "total": "10.00"},
        {"lines": [line()], "fees": "3.00", "shipping": "4.90", "total": "17.90"},
        {"lines": [line()], "fees": "-3.00", "total": "7.00"},
        {"lines": [line(quantity=3, unit_price="3.333333")], "total": "10.00"},
        {"lines": [line()], "total": "10.01"},
        {"lines": [line(unit_price=1000)], "total": 1000, "currency": "JPY"},
        {"lines": [line()], "discount": "10.00", "total": "0"},
    ],
)
def test_shops_that_add_up_differently_are_believed(fields: dict[str, Any]) -> None:
    assert codes(order_doc(**fields)) == []


def test_amounts_are_kept_as_given() -> None:
    amounts = amounts_of(order_doc(lines=[line(discount="1.00")], discount="1.00", total="9.00", subtotal="9.00"))
    assert (amounts.subtotal, amounts.discount, amounts.total) == (900, 100, 900)


def test_without_its_own_time_a_version_is_as_new_as_its_newest_fact() -> None:
    shipped = Shipped(external_id="1", shipped_at=PLACED + timedelta(hours=3))
    assert version_of(order_doc(fulfilments=[shipped])) == PLACED + timedelta(hours=3)


def test_text_is_cleaned_but_html_stays_text() -> None:
    assert clean("  <b>Jo\x00hn</b>\r\nRunner\x1b ", 50) == "<b>John</b> Runner"
    assert clean("x" * 300, 255) == "x" * 255
    assert clean("half \ud800 pair", 50) == "half  pair"


@given(st.text())
def test_clean_text_can_always_be_stored(text: str) -> None:
    cleaned = clean(text, 80)
    assert len(cleaned) <= 80
    assert "\x00" not in cleaned
    cleaned.encode()


@pytest.mark.parametrize(
    ("given", "normal"),
    [(" John@Example.COM ", "john@example.com"), ("no at sign", ""), ("a@localhost", ""),
     ("jörg@bücher.example", "jörg@bücher.example")],
)  # fmt: skip
def test_email_has_one_spelling(given: str, normal: str) -> None:
    assert normal_email(given) == normal


@pytest.mark.parametrize(
    ("given", "country", "normal"),
    [("0171 2345678", "DE", "+491712345678"), ("+55 11 91234-5678", "", "+5511912345678"), ("0171 2345678", "", ""),
     ("call me", "DE", ""), ("12", "DE", "")],
)  # fmt: skip
def test_a_phone_number_is_read_as_its_country_writes_it(given: str, country: str, normal: str) -> None:
    assert normal_phone(given, country) == normal


def test_the_maker_makes_sound_documents() -> None:
    assert codes(order_doc(shipping="4.90", lines=[SHOES, line(external_id="2", quantity=3)])) == []


@pytest.mark.parametrize("address", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "/relative"])
def test_only_addresses_of_the_web_become_links(address: str) -> None:
    assert clean_url(address, 500) == ""
    assert clean_url("HTTPS://shop.example/a", 500) == "HTTPS://shop.example/a"
