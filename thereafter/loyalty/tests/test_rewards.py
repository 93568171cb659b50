"""The shop's list of rewards: what may be said of one, and what a change means for who has it."""

from datetime import timedelta
from typing import Any

import pytest

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED
from thereafter.loyalty.actions import rewards, starter_rewards
from thereafter.loyalty.actions.reward_pools import Checkout
from thereafter.loyalty.actions.rewards import BadReward, RewardSettings
from thereafter.loyalty.models import Reward
from thereafter.loyalty.queries import rewards as queries
from thereafter.loyalty.rules.rewards import price_of_point
from thereafter.loyalty.tests.reward_makers import NOW, fresh, make_reward, rich, take
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    return rich(store)


def changed(reward: Reward, **settings: Any) -> Reward:
    kept = {name: getattr(reward, name) for name in ("name", "kind", "cost", "value", "currency", "stock")}
    return rewards.change(reward, RewardSettings(**kept | settings), now=NOW)


@pytest.mark.parametrize(
    ("where", "settings"),
    [
        ("name", {"name": " "}),
        ("cost", {"cost": 0}),
        ("value", {"value": 0}),
        ("value", {"kind": "percent", "value": 20_000}),
        ("currency", {"currency": ""}),
        ("products", {"kind": "product"}),
        ("event_starts", {"kind": "seat"}),
        ("recipient", {"kind": "donation"}),
        ("is_stepped", {"kind": "percent", "is_stepped": True}),
        ("most_points", {"is_stepped": True, "most_points": 50}),
        ("delivery", {"is_stepped": True, "checkout": Checkout(delivery="list")}),
        ("ends_at", {"starts_at": NOW, "ends_at": PLACED}),
        ("valid_days", {"details": {"refund_when_expired": True}}),
        ("remind_days", {"valid_days": 10, "checkout": Checkout(remind_days=10)}),
    ],
)
def test_a_reward_that_cannot_be_is_refused_with_the_place(store: Store, where: str, settings: dict[str, Any]) -> None:
    with pytest.raises(BadReward) as wrong:
        make_reward(store, **settings)
    assert wrong.value.field == where
    assert not Reward.objects.of(store).exists()


def test_what_codes_give_was_promised_so_a_new_value_gets_a_new_pool(store: Store, order: Order) -> None:
    reward = make_reward(store)
    taken = take(order, reward)
    reward = changed(reward, value=700)
    assert reward.pool
    assert taken.coupon
    assert (reward.pool.value, fresh(taken).said["value"]) == (700, 500)
    taken.coupon.pool.refresh_from_db()
    assert (taken.coupon.pool.value, taken.coupon.pool.archived_at is not None) == (500, True)


def test_before_anybody_has_it_the_pool_is_changed(store: Store) -> None:
    reward = make_reward(store)
    assert changed(reward, value=700).pool_id == reward.pool_id


def test_the_days_of_a_code_can_change_for_sums_in_steps_too(store: Store, order: Order) -> None:
    reward = make_reward(store, is_stepped=True, value=100)
    take(order, reward, key="a", points=300)
    reward = changed(reward, is_stepped=True, valid_days=30)
    taken = take(order, reward, key="b", points=300)
    assert taken.coupon
    assert taken.coupon.expires_at


def test_a_kind_stays_once_somebody_has_it(store: Store, order: Order) -> None:
    reward = make_reward(store)
    assert changed(reward, kind="credit").pool is None
    reward = changed(reward, kind="amount")
    take(order, reward)
    with pytest.raises(BadReward, match="stays what it is"):
        changed(reward, kind="credit")


def test_stock_that_is_changed_by_hand_knows_what_was_taken_meanwhile(store: Store, order: Order) -> None:
    reward = make_reward(store, "gift", stock=5, value=0, currency="")
    take(order, reward)
    assert changed(reward, stock=10, stock_was=5).stock == 9


def test_rewards_stand_in_the_order_the_shop_gave_them(store: Store) -> None:
    first, second, third = (make_reward(store, name=name) for name in ("One", "Two", "Three"))
    rewards.move(third, by_places=-1)
    assert list(queries.in_order(store)) == [first, third, second]
    rewards.archive(first, archived=True, now=NOW)
    assert list(queries.in_order(store)) == [third, second]
    assert list(queries.in_order(store, archived=True)) == [first]


def test_two_rewards_of_one_name_have_keys_of_their_own(store: Store) -> None:
    assert [make_reward(store, name="Cup").key for _ in range(3)] == ["cup", "cup-2", "cup-3"]


@pytest.mark.parametrize(("currency", "least"), [("EUR", 500), ("JPY", 750), ("SEK", 5000), ("KWD", 5000)])
def test_the_first_rewards_are_in_the_shops_own_currency(currency: str, least: int) -> None:
    store = make_store(currency=currency)
    made = starter_rewards.make_all(store, delivery="api", now=NOW, by=None)
    sums = [one for one in made if one.kind == "amount"]
    assert (len(made), sums[0].value, sums[0].currency) == (5, least, currency)
    prices = [price_of_point(queries.terms_of(one)) or 0 for one in sums]
    assert prices == sorted(prices)
    assert starter_rewards.make_all(store, delivery="api", now=NOW, by=None) == []


def test_figures_count_what_stayed_and_what_it_cost(store: Store, order: Order) -> None:
    gift = make_reward(store, "gift", value=0, currency="", cost_minor=350)
    code = make_reward(store)
    for at in range(2):
        take(order, gift, key=f"gift {at}")
        take(order, code, key=f"code {at}")
    found = queries.figures(store, [gift, code])
    assert (found[gift.pk].taken, found[gift.pk].points, found[gift.pk].cost[0].minor) == (2, 200, 700)
    # A code that nobody used has cost nothing yet.
    assert (found[code.pk].taken, found[code.pk].used, found[code.pk].cost) == (2, 0, [])


def test_an_event_that_is_over_is_offered_no_more(store: Store) -> None:
    reward = make_reward(
        store, "seat", value=0, currency="", details={"starts_at": (NOW + timedelta(days=1)).isoformat()}
    )
    assert queries.is_to_be_had(reward, NOW)
    assert not queries.is_to_be_had(reward, NOW + timedelta(days=1))
