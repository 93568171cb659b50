"""Points, money, days and lists as a programme's sentences say them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_datetime
from babel.numbers import format_currency

from thereafter.kit.money import UnknownCurrency, exponent
from thereafter.loyalty.rules.programme import Programme

LOCALE = "en"
_UNIT = Decimal(1)


@dataclass(frozen=True, slots=True)
class Shop:
    """What the sentences need of the shop: its currency, and the names of what the document knows by a key."""

    currency: str = "EUR"
    products: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A programme with its shop, and how both speak of figures."""

    programme: Programme
    shop: Shop

    def points(self, count: int) -> str:
        one, many = self.programme.points_name.get(LOCALE, ("point", "points"))
        return f"{count:,} {one if count == 1 else many}"

    def money(self, amount: Decimal, currency: str = "") -> str:
        """€1 and €0.50: cents only where there are some."""
        return money_words(amount, currency or self.shop.currency)

    def moment(self, at: datetime) -> str:
        """In the programme's zone, where its days begin."""
        local = at.astimezone(ZoneInfo(self.programme.tz))
        pattern = "d MMM y" if (local.hour, local.minute) == (0, 0) else "d MMM y, HH:mm"
        return format_datetime(local.replace(tzinfo=None), pattern, locale=LOCALE)

    def tiers(self, keys: Iterable[str]) -> str:
        known = {tier.id: tier.name for tier in self.programme.tiers}
        return join([known.get(key, key) for key in keys], "or")


def money_words(amount: Decimal, currency: str) -> str:
    """€1 and €0.50: cents only where there are some, and more of them where a point is worth less than one."""
    try:
        digits = exponent(currency)
    except UnknownCurrency:
        return f"{plain(amount)} {currency}"
    written = len(plain(amount).partition(".")[2])
    decimals = max(digits, written) if written else 0
    pattern = f"¤#,##0{'.' if decimals else ''}{'0' * decimals}"
    return format_currency(amount, currency, pattern, locale=LOCALE, currency_digits=False, decimal_quantization=False)


def plain(value: Decimal) -> str:
    """1.50 as 1.5, 1E+3 as 1,000."""
    fixed = value.quantize(_UNIT) if value == value.to_integral() else value.normalize()
    return f"{fixed:,f}"


def join(parts: Iterable[str], last: str = "and") -> str:
    """Shoes, hats and socks."""
    some = list(parts)
    return some[0] if len(some) == 1 else f"{', '.join(some[:-1])} {last} {some[-1]}" if some else ""


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"


def many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def tongue(code: str) -> str:
    """The name of a language in English."""
    try:
        return Locale.parse(code, sep="-").get_display_name(LOCALE) or code
    except (ValueError, UnknownLocaleError):
        return code


def sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def zone_name(tz: str) -> str:
    """America/New York; Etc/UTC is UTC."""
    return tz.removeprefix("Etc/").replace("_", " ")
