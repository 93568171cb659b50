"""Anniversaries and orders that are worth something in themselves. Plain Python."""

from collections.abc import Sequence
from datetime import date, datetime

from thereafter.loyalty.rules.birthdays import kept_on

BIRTHDAY, ANNIVERSARY, ORDERS = "birthday", "anniversary", "orders"


def birthday_key(year: int) -> str:
    return f"{BIRTHDAY}:{year}"


def anniversary_key(years: int) -> str:
    return f"{ANNIVERSARY}:{years}"


def orders_key(number: int) -> str:
    return f"{ORDERS}:{number}"


def number_of(key: str) -> int:
    """Of an anniversary its years, of orders how many, of a birthday its year."""
    return int(key.partition(":")[2])


def anniversary(joined_on: date, first: date, last: date) -> tuple[int, date] | None:
    """The newest anniversary from `first` to `last`, both included: how many years, and its day."""
    for year in range(last.year, max(first.year, joined_on.year + 1) - 1, -1):
        on = kept_on(joined_on.month, joined_on.day, year)
        if first <= on <= last:
            return year - joined_on.year, on
    return None


def reached_at(kept: Sequence[datetime], orders: int) -> datetime | None:
    """When the n-th of the orders that were kept was placed; None while there are fewer. `kept` is in their order."""
    return kept[orders - 1] if len(kept) >= orders else None
