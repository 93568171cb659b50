"""Policies to begin with, as documents: `ready/*.json`. Plain Python."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from thereafter.kit.money import exponent

_FOLDER = Path(__file__).with_name("ready")
KEYS = ("classic_30", "exchange_first_45", "generous_60", "holiday_90")
_MONEY = frozenset({"flat", "most", "label", "handling", "below", "value", "postage"})
_CENTS = 2


def document(key: str, currency: str = "EUR") -> dict[str, Any]:
    """A ready policy, its amounts as they stand in the shop's currency: 4.95 of any that has cents, 495 of one without.
    Raises `KeyError`."""
    if key not in KEYS:
        raise KeyError(key)
    read: dict[str, Any] = json.loads(_text(key))
    said: dict[str, Any] = in_currency(read, currency)
    return {**said, "currency": currency}


def in_currency(said: Any, currency: str) -> Any:
    """Amounts that were written in a currency with cents, as they stand in this one."""
    return said if exponent(currency) else _scaled(said)


@lru_cache(maxsize=len(KEYS))
def _text(key: str) -> str:
    return (_FOLDER / f"{key}.json").read_text()


def _scaled(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _scaled(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_scaled(one) for one in value]
    return (
        str(int(Decimal(value).scaleb(_CENTS)))
        if name.rpartition("_")[2] in _MONEY and isinstance(value, str)
        else value
    )
