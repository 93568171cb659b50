"""Campaigns as the console tells them."""

from datetime import datetime

from thereafter.campaigns.models import Campaign
from thereafter.campaigns.rules.plans import NAMES, Plan
from thereafter.kit.pages import moment, number
from thereafter.messaging.words import CHANNELS

STATES = {
    "draft": ("Draft", "neutral"),
    "scheduled": ("Scheduled", "info"),
    "sending": ("Being sent", "brand"),
    "paused": ("Paused", "warn"),
    "sent": ("Sent", "good"),
    "cancelled": ("Cancelled", "neutral"),
}
COUNTED = {"clicks": "most clicks", "orders": "most orders"}


def audience(plan: Plan, segments: dict[int, str]) -> str:
    """ "VIP or New, not Recent buyers"."""
    named = " or ".join(segments.get(one, "a segment that is gone") for one in plan.segments) or "Everybody"
    narrowed = f"{named}, narrowed by a condition" if plan.condition else named
    without = ", ".join(segments.get(one, "a segment that is gone") for one in plan.excluded)
    return f"{narrowed}, but not {without}" if without else narrowed


def when(plan: Plan) -> str:
    """When it goes out, as it was set."""
    if plan.when == "now":
        return "As soon as it is sent off"
    if not plan.at:
        return "No day yet"
    at = datetime.fromisoformat(plan.at)
    day = f"{at:%A} {at.day} {at:%B}"
    clock = f"{at:%H:%M}"
    return f"{day} at {clock} on each reader's clock" if plan.when == "local" else f"{day} at {clock}"


def pace(plan: Plan) -> str:
    return f"{number(plan.throttle)} a {plan.throttle_per}" if plan.throttle else "as fast as the channel takes them"


def split(plan: Plan) -> str:
    if not plan.is_split:
        return "One message for all"
    names = " and ".join(filter(None, [", ".join(NAMES[: len(plan.variants) - 1]), NAMES[len(plan.variants) - 1]]))
    if not plan.waits_for_winner:
        return f"{names}, shared evenly among all"
    return (
        f"{names} go to {plan.test_share} % of the people; after {plan.winner_hours} hours the rest gets the one "
        f"with the {COUNTED[plan.winner_by]}"
    )


def channel(name: str) -> str:
    return CHANNELS.get(name, name.capitalize())


def began(campaign: Campaign) -> str:
    """What is to be read beside its name in lists."""
    if campaign.state == Campaign.State.DRAFT:
        return f"Made {moment(campaign.created_at)}"
    at = moment(campaign.launch_at or campaign.created_at)
    return f"Begins {at}" if campaign.state == Campaign.State.SCHEDULED else f"Began {at}"
