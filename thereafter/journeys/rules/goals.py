"""What a journey is for, and by when it must have happened to count. Plain Python."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from thereafter.events.base import ShopperEvent

WITHIN_DAYS = 30
# What a journey without a goal is judged by.
DEFAULT = "order.placed"


def window(document: Mapping[str, Any]) -> timedelta:
    return timedelta(days=(document.get("goal") or {}).get("within_days") or WITHIN_DAYS)


def stops(document: Mapping[str, Any]) -> bool:
    """Whether reaching the goal ends the journey."""
    return bool((document.get("goal") or {}).get("stops"))


def is_within(occurred_at: datetime, started_at: datetime, document: Mapping[str, Any]) -> bool:
    """The goal counts from when one entered until its window is over; what started the journey was before that."""
    return started_at < occurred_at <= started_at + window(document)


def event_key(event: ShopperEvent) -> str:
    """What happened, so that it counts once however often we are told: "order.placed:17", "survey.answered:3"."""
    told = event.payload()
    own = next((told[name] for name in told if name.endswith("_id") and told[name] is not None), None)
    number = own if own is not None else event.order_id or event.occurred_at.isoformat()
    return f"{event.name}:{number}"[:120]


def treated_share(document: Mapping[str, Any]) -> float:
    """The chance of being let in, of one: what the holdout leaves."""
    return 1 - float(document.get("holdout") or 0) / 100
