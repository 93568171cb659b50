"""Programmes to begin with, as documents. Amounts are those of a currency with cents."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from thereafter.kit.money import exponent

# So many units of a currency without cents are worth about one of those with.
WITHOUT_CENTS = 100


@dataclass(frozen=True, slots=True)
class Ready:
    key: str
    name: str
    about: str
    document: Mapping[str, Any]


_NAMES = {
    "en": ["point", "points"],
    "de": ["Punkt", "Punkte"],
    "fr": ["point", "points"],
    "es": ["punto", "puntos"],
    "pt": ["ponto", "pontos"],
}
_LIFE = {"pending_days": 14, "expiry": {"mode": "inactivity", "months": 12, "warn_days": [30, 7]}}
_USUAL = {
    "joined": {"points": 50, "total": 1},
    "newsletter": {"points": 50, "total": 1},
    "survey": {"points": 25, "per_month": 4},
    "review_text": {"points": 50, "per_order": 1},
    "review_photo": {"points": 100, "per_order": 1},
}
_TIERS: list[dict[str, Any]] = [
    {"key": "bronze", "name": "Bronze", "min": "0", "colour": "#a9713e",
     "words": {"de": "Bronze", "fr": "Bronze", "es": "Bronce", "pt": "Bronze"}},
    {"key": "silver", "name": "Silver", "min": "250", "multiplier": "1.25", "entry_points": 100, "colour": "#8a8f98",
     "benefits": {"free_returns": True, "return_extra_days": 14},
     "words": {"de": "Silber", "fr": "Argent", "es": "Plata", "pt": "Prata"}},
    {"key": "gold", "name": "Gold", "min": "750", "multiplier": "1.5", "entry_points": 250, "colour": "#b8860b",
     "benefits": {"free_returns": True, "free_shipping": True, "priority_support": True, "return_extra_days": 30,
                  "warranty_extra_months": 12, "birthday_points": 100},
     "words": {"de": "Gold", "fr": "Or", "es": "Oro", "pt": "Ouro"}},
]  # fmt: skip
_STANDING = {"metric": "spend", "window": "rolling_365", "term": "days_365", "notice_days": 30}
_FRIENDS = {"points": 200, "friend_points": 100, "min_amount": "30", "hold_days": 14}
_OUTDOOR: list[dict[str, Any]] = [
    {**_TIERS[0], "key": "trail", "name": "Trail", "colour": "#5d7f4e",
     "words": {"de": "Pfad", "fr": "Sentier", "es": "Sendero", "pt": "Trilho"}},
    {**_TIERS[1], "key": "ridge", "name": "Ridge", "colour": "#3f6f8f",
     "benefits": {"free_returns": True, "warranty_extra_months": 12, "workshop_seats": 1},
     "words": {"de": "Grat", "fr": "Crête", "es": "Cresta", "pt": "Crista"}},
    {**_TIERS[2], "key": "summit", "name": "Summit", "colour": "#7a4b2b",
     "benefits": {"free_returns": True, "free_shipping": True, "priority_support": True, "warranty_extra_months": 24,
                  "workshop_seats": 3, "early_access_hours": 48},
     "words": {"de": "Gipfel", "fr": "Sommet", "es": "Cumbre", "pt": "Cume"}},
]  # fmt: skip

_ALL = (
    Ready(
        "points", "Simple points", "A point for every unit of money, a thank-you for answers and reviews.",
        {"points_name": _NAMES, "rate": "1", **_LIFE, "actions": _USUAL},
    ),
    Ready(
        "tiers", "Points and tiers", "Bronze, Silver and Gold with real benefits, friends, and birthdays.",
        {"points_name": _NAMES, "rate": "1", **_LIFE, "actions": _USUAL, "tiers": _TIERS, "tier": _STANDING,
         "referral": _FRIENDS, "birthday": {"points": 100}, "stacking": "additive",
         "milestones": [{"orders": 10, "points": 250, "name": "Tenth order"}]},
    ),
    Ready(
        "outdoor", "Outdoor and repair", "Rewards what goods live through: repair, recycling, workshops, slow parcels.",
        {"points_name": _NAMES, "rate": "1", "pending_days": 30,
         "expiry": {"mode": "inactivity", "months": 24, "warn_days": [60, 14]},
         "actions": {**_USUAL, "recycling": {"points": 150, "per_month": 4},
                     "trade_in": {"points": 200, "per_order": 1},
                     "warranty_registered": {"points": 50, "per_year": 10},
                     "workshop_attended": {"points": 100, "per_month": 4},
                     "exchange": {"points": 50, "per_order": 1}, "slower_delivery": {"points": 20, "per_order": 1}},
         "tiers": _OUTDOOR, "tier": _STANDING, "referral": _FRIENDS, "anniversary": {"points": 50},
         "stacking": "additive"},
    ),
    Ready(
        "friends", "Friends first", "For young shops: few points on orders, many for friends and for pictures.",
        {"points_name": _NAMES, "rate": "0.5", "pending_days": 14, "expiry": {"mode": "months", "n": 12},
         "actions": {**_USUAL, "review_photo": {"points": 200, "per_order": 1}},
         "referral": {**_FRIENDS, "points": 500, "friend_points": 250, "most_per_member": 20},
         "rules": [{"kind": "fixed", "name": "Welcome", "points": 50, "first_order": True}]},
    ),
)  # fmt: skip
READY = {one.key: one for one in _ALL}


def document(key: str, currency: str) -> dict[str, Any]:
    """A ready programme in this currency; raises `KeyError`."""
    said: dict[str, Any] = deepcopy(dict(READY[key].document))
    if exponent(currency):
        return said
    said["rate"] = str(Decimal(said["rate"]) / WITHOUT_CENTS)
    for tier in said.get("tiers", ()):
        tier["min"] = str(Decimal(tier["min"]) * WITHOUT_CENTS)
    if "referral" in said:
        said["referral"]["min_amount"] = str(Decimal(said["referral"]["min_amount"]) * WITHOUT_CENTS)
    return said
