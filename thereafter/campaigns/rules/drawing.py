"""Who gets which variant, who is held out: drawn by a hash of campaign and customer, so it never changes."""

import hashlib

from thereafter.campaigns.rules.plans import Plan

TEST, REST, HELD = "test", "rest", "held"
LOTS = 2**31


def lot(purpose: str, campaign_id: int, customer_id: int) -> int:
    """A number from 0 below `LOTS`, even over people and unlike for another purpose or campaign."""
    digest = hashlib.blake2b(f"{purpose}:{campaign_id}:{customer_id}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % LOTS


def is_below(drawn: int, percent: float) -> bool:
    return drawn < LOTS * percent / 100


def part_of(plan: Plan, campaign_id: int, customer_id: int) -> tuple[str, int | None]:
    """(part, variant): held out, in the test with a variant, or of the rest, who get the winner."""
    if plan.holdout and is_below(lot("holdout", campaign_id, customer_id), plan.holdout):
        return HELD, None
    if not plan.is_split:
        return REST, 0
    variant = lot("variant", campaign_id, customer_id) * len(plan.variants) // LOTS
    if not plan.waits_for_winner:
        return TEST, variant
    is_tested = is_below(lot("test", campaign_id, customer_id), plan.test_share)
    return (TEST, variant) if is_tested else (REST, None)
