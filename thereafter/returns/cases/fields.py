"""Reading a case: typed values by name, or a sentence about what is wrong with them."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from thereafter.kit.money import UnknownCurrency, exponent
from thereafter.returns.rules.money.allocation import half_up
from thereafter.returns.rules.money.refusals import decimal_text

_LARGEST = Decimal(10) ** 15
_USUAL_EXPONENT = 2
_NO_MONEY = ("rate", "percent", "event_id")
_IS_NUMBER = re.compile(r"-?\d+(\.\d+)?")
# ISO 4217 knows no currency with more.
_MOST_DECIMALS = 4
# Finer than any price per unit; a number like 1e-999999 would keep us busy for ever.
_FINEST = -20


class Malformed(ValueError):
    """The case cannot be read; the text is a sentence that names the place."""


class Fields:
    """One object of a case. Money is read into minor units of `exponent`; a name with a default may be missing."""

    def __init__(self, values: object, where: str, exponent: int = _USUAL_EXPONENT) -> None:
        if not isinstance(values, dict):
            raise Malformed(f"{where} should be an object.")
        self.values: dict[str, Any] = values
        self.where = where
        self.exponent = exponent

    def counting_in(self, exponent: int) -> "Fields":
        return Fields(self.values, self.where, exponent)

    def counting_in_its_own(self) -> "Fields":
        """Decimals of its currency: as it says, else as ISO 4217 does, else those that its amounts are written in."""
        return self.counting_in(_exponent_of(self))

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def _get(self, name: str, default: Any) -> Any:
        value = self.values.get(name)
        if value is not None:
            return value
        if default is None:
            raise Malformed(f"{self.where} has no {name!r}.")
        return default

    def part(self, name: str) -> "Fields":
        return Fields(self._get(name, None), f"{self.where}.{name}", self.exponent)

    def listed(self, name: str) -> list[Any]:
        found = self._get(name, [])
        if not isinstance(found, list):
            raise Malformed(f"{self.where}.{name} should be a list.")
        return found

    def rows(self, name: str) -> Iterator["Fields"]:
        for place, row in enumerate(self.listed(name)):
            yield Fields(row, f"{self.where}.{name}[{place}]", self.exponent)

    def number(self, name: str, default: str | None = None) -> Fraction:
        return Fraction(self.decimal(name, default))

    def decimal(self, name: str, default: str | None = None) -> Decimal:
        return decimal(self._get(name, default), f"{self.where}.{name}")

    def money(self, name: str, default: str | None = None) -> int:
        return half_up(self.number(name, default) * 10**self.exponent)

    def said(self, minor: int) -> str:
        return decimal_text(minor, self.exponent)

    def maybe_money(self, name: str) -> int | None:
        return self.money(name) if name in self else None

    def moneys(self, name: str) -> list[int]:
        amounts = [decimal(one, f"{self.where}.{name}") for one in self.listed(name)]
        return [half_up(Fraction(one) * 10**self.exponent) for one in amounts]

    def whole(self, name: str, default: int | None = None) -> int:
        return whole(self._get(name, default), f"{self.where}.{name}")

    def text(self, name: str, default: str | None = None) -> str:
        found = self._get(name, default)
        if not isinstance(found, str):
            raise Malformed(f"{self.where}.{name} should be text.")
        return found

    def truth(self, name: str, default: bool | None = None) -> bool:
        found = self._get(name, default)
        if not isinstance(found, bool):
            raise Malformed(f"{self.where}.{name} should be true or false.")
        return found

    def maybe_truth(self, name: str) -> bool | None:
        return self.truth(name) if name in self else None


def decimal(value: object, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Malformed(f"{where} should be a decimal number in quotes.")
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        raise Malformed(f"{where} is {value!r}, which is no number.") from None
    if not found.is_finite() or abs(found) > _LARGEST or found.as_tuple().exponent < _FINEST:  # type: ignore[operator] # a finite number's exponent is an int
        raise Malformed(f"{where} is {value!r}, which is no amount of money.")
    return found


def whole(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise Malformed(f"{where} should be a whole number.")
    return value


def _exponent_of(fields: Fields) -> int:
    if "exponent" in fields:
        found = fields.whole("exponent")
        if not 0 <= found <= _MOST_DECIMALS:
            raise Malformed(f"{fields.where}.exponent should be between 0 and {_MOST_DECIMALS}.")
        return found
    if "currency" in fields:
        return currency_exponent(fields.text("currency"), f"{fields.where}.currency")
    return _written_decimals(fields.values)


def currency_exponent(code: str, where: str) -> int:
    try:
        return exponent(code)
    except UnknownCurrency:
        raise Malformed(f"{where} is {code!r}, which is no currency.") from None


def _written_decimals(values: object) -> int:
    """ "12.30" has two, "1000" none; nothing written tells nothing, and then it is two."""
    texts = list(_amount_texts(values))
    longest = max((len(text.partition(".")[2]) for text in texts), default=_USUAL_EXPONENT)
    return _USUAL_EXPONENT if longest == 1 else min(longest, _MOST_DECIMALS)


def _amount_texts(values: object, name: str = "") -> Iterator[str]:
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _amount_texts(value, str(key))
    elif isinstance(values, list):
        for value in values:
            yield from _amount_texts(value, name)
    elif isinstance(values, str) and not name.startswith(_NO_MONEY) and _IS_NUMBER.fullmatch(values):
        yield values
