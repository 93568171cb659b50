"""Members with points and rewards to take, made through the public actions."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from thereafter.commerce.documents import Address
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, SHOES, make_order
from thereafter.kit import clock
from thereafter.loyalty.actions import rewards
from thereafter.loyalty.actions.redemptions import redeem
from thereafter.loyalty.actions.rewards import RewardSettings
from thereafter.loyalty.models import Redemption, Reward
from thereafter.loyalty.queries.ledger import account_of
from thereafter.stores.models import Store
from thereafter.timeline.worker import run_until_idle

NOW = PLACED + timedelta(days=1)
DEAR = replace(SHOES, unit_price="899.00")
HOME = Address(name="John Runner", line1="Allee 7", city="Berlin", postcode="10115", country="DE")


def rich(store: Store, **fields: Any) -> Order:
    """An order that earned its buyer 899 points."""
    with clock.at(NOW):
        made = make_order(store, lines=[DEAR], shipping_address=HOME, **fields)
        run_until_idle(NOW)
    return made


def make_reward(store: Store, kind: str = "amount", **settings: Any) -> Reward:
    """Five off for 100 points, unless said otherwise."""
    given: dict[str, Any] = {"name": f"Some {kind}", "kind": kind, "cost": 100, "value": 500, "currency": "EUR"}
    return rewards.make(store, RewardSettings(**given | settings), now=PLACED)


def take(order: Order, reward: Reward, *, key: str = "k1", points: int | None = None) -> Redemption:
    """The order's buyer takes it; everything that follows from that is done."""
    with clock.at(NOW):
        done = redeem(order.customer, key=key, reward=reward, points=points, now=NOW)
        run_until_idle(NOW)
    return fresh(done.redemption)


def fresh(redemption: Redemption) -> Redemption:
    rows = Redemption.objects.of(redemption.store_id).select_related("coupon__pool", "account", "reward")
    return rows.get(pk=redemption.pk)


def points_of(order: Order) -> int:
    account = account_of(order.customer)
    return account.available if account else 0
