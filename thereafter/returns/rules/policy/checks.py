"""What a setting of a policy must be. A check answers with a sentence, "" when all is well. Plain Python."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from thereafter.kit.money import NotMoney, UnknownCurrency, to_minor

Check = Callable[[Any], str]


def bad_money(value: Any, currency: str) -> str:
    amounts = value if isinstance(value, Mapping) else {currency: value}
    for code, one in amounts.items():
        try:
            if isinstance(one, bool) or to_minor(one, code) < 0:
                raise NotMoney
        except NotMoney:
            return "An amount is a decimal from 0, such as 4.95."
        except UnknownCurrency:
            return f"{code!r} is no currency. Name one by three letters, such as EUR."
    return "" if amounts else "Say at least one amount."


def whole(least: int, most: int) -> Check:
    def test(value: Any) -> str:
        good = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if good else f"This is a whole number from {least} to {most:,}."

    return test


def percent(value: Any) -> str:
    try:
        number = Decimal("-1") if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        number = Decimal("-1")
    good = number.is_finite() and 0 <= number <= 100 and number * 100 == int(number * 100)  # noqa: PLR2004 a percentage ends with 100
    return "" if good else "A percentage is a number from 0 to 100, with two decimals at most."


def one_of(names: Mapping[str, str] | tuple[str, ...]) -> Check:
    def test(value: Any) -> str:
        known = isinstance(value, str) and value in names
        return "" if known else f"There is no {value!r} here; use one of {', '.join(names)}."

    return test


def some_of(names: Mapping[str, str]) -> Check:
    def test(value: Any) -> str:
        if not isinstance(value, list | tuple) or not value:
            return "This is a list, such as [" + ", ".join(f'"{name}"' for name in list(names)[:2]) + "]."
        return next((wrong for one in value if (wrong := one_of(names)(one))), "")

    return test


def day(value: Any) -> str:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return "A day is written 2026-12-24."
    return ""


def text(value: Any) -> str:
    good = isinstance(value, str) and value.strip() != "" and len(value) <= 300  # noqa: PLR2004 a sentence, not a page
    return "" if good else "This is a text of up to 300 letters."


def texts(value: Any) -> str:
    """One text, or texts by language."""
    if not isinstance(value, Mapping):
        return text(value)
    known = all(isinstance(language, str) and 2 <= len(language) <= 7 for language in value)  # noqa: PLR2004 from "en" to "zh-Hant"
    good = known and value and not any(map(text, value.values()))
    return "" if good else 'This is a text, or texts by language: {"en": "…", "de": "…"}.'


def flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "This is true or false."


def anything(_value: Any) -> str:
    return ""
