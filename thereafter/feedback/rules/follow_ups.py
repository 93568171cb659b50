"""When a bad answer gets somebody to look after it, by when, and how it ends."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

LONGEST_NOTE = 4000
HOURS, AGAIN_DAYS = 48, 14
# An answer that was given longer ago and brought here now is history, not a call for help.
_FRESH = timedelta(days=14)

REASONS = {
    "late": "It came late",
    "damaged": "It was damaged",
    "wrong": "It was the wrong thing",
    "quality": "The quality disappointed",
    "size": "It does not fit",
    "not_as_shown": "It is not as shown",
    "price": "The price, or a hidden cost",
    "service": "How we treated them",
    "return": "The return or the refund",
    "website": "The shop's pages",
    "other": "Something else",
    "unknown": "They did not say",
}
OUTCOMES = {
    "explained": "Explained",
    "apology": "Apologised",
    "refund": "Refunded",
    "replaced": "Sent a new one",
    "credit": "Gave credit, points or a coupon",
    "return": "Took it back",
    "fixed": "Put the cause right",
    "no_answer": "They did not answer",
}


class BadEnding(ValueError):
    """Says what is missing."""


def is_wanted(low: Mapping[str, Any], band: str, *, age: timedelta) -> bool:
    """By itself a bad answer is followed up, unless the survey says no."""
    return band == "low" and bool(low.get("follow_up", True)) and age <= _FRESH


def time_to_answer(low: Mapping[str, Any]) -> timedelta:
    return timedelta(hours=int(low.get("hours") or HOURS))


def ask_again_days(low: Mapping[str, Any]) -> int:
    """0: the question is not asked again."""
    days = low.get("ask_again_days")
    return AGAIN_DAYS if days is None else int(days)


def check_ending(reason: str, outcome: str, *, resolved: bool) -> None:
    """Raises `BadEnding`."""
    if reason not in REASONS:
        raise BadEnding("Say why the customer was unhappy.")
    if resolved and outcome not in OUTCOMES:
        raise BadEnding("Say what was done about it, or close it without an outcome.")
