"""How a survey is asked: its rank among others, how long it makes sense, and what becomes of what is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from thereafter.feedback.rules.follow_ups import AGAIN_DAYS, HOURS

# Where it may stand open without being sent.
PLACES = {
    "order_page": "The order's page, once the parcel has arrived",
    "return_page": "The order's page, once a return of it is settled",
    "after_ticket": "The order's page, once a support ticket about it is closed",
}
# What a person who is well pleased may be invited to on the page that says thanks. Never a review: those are asked of
# everybody alike.
INVITATIONS = {
    "referral": "To invite a friend, when the loyalty programme has it",
    "story": "To tell their story, when the shop collects stories",
}


@dataclass(frozen=True, kw_only=True)
class SurveySettings:
    """As the columns of a survey are."""

    priority: int = 5
    good_for_days: int = 14
    again_after_days: int = 0
    remind_after_days: int | None = None
    places: tuple[str, ...] = ()
    low: Mapping[str, Any] = field(default_factory=dict)
    high: Mapping[str, Any] = field(default_factory=dict)
    counts_opens: bool = False


def low(*, follow_up: bool = True, hours: int = HOURS, ask_again_days: int = AGAIN_DAYS) -> dict[str, Any]:
    """What becomes of a low score; 0 days: the question is not asked again."""
    return {"follow_up": follow_up, "hours": hours, "ask_again_days": ask_again_days}


def high(invitations: Mapping[str, bool]) -> dict[str, bool]:
    return {name: bool(invitations.get(name)) for name in INVITATIONS}
