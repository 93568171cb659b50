"""Months counted as year * 12 + month - 1, and days as days since 1970-01-01. Plain Python."""

from datetime import date, timedelta

EPOCH = date(1970, 1, 1)


def first_day_of(month: int) -> int:
    return (date(month // 12, month % 12 + 1, 1) - EPOCH).days


def month_of(day: int) -> int:
    found = EPOCH + timedelta(days=day)
    return found.year * 12 + found.month - 1
