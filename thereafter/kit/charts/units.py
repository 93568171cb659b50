"""What a figure is measured in: how it is written in full, on an axis, and in a file."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from babel.numbers import format_compact_currency, format_compact_decimal, format_currency, format_decimal
from django.utils import translation

from thereafter.kit.money import exponent

Value = int | float | None
NOTHING = "–"
# From here on an axis writes 12k in place of 12,000.
_SHORTENED = 10_000
_HUNDRED = 100
_SIGNS = {"share": "%", "points": " pts"}


@dataclass(frozen=True)
class Unit:
    """`share` is of 1, `points` a difference of two, `money` in minor units of `currency`; `digits` after the point."""

    kind: Literal["number", "share", "points", "money", "days"] = "number"
    digits: int = 0
    currency: str = ""

    @property
    def scale(self) -> float:
        """What a value is multiplied with to be the number that people read."""
        if self.kind in {"share", "points"}:
            return _HUNDRED
        return float(10 ** -exponent(self.currency)) if self.kind == "money" else 1

    def say(self, value: Value) -> str:
        """In full: 1,204 or 12.3% or 1.2 pts or €1,204.50 or 12 days; a dash for what there is not."""
        if value is None:
            return NOTHING
        if self.kind == "money":
            amount = Decimal(round(value)).scaleb(-exponent(self.currency))
            return _minus(format_currency(amount, self.currency, locale=_now()))
        pattern = "#,##0" + ("." + "0" * self.digits if self.digits else "")
        shown = _minus(format_decimal(round(value * self.scale, self.digits) + 0, pattern, locale=_now()))
        if self.kind == "days":
            return f"{shown} day" if shown == "1" else f"{shown} days"
        return shown + _SIGNS.get(self.kind, "")

    def tick(self, value: float) -> str:
        """On an axis, short: 12k, 40%, €1.5k."""
        read = round(value * self.scale, 6) + 0
        if self.kind == "money":
            return _minus(format_compact_currency(read, self.currency, locale=_now(), fraction_digits=_fraction(read)))
        if abs(read) >= _SHORTENED:
            return _minus(format_compact_decimal(read, locale=_now(), fraction_digits=_fraction(read)))
        return _minus(format_decimal(read, locale=_now())) + ("%" if self.kind == "share" else "")

    def raw(self, value: Value) -> Decimal | float | int | str:
        """For a file: money in whole units of the currency, shares of 1 with four places; "" for what there is not."""
        if value is None:
            return ""
        if self.kind == "money":
            return Decimal(round(value)).scaleb(-exponent(self.currency))
        return value if isinstance(value, int) else round(value, 4 if self.scale == _HUNDRED else max(self.digits, 2))


def _minus(text: str) -> str:
    """With a minus that is as wide as a plus; a hyphen is easily overlooked."""
    return text.replace("-", "\N{MINUS SIGN}")


def _now() -> str:
    return (translation.get_language() or "en").replace("-", "_")


def _fraction(read: float) -> int:
    """One place for 1.5k and 0.5, none for 2k."""
    while abs(read) >= 1000:  # noqa: PLR2004 thousand, million, billion
        read /= 1000
    return 0 if abs(read - round(read)) < 0.05 else 1  # noqa: PLR2004 half of one place


NUMBER = Unit()
DECIMAL = Unit(digits=1)
SHARE = Unit("share")
# Rates that move by less than one in a hundred.
FINE_SHARE = Unit("share", digits=1)
# Differences of shares.
POINTS = Unit("points", digits=1)
DAYS = Unit("days")


def money(currency: str) -> Unit:
    return Unit("money", currency=currency)
