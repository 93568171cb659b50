"""Taking a reward on the member's own page: the points, and where a gift goes, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Customer
from thereafter.loyalty.actions import redemptions
from thereafter.loyalty.actions.handing import set_address
from thereafter.loyalty.models import Redemption, Reward


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A press on the page; `key` is of that page, so that a second press moves nothing."""

    reward: Reward
    key: str
    points: int | None = None
    address: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def take(customer: Customer, wanted: Wanted, *, now: datetime) -> Redemption:
    """Raises `redemptions.Refused`, which undoes all of it."""
    done = redemptions.redeem(customer, key=wanted.key, now=now, points=wanted.points, reward=wanted.reward)
    if wanted.address and not done.is_repeat:
        set_address(done.redemption, wanted.address, now=now)
    return done.redemption
