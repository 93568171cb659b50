"""Doors of the shoppers' pages: how often one may knock, and how order numbers and postcodes are compared."""

import re
from datetime import UTC, datetime, timedelta

from thereafter.commerce.rules.text import normal_phone

STRETCH = timedelta(minutes=10)
# Tries in one stretch: from one address, for one order's number, for one e-mail.
FROM_ADDRESS, FOR_ORDER, FOR_EMAIL = 20, 6, 3
SHORTEST_PHONE = 7


def stretch(now: datetime) -> datetime:
    """The beginning of the stretch of time that `now` is in."""
    seconds = int(STRETCH.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def bare_number(text: str) -> str:
    """An order's number without what shops put before it; tries are counted by it."""
    return text.lstrip("# \t").strip()[:40]


def order_numbers(text: str) -> list[str]:
    """The ways in which a shop may write the number that a shopper typed."""
    bare = bare_number(text)
    return list(dict.fromkeys([bare, f"#{bare}", bare.upper(), f"#{bare.upper()}"])) if bare else []


def same_postcode(one: str, other: str) -> bool:
    """Spaces, hyphens and case do not matter; an empty one is never the same."""
    left, right = (re.sub(r"[\s-]", "", text).upper() for text in (one, other))
    return bool(left) and left == right


def same_email(one: str, other: str) -> bool:
    left, right = one.strip().lower(), other.strip().lower()
    return bool(left) and left == right


def phones(text: str, *countries: str) -> set[str]:
    """A phone number in E.164 as people in each of these countries would mean it; empty when it is none."""
    given = text.strip()
    # A postcode or an order's number is not long enough to be one.
    if sum(letter.isdigit() for letter in given) < SHORTEST_PHONE:
        return set()
    return {number for country in (*countries, "") if (number := normal_phone(given, country))}
