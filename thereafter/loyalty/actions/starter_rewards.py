"""Rewards to begin with, for a shop that has none yet: sums that people expect, in the shop's own currency."""

from datetime import datetime

from django.db import transaction

from thereafter.kit.money import Money, exponent
from thereafter.loyalty.actions import rewards
from thereafter.loyalty.actions.reward_pools import Checkout
from thereafter.loyalty.actions.rewards import RewardSettings
from thereafter.loyalty.models import Reward
from thereafter.loyalty.queries.rewards import in_order
from thereafter.loyalty.rules import rewards as rules
from thereafter.stores.models import Staff, Store

VALID_DAYS = 90
# (points, units of a currency like the euro)
SUMS = ((100, 5), (200, 12), (400, 30))
# What five euros are about, where a unit is worth far less.
_TIMES = {"JPY": 150, "KRW": 1500, "HUF": 400, "INR": 80, "CLP": 1000, "COP": 4000, "IDR": 16000, "VND": 25000}
_SMALL = {"SEK": 10, "NOK": 10, "DKK": 7, "CZK": 25, "PLN": 4, "BRL": 5, "MXN": 20, "TRY": 30, "ZAR": 20, "THB": 35}


@transaction.atomic
def make_all(store: Store, *, delivery: str, now: datetime, by: Staff | None) -> list[Reward]:
    """Three sums off, a tenth off and free shipping; nothing where the shop has rewards already."""
    if in_order(store).exists():
        return []
    return [rewards.make(store, one, now=now, by=by) for one in starters(store, delivery)]


def starters(store: Store, delivery: str) -> list[RewardSettings]:
    """A point costs five to seven and a half hundredths of a unit: the more are saved, the better."""
    return [
        *(_sum_off(store, delivery, points, units) for points, units in SUMS),
        _code(rules.PERCENT, "10% off your next order", 250, 1000, delivery),
        _code(rules.SHIPPING, "Free shipping", 120, 0, delivery),
    ]


def _sum_off(store: Store, delivery: str, points: int, units: int) -> RewardSettings:
    code = store.currency
    minor = units * (_TIMES | _SMALL).get(code, 1) * 10 ** exponent(code)
    name = f"{Money(minor, code).format('en')} off your next order"
    return _code(rules.AMOUNT, name, points, minor, delivery, code)


def _code(kind: str, name: str, points: int, value: int, delivery: str, currency: str = "") -> RewardSettings:
    return RewardSettings(
        name=name,
        kind=kind,
        cost=points,
        value=value,
        currency=currency,
        valid_days=VALID_DAYS,
        checkout=Checkout(delivery=delivery, remind_days=14),
    )
