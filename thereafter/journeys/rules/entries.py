"""Who may enter a journey, and what counts as the same entry. Plain Python."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

FRESH_DAYS = 3


def is_fresh(occurred_at: datetime, now: datetime, trigger: Mapping[str, Any]) -> bool:
    """An old event that only now reached us (an import, a carrier catching up) starts nothing."""
    return now - occurred_at <= timedelta(days=trigger.get("fresh_days", FRESH_DAYS))


def entry_key(trigger: Mapping[str, Any], *, customer_id: int, order_id: int | None, payload: Mapping[str, Any]) -> str:
    """Who can enter once: `once_per` is order, customer, or what the event has an id of (parcel, refund …)."""
    per = trigger.get("once_per", "order")
    number = {"order": order_id, "customer": customer_id}.get(per, payload.get(f"{per}_id"))
    return f"{per}:{number}" if number is not None else f"customer:{customer_id}"
