"""Amounts of a policy as people type them: "4.95", or by currency "EUR 4.95, USD 5.95"."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from thereafter.kit.money import NotMoney, UnknownCurrency, exponent, to_minor

_PART = re.compile(r"(?:([A-Za-z]{3})\s*)?(\d+(?:[.,]\d{1,3})?)(?:\s*([A-Za-z]{3}))?")
WRONG = "Write an amount such as 4.95, or one for each currency: EUR 4.95, USD 5.95."


def as_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{code} {amount}" for code, amount in value.items())
    return "" if value is None else str(value)


def read(text: str, currency: str) -> str | dict[str, str]:
    """The amount as a document says it; raises ValueError with a sentence."""
    found: dict[str, str] = {}
    for part in re.split(r"[;\n]|,(?=\s*[A-Za-z]|\s)", text.strip()):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(WRONG)
        code = (match[1] or match[3] or currency).upper()
        amount = match[2].replace(",", ".")
        _check(amount, code)
        found[code] = amount
    return found[currency] if list(found) == [currency] else found


def _check(amount: str, code: str) -> None:
    try:
        to_minor(amount, code)
        if len(amount.partition(".")[2]) > exponent(code):
            raise NotMoney
    except UnknownCurrency:
        raise ValueError(f"{code} is no currency. Name one by three letters, such as EUR.") from None
    except NotMoney:
        raise ValueError(f"An amount in {code} has at most {exponent(code)} decimals.") from None


class AmountField(forms.CharField):
    """An amount in the policy's currency, or by currency."""

    def __init__(self, currency: str, **options: Any) -> None:
        self.currency = currency
        options.setdefault("required", False)
        options.setdefault("max_length", 200)
        attrs = {"class": "input", "autocomplete": "off", "placeholder": "0.00" if exponent(currency) else "0"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read(text, self.currency)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None
