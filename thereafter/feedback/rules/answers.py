"""The scales people answer on, and what may be done with an answer."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from thereafter.kit.scores import SCALES

CHANGE_DAYS = 7
LINK_DAYS = 90
LONGEST_COMMENT = 4000


class BadScore(ValueError):
    """The score is not on the scale."""


# A survey without a score: only what its own questions ask.
FORM = "form"
KINDS = (*SCALES, FORM)


def check_score(kind: str, score: int) -> None:
    """Raises `BadScore`, also for a survey that asks for no score."""
    if kind not in SCALES:
        raise BadScore("this survey asks for no score")
    scale = SCALES[kind]
    if not scale.low <= score <= scale.high:
        raise BadScore(f"the score is {score}; it must be a whole number from {scale.low} to {scale.high}")


def band(kind: str, score: int | None) -> str:
    """low, middle or high: detractor, passive and promoter of NPS; "" without a score."""
    if score is None or kind not in SCALES:
        return ""
    scale = SCALES[kind]
    return "high" if score >= scale.satisfied else "low" if score <= scale.unhappy else "middle"


def may_change(answered_at: datetime, now: datetime) -> bool:
    """People may change their mind for seven days."""
    return now - answered_at <= timedelta(days=CHANGE_DAYS)


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
