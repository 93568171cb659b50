"""What mails say of points, tiers and rewards; in every language."""

from datetime import date, timedelta
from typing import Any

import pytest

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.journeys.actions.publishing import install_recipes
from thereafter.kit import clock
from thereafter.loyalty import mail_blocks
from thereafter.loyalty.actions import joining, programmes, redemptions
from thereafter.loyalty.models import Member
from thereafter.loyalty.tests.test_shopper_pages import NOW, PROGRAMME, ten_off
from thereafter.messaging import library
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
OURS = (
    "loyalty_join",
    "loyalty_welcome",
    "points_last_chance",
    "tier_ends_soon",
    "reward_taken",
    "loyalty_birthday",
    "loyalty_milestone",
    "loyalty_join_us",
)


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


def told(fill: Any, order: Order, *more: Any) -> Any:
    with clock.at(NOW):
        (facts,) = fill([order.customer], [None], *more)
    return facts


@pytest.mark.parametrize("key", OURS)
def test_every_letter_speaks_all_languages(key: str) -> None:
    assert set(library.languages(key)) == {"en", "de", "fr", "es", "pt"}


def test_the_tier_block_says_what_is_missing(order: Order) -> None:
    facts = told(mail_blocks.tier, order)
    assert (facts["name"], facts["next"], facts["missing"]) == ("Silver", "Gold", "€110.10")
    assert facts["gains"] == ["Free returns"]
    assert "next=%2Fs%2Fstride%2Frewards%2Ftiers%2F" in facts["url"]


def test_the_rewards_block_has_those_within_reach(order: Order) -> None:
    ten_off(order.store)
    ten_off(order.store, name="€20 off", cost=129, value=2000)
    facts = told(mail_blocks.rewards, order)
    assert [(one["name"], one["ready"]) for one in facts["items"]] == [("€5 off", True), ("€20 off", False)]
    assert facts["items"][1]["note"] == "40 points missing"


def test_points_that_run_out_say_their_last_day(order: Order) -> None:
    facts = told(mail_blocks.points_ending, order)
    assert facts["points"] == "89 points"
    assert date.fromisoformat(facts["until"]) == date(2027, 3, 3)


def test_the_reward_is_only_told_to_who_took_it(order: Order, store: Store) -> None:
    done = redemptions.redeem(order.customer, key="a", reward=ten_off(order.store), now=NOW)
    event = {"redemption_id": done.redemption.pk}
    assert done.redemption.coupon is not None
    assert told(mail_blocks.reward, order, [event])["code"] == done.redemption.coupon.code
    other = make_order(store, number="1002", email="eve@example.com")
    assert told(mail_blocks.reward, other, [event]) is None


def test_who_takes_part_is_not_asked_to_join(order: Order, store: Store) -> None:
    assert told(mail_blocks.join, order) is None
    Member.objects.all().delete()
    facts = told(mail_blocks.join, order)
    assert facts["name"] == "Stride Club"
    assert "Buy something: 1 point for every €1" in facts["ways"]


def test_taking_a_reward_sends_its_code(order: Order) -> None:
    install_recipes(order.store, PLACED)
    with clock.at(NOW):
        done = redemptions.redeem(order.customer, key="a", reward=ten_off(order.store), now=NOW)
        run_until_idle()
    message = Message.objects.get(template="reward_taken")
    assert done.redemption.coupon is not None
    assert message.state == "sent", message.reason
    assert message.customer_id == order.customer_id


def test_who_wants_to_join_gets_a_mail_even_when_nobody_knows_them(store: Store) -> None:
    with clock.at(NOW):
        asked = joining.ask(store, "new@example.com", language="de", now=NOW)
        run_until_idle()
    assert asked is not None
    asked.refresh_from_db()
    assert (asked.mail, asked.mail_error) == ("sent", "")
