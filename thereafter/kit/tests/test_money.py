from decimal import Decimal

import pytest

from thereafter.kit import money
from thereafter.kit.money import Money, NotMoney, UnknownCurrency


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.90", "EUR", 1990),
        (0.29, "USD", 29),
        ("1500", "JPY", 1500),
        ("1.2345", "KWD", 1235),
        ("-3.005", "EUR", -301),
    ],
)
def test_amounts_become_whole_minor_units_of_their_currency(amount: str | float, currency: str, minor: int) -> None:
    assert money.to_minor(amount, currency) == minor


@pytest.mark.parametrize("amount", ["", "twelve", "NaN", "Infinity", "1e40", "1,50"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(NotMoney):
        money.to_minor(amount, "EUR")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrency, match="EURO"):
        money.exponent("EURO")


def test_money_of_two_currencies_cannot_be_added() -> None:
    assert Money(150, "EUR") + Money(50, "EUR") == Money(200, "EUR")
    with pytest.raises(ValueError, match="cannot add"):
        Money(1, "EUR") + Money(1, "USD")


def test_money_is_written_as_its_readers_write_it() -> None:
    assert Money(123450, "EUR").amount == Decimal("1234.50")
    assert Money(123450, "EUR").format("de") == "1.234,50\xa0€"
    assert Money(1500, "JPY").format("en") == "¥1,500"
