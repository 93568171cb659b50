"""Scores and what they say together. Formulas by Wilson (1927) for shares; z for 95 %."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from thereafter.kit.shares import wilson

CHANGE_DAYS = 7
LINK_DAYS = 90
LONGEST_COMMENT = 4000
LOW = 2


class BadScore(ValueError):
    """The score is not on the scale."""


@dataclass(frozen=True)
class Scale:
    """From the worst to the best score; `satisfied` is the lowest one that counts as satisfied."""

    low: int
    high: int
    satisfied: int


SCALES = {"csat": Scale(1, 5, 4)}


@dataclass(frozen=True)
class Csat:
    """Shares are of 1; `low` and `high` are the 95 % interval; all None when nobody answered."""

    n: int
    satisfied: int
    share: float | None
    low: float | None
    high: float | None
    mean: float | None


def check_score(kind: str, score: int) -> None:
    scale = SCALES[kind]
    if not scale.low <= score <= scale.high:
        raise BadScore(f"the score is {score}; it must be a whole number from {scale.low} to {scale.high}")


def may_change(answered_at: datetime, now: datetime) -> bool:
    """People may change their mind for seven days."""
    return now - answered_at <= timedelta(days=CHANGE_DAYS)


def csat(counts: Mapping[int, int]) -> Csat:
    """Customer satisfaction from answers per score 1 to 5: the share of 4 and 5, and the mean."""
    n = sum(counts.values())
    if not n:
        return Csat(0, 0, None, None, None, None)
    satisfied = sum(count for score, count in counts.items() if score >= SCALES["csat"].satisfied)
    low, high = wilson(satisfied, n)
    return Csat(n, satisfied, satisfied / n, low, high, sum(score * count for score, count in counts.items()) / n)


def network_of(address: str) -> str:
    """The network an address is in (/24, /48): enough to see a scanner, too little to see a person."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network(f"{known}/{48 if ':' in address else 24}", strict=False))


def clean_comment(text: str) -> str:
    """Without control characters, at most 4,000 characters."""
    kept = "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
    return kept.strip()[:LONGEST_COMMENT]
