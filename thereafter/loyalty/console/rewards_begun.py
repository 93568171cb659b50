"""What stands in the form of a reward before anything is typed in."""

from decimal import Decimal
from typing import Any

from thereafter.kit.money import Money
from thereafter.loyalty.actions.reward_pools import checkout_of
from thereafter.loyalty.models import Reward
from thereafter.loyalty.rules import rewards as rules
from thereafter.stores.models import Store

# Fields that are called as in the model.
KEPT = ("name", "text", "image_url", "cost", "most_points", "stock", "per_member", "tiers", "is_shown", "is_stepped")


def begun(store: Store, kind: str, reward: Reward | None, delivery: str) -> dict[str, Any]:
    if reward is None:
        return {"cost": 100, "is_shown": True, "valid_days": 90, "remind_days": 14, "delivery": delivery}
    code = reward.currency or store.currency
    pool = checkout_of(reward.pool)
    found: dict[str, Any] = {name: getattr(reward, name) for name in (*KEPT, "valid_days", "starts_at", "ends_at")}
    found |= {
        "amount": _amount(reward.value, code),
        "percent": _short(Decimal(reward.value) / 100),
        "minimum": _amount(reward.minimum_minor, code) if reward.minimum_minor else None,
        "own_cost": _amount(reward.cost_minor, code) if reward.cost_minor is not None else None,
        "products": next(iter(reward.products), "") if kind == rules.PRODUCT else reward.products,
        "stock_was": reward.stock,
        "delivery": pool.delivery,
        "combinable": pool.combinable,
        "beginning": pool.prefix,
        "remind_days": pool.remind_days,
    }
    details = reward.details
    found |= {"event_place": details.get("place", ""), "event_note": details.get("note", "")}
    found |= {"event_starts": rules.begins_at(details), "event_ends": rules.ends_at(details)}
    return found | {name: details.get(name, "") for name in ("recipient", "refund_when_expired")}


def _amount(minor: int, currency: str) -> Decimal:
    return Money(minor, currency).amount


def _short(value: Decimal) -> Decimal:
    """10 instead of 10.00, 12.5 as it is."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
