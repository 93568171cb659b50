"""How points, tiers, rewards and invitations stand on a customer's timeline in the console."""

from typing import Any

from thereafter.commerce.panels import Told, telling
from thereafter.kit.pages import money, number, short_day
from thereafter.loyalty.rules.ways import name_of

WORDS = {
    "order": "for an order",
    "exchange": "for an exchange",
    "exchange_down": "for an exchange",
    "backfill": "for orders of the past",
    "survey": "for an answer",
    "refund": "after a refund",
    "cancellation": "after a cancellation",
    "journey": "from a journey",
    "birthday": "on their birthday",
    "anniversary": "for another year",
    "milestone": "for a milestone",
    "milestone_undone": "because orders came back",
    "tier": "for a new tier",
    "referral": "for inviting a friend",
    "friend": "because a friend invited them",
    "import": "from the programme before",
}
SOURCES = {
    "automatic": "By buying",
    "page": "On the shop's page",
    "referral": "Invited by a friend",
    "console": "Added by the shop",
    "import": "Brought along from another programme",
    "api": "Through the API",
}


def points(count: int) -> str:
    return f"{number(count)} {'point' if count == 1 else 'points'}"


def why(reason: str) -> str:
    """In the middle of a sentence; an action by its name, and what a person wrote as they wrote it."""
    if reason in WORDS:
        return WORDS[reason]
    return f"for “{name_of(reason)}”" if reason and " " not in reason else f"({reason})" if reason else ""


@telling("points.awarded")
def told_award(told: dict[str, Any]) -> Told:
    return "gift", f"{points(told['points'])} {why(str(told.get('reason', '')))}".strip(), ""


@telling("points.taken_back")
def told_taking(told: dict[str, Any]) -> Told:
    return "return", f"{points(told['points'])} taken back {why(str(told.get('reason', '')))}".strip(), ""


@telling("points.activated")
def told_activated(told: dict[str, Any]) -> Told:
    return "check", f"{points(told['points'])} can be used now", ""


@telling("points.spent")
def told_spent(told: dict[str, Any]) -> Told:
    reward = str(told.get("reward", ""))
    return "card", f"{points(told['points'])} spent", f"For “{reward}”" if reward else "A part of an order"


@telling("points.returned")
def told_returned(told: dict[str, Any]) -> Told:
    return "refresh", f"{points(told['points'])} that were spent are back", ""


@telling("points.expired")
def told_expired(told: dict[str, Any]) -> Told:
    return "clock", f"{points(told['points'])} ran out unused", ""


@telling("points.expire_soon")
def told_ending(told: dict[str, Any]) -> Told:
    last = " This is the last time we say so." if told.get("last") else ""
    return "clock", f"{points(told['points'])} run out soon", f"They can be used until {short_day(told['on'])}.{last}"


@telling("loyalty.joined")
def told_joined(told: dict[str, Any]) -> Told:
    return "person", "Takes part in the points programme", SOURCES.get(str(told.get("source", "")), "")


@telling("loyalty.left")
def told_left(told: dict[str, Any]) -> Told:
    return "close", "Left the points programme", ""


@telling("loyalty.milestone_reached")
def told_milestone(told: dict[str, Any]) -> Told:
    given = int(told.get("points") or 0)
    return "star", milestone(str(told["key"])), points(given) if given else ""


def milestone(key: str) -> str:
    """birthday:2026, anniversary:3, orders:10."""
    kind, _, which = key.partition(":")
    if kind == "birthday":
        return "Birthday"
    if kind == "anniversary":
        return f"{which} {'year' if which == '1' else 'years'} with the shop"
    return f"Placed {which} {'order' if which == '1' else 'orders'}" if kind == "orders" else "Reached a milestone"


@telling("tier.reached")
def told_rise(told: dict[str, Any]) -> Told:
    return "star", f"Reached {told['tier_name']}", ""


@telling("tier.lost")
def told_fall(told: dict[str, Any]) -> Told:
    return "star", f"Fell to {told['tier_name']}" if told.get("tier_name") else "Has no tier any more", ""


@telling("tier.ends_soon")
def told_tier_ends(told: dict[str, Any]) -> Told:
    missing = f"Short of keeping it: {points(told['missing'])}." if told.get("metric") == "points" else ""
    return "clock", f"{told['tier_name']} ends soon", f"Until {short_day(told['on'])}. {missing}".strip()


@telling("reward.taken")
def told_reward(told: dict[str, Any]) -> Told:
    value, currency = int(told.get("value_minor") or 0), str(told.get("currency", ""))
    worth = f", worth {money(value, currency)}" if value and currency else ""
    return "gift", f"Took “{told['reward']}”", f"For {points(told['points'])}{worth}"


@telling("reward.handed_over")
def told_handed(told: dict[str, Any]) -> Told:
    return "check", f"Was given “{told['reward']}”", str(told.get("note", ""))


@telling("reward.cancelled")
def told_cancelled(told: dict[str, Any]) -> Told:
    return "close", f"“{told['reward']}” was taken back", f"{points(told['points'])} are back"


@telling("referral.claimed")
def told_invited(told: dict[str, Any]) -> Told:
    return "people", "Came by a friend's invitation", ""


@telling("referral.held")
def told_held(told: dict[str, Any]) -> Told:
    return "warning", "An invitation waits for somebody to look at it", ""


@telling("referral.qualified")
def told_qualified(told: dict[str, Any]) -> Told:
    when = f" from {short_day(told['active_on'])} on" if told.get("active_on") else ""
    return "people", "An invited friend bought", f"{points(told['points'])}{when}" if told["points"] else ""


@telling("referral.rewarded")
def told_rewarded(told: dict[str, Any]) -> Told:
    return "gift", "The reward for an invitation can be used", points(told["points"]) if told["points"] else ""


@telling("referral.undone")
def told_undone(told: dict[str, Any]) -> Told:
    return "return", "An invited friend's order came back", "The reward for it went with it."
