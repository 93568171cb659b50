"""Many at once for the same points and the same things, on connections of their own, on both databases."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest

from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.config.scratch import Scratch, empty_database_for_threads
from thereafter.kit import clock
from thereafter.loyalty.actions import members, points, redemptions, rewards
from thereafter.loyalty.actions.redemptions import Refused
from thereafter.loyalty.actions.rewards import RewardSettings
from thereafter.loyalty.models import Account, Member, Redemption, Reward
from thereafter.loyalty.queries.ledger import doubted
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    """The tests' own connection is in a transaction that nobody else could see into."""
    with clock.at(NOW), empty_database_for_threads() as scratch:
        yield scratch


def at_once(join: Callable[[], AbstractContextManager[None]], times: int, ask: Callable[[int], str]) -> Counter[str]:
    """How often each answer came when all asked behind one barrier."""
    ready = Barrier(times)

    def one(number: int) -> str:
        try:
            with join(), clock.at(NOW):
                ready.wait(60)
                return ask(number)
        except BaseException:
            ready.abort()
            raise

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(one, range(times)))


def member(store: Store, number: int, with_points: int) -> Customer:
    customer = make_order(store, number=str(number), email=f"m{number}@example.com").customer
    members.join(customer, source=Member.Source.API, now=NOW)
    points.adjust(customer, points=with_points, reason="gift", source=f"gift:{number}", by=None, now=NOW)
    return customer


def redeemed(customer: Customer, **what: Any) -> str:
    try:
        done = redemptions.redeem(customer, now=NOW, **what)
    except Refused as refused:
        return refused.reason
    return "repeat" if done.is_repeat else "ok"


def left(customer: Customer) -> int:
    return Account.objects.of(customer.store_id).get(customer=customer).available


def test_fifty_at_once_take_a_hundred_each_of_five_hundred(scratch: Scratch) -> None:
    customer = member(make_store(), 1, 500)
    answers = at_once(scratch.joined, 50, lambda number: redeemed(customer, key=f"k{number}", points=100))
    assert answers == {"ok": 5, "insufficient_points": 45}
    assert left(customer) == 0
    assert doubted() == {}


def test_the_same_key_twenty_times_at_once_is_one_redemption(scratch: Scratch) -> None:
    customer = member(make_store(), 1, 500)
    answers = at_once(scratch.joined, 20, lambda _: redeemed(customer, key="same", points=100))
    assert answers == {"ok": 1, "repeat": 19}
    assert left(customer) == 400
    assert Redemption.objects.count() == 1


def test_ten_at_once_for_three_mugs(scratch: Scratch) -> None:
    store = make_store()
    mug = rewards.make(store, RewardSettings(name="Mug", kind=Reward.Kind.GIFT, cost=100, stock=3), now=NOW)
    people = [member(store, number, 100) for number in range(10)]
    answers = at_once(scratch.joined, 10, lambda at: redeemed(people[at], key=f"k{at}", reward=mug))
    assert answers == {"ok": 3, "out_of_stock": 7}
    assert sorted(left(one) for one in people) == [0] * 3 + [100] * 7
    assert Reward.objects.get().stock == 0
    assert doubted() == {}


def test_ten_at_once_for_a_reward_that_each_may_have_once(scratch: Scratch) -> None:
    store = make_store()
    mug = rewards.make(store, RewardSettings(name="Mug", kind=Reward.Kind.GIFT, cost=100, per_member=1), now=NOW)
    customer = member(store, 1, 1000)
    answers = at_once(scratch.joined, 10, lambda number: redeemed(customer, key=f"k{number}", reward=mug))
    assert answers == {"ok": 1, "limit_reached": 9}
    assert left(customer) == 900


def test_a_capture_and_a_release_at_once_leave_one_of_both(scratch: Scratch) -> None:
    customer = member(make_store(), 1, 100)
    redemptions.reserve(customer, points=80, key="h", now=NOW)

    def settle(number: int) -> str:
        deed = redemptions.capture if number % 2 else redemptions.release
        try:
            done = deed(customer.store_id, "h", now=NOW)
        except Refused:
            return "refused"
        return "repeat" if done.is_repeat else "ok"

    answers = at_once(scratch.joined, 10, settle)
    assert answers["ok"] == 1
    assert left(customer) in (20, 100)
    assert doubted() == {}


def test_awards_of_one_source_at_once_book_one(scratch: Scratch) -> None:
    customer = member(make_store(), 1, 100)

    def give(_: int) -> str:
        return str(points.award(customer, points=25, source="survey:1", reason="survey", now=NOW))

    assert at_once(scratch.joined, 20, give) == {"True": 1, "False": 19}
    assert left(customer) == 125
    assert doubted() == {}
