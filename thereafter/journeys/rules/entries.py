"""Who may enter a journey, and what counts as the same entry. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

FRESH_DAYS = 3
NEVER, ALWAYS = "never", "always"
# An API call names the journey it is for by the topic of its event.
CALLED = "journey:"
_LONGEST_KEY = 80
# Keys that begin with a customer's number.
_OF_PEOPLE = frozenset({"customer", "day", "event", "reorder"})


@dataclass(frozen=True, slots=True)
class Before:
    """A time that somebody was in a journey for the same thing."""

    turn: int
    is_active: bool
    started_at: datetime
    happened_at: datetime
    facts: Mapping[str, Any]


def is_fresh(occurred_at: datetime, now: datetime, trigger: Mapping[str, Any]) -> bool:
    """An old event that only now reached us (an import, a carrier catching up) starts nothing."""
    return now - occurred_at <= timedelta(days=trigger.get("fresh_days", FRESH_DAYS))


def matches(trigger: Mapping[str, Any], payload: Mapping[str, Any], journey_key: str) -> bool:
    """Whether an event of the trigger's name is one that it means."""
    if trigger.get("segment"):
        return bool(payload.get("segment") == trigger["segment"])
    if trigger.get("date"):
        trait = str(trigger["date"]).removeprefix("trait.")
        return payload.get("trait") == trait and payload.get("days", 0) == trigger.get("days", 0)
    if trigger.get("api"):
        return bool(payload.get("topic") == f"{CALLED}{journey_key}")
    if "topic" in payload and trigger.get("event") == "customer.tracked":
        return bool(payload["topic"] == trigger.get("topic"))
    return True


def entry_key(trigger: Mapping[str, Any], *, customer_id: int, order_id: int | None, payload: Mapping[str, Any]) -> str:
    """What can enter once: `once_per` is order, customer, event, or what the event has an id of (parcel, refund …)."""
    per = str(trigger.get("once_per") or "")
    if trigger.get("date") and not per:
        # Each birthday is one of its own.
        return f"day:{customer_id}:{payload.get('trait', '')}:{payload.get('on', '')}"[:_LONGEST_KEY]
    if trigger.get("reorder") and not per:
        return f"reorder:{customer_id}:{payload.get('product_id', 0)}:{order_id or payload.get('due_on', '')}"
    if per == "event":
        return f"event:{customer_id}:{payload.get('key', '')}"[:_LONGEST_KEY]
    if not per and not any(trigger.get(kind) for kind in ("segment", "api")):
        per = "order"
    about = payload.get("about")
    named = about.get(per) if isinstance(about, Mapping) else None
    number = {"order": order_id, "customer": customer_id}.get(per, payload.get(f"{per}_id", named))
    return f"{per}:{number}"[:_LONGEST_KEY] if number is not None else f"customer:{customer_id}"


def key_of_another(key: str, was: int, now_is: int) -> str:
    """The same entry of a customer who turned out to be another one; keys of orders and the like stay as they are."""
    kind, _, rest = key.partition(":")
    number, sign, about = rest.partition(":")
    is_own = kind in _OF_PEOPLE and number == str(was)
    return f"{kind}:{now_is}{sign}{about}"[:_LONGEST_KEY] if is_own else key


def next_turn(again: Any, before: Sequence[Before], *, event: Before, now: datetime) -> int:
    """Which turn this entry would be, 1 for the first; 0 when nobody may enter again for the same thing now.

    One run at a time; and an event that is told twice is one entry, however long the first run was.
    """
    if not before:
        return 1
    if any(one.is_active or (one.happened_at, one.facts) == (event.happened_at, event.facts) for one in before):
        return 0
    last = max(before, key=lambda one: one.turn)
    if isinstance(again, Mapping):
        return last.turn + 1 if now - last.started_at >= timedelta(days=again.get("after_days", 0)) else 0
    return last.turn + 1 if again == ALWAYS else 0


def again_of(document: Mapping[str, Any]) -> Any:
    """The re-entry rule. What is told by API happens again and again; anything else happens once unless it is said."""
    told = (document.get("entry") or {}).get("again")
    by_call = document["trigger"].get("api") or document["trigger"].get("event") == "customer.tracked"
    return told or (ALWAYS if by_call else NEVER)
