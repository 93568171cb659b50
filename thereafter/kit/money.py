"""Money in minor units (cents), with the exponent of its currency."""

import decimal
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel.core import get_global
from babel.numbers import format_currency

# ISO 4217 exponents that are not 2. Babel's digits are those of cash tills, which differ (HUF, ISK, IQD ...).
_NO_DECIMALS = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"}
_THREE_DECIMALS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
_EXPONENTS = dict.fromkeys(_NO_DECIMALS | {"XAF", "XOF", "XPF"}, 0) | dict.fromkeys(_THREE_DECIMALS, 3)


class UnknownCurrency(ValueError):
    pass


class NotMoney(ValueError):
    pass


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(get_global("all_currencies"))


def exponent(currency: str) -> int:
    """Decimal places of a currency by ISO 4217; raises `UnknownCurrency`."""
    if currency not in _known():
        raise UnknownCurrency(f"{currency!r} is not an ISO 4217 currency code")
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: str | float | Decimal, currency: str) -> int:
    """Whole minor units of a decimal amount, rounded half up once; raises `NotMoney` for what is no number."""
    try:
        value = Decimal(str(amount).strip())
        if not value.is_finite() or abs(value) > 10**12:
            raise NotMoney(f"{amount!r} is not an amount of money")
        return int(value.scaleb(exponent(currency)).quantize(Decimal(1), rounding=decimal.ROUND_HALF_UP))
    except decimal.InvalidOperation:
        raise NotMoney(f"{amount!r} is not an amount of money") from None


@dataclass(frozen=True, slots=True)
class Money:
    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)

    def format(self, locale: str) -> str:
        return _formatted(self, locale.replace("-", "_"))


@lru_cache(maxsize=4096)
def _formatted(money: Money, locale: str) -> str:
    """A shop's prices come again and again, and Babel takes a tenth of a millisecond for each."""
    return format_currency(money.amount, money.currency, locale=locale)
