"""The programme's pages, as members and those who are not yet see them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.kit import clock
from thereafter.loyalty.actions import points, programmes, redemptions, rewards
from thereafter.loyalty.actions.rewards import RewardSettings
from thereafter.loyalty.models import Account, Entry, Member, Redemption, Reward
from thereafter.loyalty.tests.visitors import visitor
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PROGRAMME: dict[str, Any] = {
    "name": "Stride Club",
    "rate": "1",
    "expiry": {"mode": "months", "n": 12},
    "tiers": [
        {"name": "Silver", "key": "silver", "min": "50", "benefits": {"free_returns": True}},
        {"name": "Gold", "key": "gold", "min": "200", "benefits": {"warranty_extra_months": 12}, "multiplier": "1.5"},
    ],
    "actions": {"survey": {"points": 25, "per_month": 1}, "newsletter": {"points": 50, "total": 1}},
    "birthday": {"points": 100},
    "referral": {"points": 200, "friend_points": 100},
}


@pytest.fixture
def store() -> Store:
    store = make_store()
    programmes.publish(store, PROGRAMME, by=None, now=PLACED - timedelta(days=1))
    return store


@pytest.fixture
def order(store: Store) -> Order:
    with clock.at(PLACED):
        order = make_order(store, number="1001")
        run_until_idle()
    return order


def page(client: Client, name: str, *args: Any, at: datetime = NOW, **query: str) -> str:
    with clock.at(at):
        answer = client.get(reverse(f"loyalty_storefront:{name}", args=["stride", *args]), query)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def press(client: Client, page_name: str, /, *args: Any, at: datetime = NOW, **fields: Any) -> Any:
    with clock.at(at):
        return client.post(reverse(f"loyalty_storefront:{page_name}", args=["stride", *args]), fields)


def ten_off(store: Store, **settings: Any) -> Reward:
    given: dict[str, Any] = {
        "name": "€5 off",
        "kind": "amount",
        "cost": 50,
        "value": 500,
        "currency": "EUR",
        "valid_days": 90,
    }
    return rewards.make(store, RewardSettings(**(given | settings)), now=PLACED)


def once(text: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', text)
    assert found
    return found[1]


def test_everybody_sees_what_the_programme_gives(store: Store) -> None:
    ten_off(store)
    shown = page(Client(), "home")
    for words in (
        "Stride Club",
        "1 point for every €1",
        "Silver",
        "Free returns",
        "€5 off",
        "200 points",
        "Send me a link",
    ):
        assert words in shown, words


def test_the_home_page_tells_balance_tier_and_what_comes_next(order: Order) -> None:
    ten_off(order.store)
    shown = page(visitor(order.customer), "home")
    for words in ("Hello John", ">89<", "Worth up to €5", "€110.10 more and you are Gold", "Order 1001", "€5 off"):
        assert words in shown, words


def test_who_is_not_signed_in_is_led_to_the_first_page(order: Order) -> None:
    for name in ("history", "mine", "card", "leave"):
        answer = Client().get(reverse(f"loyalty_storefront:{name}", args=["stride"]))
        assert (answer.status_code, answer["Location"]) == (302, "/s/stride/rewards/")


def test_a_reward_is_taken_once_however_often_the_form_is_sent(order: Order) -> None:
    reward = ten_off(order.store)
    client = visitor(order.customer)
    form: dict[str, Any] = {"once": once(page(client, "take", reward.key))}
    first, again = (press(client, "take", reward.key, **form) for _ in range(2))
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    assert Account.objects.get().available == 39
    redemption = Redemption.objects.get()
    shown = page(client, "redemption", redemption.pk)
    assert redemption.coupon is not None
    assert redemption.coupon.code in shown
    assert "Good until" in shown
    assert "€5 off" in page(client, "mine")
    assert "Taken: €5 off" in page(client, "history")


def test_a_reward_in_steps_is_taken_in_the_step_that_was_chosen(order: Order) -> None:
    reward = ten_off(order.store, name="Money off", cost=20, value=100, is_stepped=True)
    client = visitor(order.customer)
    shown = page(client, "take", reward.key)
    assert "€4" in shown
    assert "for 80 points, 9 points remain" in shown
    press(client, "take", reward.key, once=once(shown), points="60")
    assert Account.objects.get().available == 29
    assert Redemption.objects.get().points == 60


def test_a_gift_asks_where_it_goes(order: Order) -> None:
    reward = ten_off(order.store, name="A bottle", kind="gift", value=0, currency="", stock=3, valid_days=None)
    client = visitor(order.customer)
    key = once(page(client, "take", reward.key))
    without = press(client, "take", reward.key, once=key, name="John", line1="", city="Berlin", country="DE")
    assert without.status_code == 422
    assert not Redemption.objects.exists()
    press(
        client, "take", reward.key, once=key, name="John", line1="Weg 1", postcode="10115", city="Berlin", country="DE"
    )
    redemption = Redemption.objects.get()
    assert redemption.address["line1"] == "Weg 1"
    assert "Weg 1" in page(client, "redemption", redemption.pk)


def test_too_few_points_say_how_many_are_missing(order: Order) -> None:
    reward = ten_off(order.store, cost=129)
    client = visitor(order.customer)
    assert "40 points missing" in page(client, "home")
    shown = page(client, "take", reward.key)
    assert "40 points missing" in shown
    assert 'name="once"' not in shown
    refused = press(client, "take", reward.key, once="x")
    assert refused.status_code == 422
    assert "too few points" in refused.content.decode()
    assert not Redemption.objects.exists()


def test_another_member_s_rewards_are_not_there(order: Order) -> None:
    reward = ten_off(order.store)
    client = visitor(order.customer)
    press(client, "take", reward.key, once="mine")
    with clock.at(PLACED):
        other = make_order(order.store, number="1002", email="eve@example.com")
        run_until_idle()
    there = reverse("loyalty_storefront:redemption", args=["stride", Redemption.objects.get().pk])
    assert visitor(other.customer).get(there).status_code == 404


def test_history_says_why_points_went_back(order: Order) -> None:
    back = RefundDoc(external_id="r1", amount="44.95", at=PLACED + timedelta(days=2))
    with clock.at(back.at):
        take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=back)], source="api", now=back.at)
        run_until_idle()
    shown = page(visitor(order.customer), "history")
    assert "Order 1001: you got half of your money back" in shown
    assert "half of your money" not in page(visitor(order.customer), "history", show="came")


def test_points_that_wait_say_when_they_come(store: Store) -> None:
    programmes.publish(store, {**PROGRAMME, "pending_days": 14}, by=None, now=PLACED - timedelta(hours=1))
    with clock.at(PLACED):
        order = make_order(store, number="1001")
        run_until_idle()
    shown = page(visitor(order.customer), "home", at=PLACED + timedelta(days=1))
    assert "89 points come" in shown
    assert "17 Mar" in shown


def test_a_birthday_is_told_once(order: Order) -> None:
    client = visitor(order.customer)
    assert "When is your birthday?" in page(client, "home")
    wrong = press(client, "birthday", day="31", month="2")
    assert wrong.status_code == 422
    assert "There is no such day." in wrong.content.decode()
    press(client, "birthday", day="3", month="5")
    press(client, "birthday", day="4", month="6")
    member = Member.objects.get()
    assert (member.birth_day, member.birth_month) == (3, 5)
    assert "When is your birthday?" not in page(client, "home")


def test_what_an_entry_does_to_the_state_of_points_is_not_a_line(order: Order) -> None:
    redemptions.reserve(order.customer, points=30, key="till:1", now=NOW)
    client = visitor(order.customer)
    assert "Held at the checkout until" in page(client, "history")
    redemptions.capture(order.store_id, "till:1", now=NOW + timedelta(minutes=1))
    shown = page(client, "history")
    assert "Paid with points" in shown
    assert Entry.objects.filter(kind="capture").exists()
    assert shown.count("−30") == 1


def test_a_merchant_s_own_words_stand_as_they_are(order: Order) -> None:
    points.award(order.customer, points=11, source="hand:1", reason="For your patience", now=NOW)
    assert "For your patience" in page(visitor(order.customer), "history")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ["So sammelst du", "Punkte"]),
        ("fr", ["points"]),
        ("es", ["puntos"]),
        ("pt", ["pontos"]),
    ],
)
def test_the_pages_speak_the_shopper_s_language(order: Order, language: str, words: list[str]) -> None:
    shown = page(visitor(order.customer), "home", lang=language)
    assert not [word for word in words if word not in shown]


def test_following_is_taken_on_trust_once(store: Store) -> None:
    ways = {"social_instagram": {"points": 10, "total": 1, "url": "https://instagram.example/stride"}}
    programmes.publish(store, {**PROGRAMME, "actions": ways}, by=None, now=PLACED - timedelta(hours=1))
    with clock.at(PLACED):
        order = make_order(store, number="1001")
        run_until_idle()
    client = visitor(order.customer)
    assert "Follow us on Instagram" in page(client, "home")
    shown = press(client, "follow", "instagram").content.decode()
    assert "Thank you: 10 points for you" in shown
    assert 'href="https://instagram.example/stride"' in shown
    press(client, "follow", "instagram")
    assert Account.objects.get().available == 99
    assert press(client, "follow", "tiktok").status_code == 404
