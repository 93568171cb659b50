"""What friends buy, keep and send back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.documents import Address, Person
from thereafter.commerce.tests.makers import make_order, make_pool
from thereafter.events.loyalty import ReferralQualified, ReferralRewarded, ReferralUndone
from thereafter.kit import clock
from thereafter.loyalty.actions import friend_orders, programmes, referral_days, turning
from thereafter.loyalty.models import Entry, Member, Referral
from thereafter.loyalty.queries.referrals import Sums, sums_of_advocate
from thereafter.loyalty.tests.inviting import (
    START,
    accepted,
    again,
    buys,
    cancels,
    member,
    points_of,
    refunds,
    rewarding,
)
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded

pytestmark = pytest.mark.django_db
State = Referral.State


@pytest.fixture
def store() -> Store:
    store = make_store()
    rewarding(store)
    return store


@pytest.fixture
def ann(store: Store) -> Member:
    return member(store)


def test_the_first_order_that_is_large_enough_counts(store: Store, ann: Member) -> None:
    """F01 of the worked cases."""
    referral = accepted(ann)
    buys(store, "39.99", days=1)
    assert (again(referral).state, points_of(ann)) == (State.CLAIMED, (0, 0))
    order = buys(store, "40", days=2)
    found = again(referral)
    assert (found.state, found.order_id, points_of(ann)) == (State.QUALIFIED, order.pk, (0, 500))
    assert found.held_until == order.placed_at + timedelta(days=14)
    assert_recorded(ReferralQualified, customer_id=ann.customer_id, points=500, referral_id=referral.pk)


def test_delivery_does_not_make_an_order_large_enough(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    buys(store, "39", shipping="4.90")
    assert again(referral).state == State.CLAIMED


def test_the_hold_is_counted_in_days_of_the_shops_clock(ann: Member, store: Store) -> None:
    """The clocks of Berlin go forward on 29 March: fourteen days later it is the same time on the wall."""
    referral = accepted(ann)
    buys(store, days=20)
    assert again(referral).held_until == datetime(2026, 4, 4, 9, tzinfo=UTC)


def test_the_reward_can_be_used_when_the_hold_is_over(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    order = buys(store)
    end = order.placed_at + timedelta(days=14)
    assert referral_days.reward_due(end - timedelta(seconds=1)) == 0
    assert referral_days.reward_due(end) == 1
    assert again(referral).state == State.REWARDED
    assert_recorded(ReferralRewarded, customer_id=ann.customer_id, points=500)
    assert referral_days.reward_due(end) == 0


def test_money_back_in_the_hold_takes_the_reward_back(store: Store, ann: Member) -> None:
    """F02 of the worked cases."""
    referral = accepted(ann)
    order = buys(store)
    refunds(order, "60", days=9)
    assert (again(referral).state, points_of(ann)) == (State.UNDONE, (0, 0))
    assert_recorded(ReferralUndone, customer_id=ann.customer_id, referral_id=referral.pk)


def test_a_part_may_go_back_as_long_as_enough_is_kept(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    order = buys(store)
    refunds(order, "20", days=9)
    assert (again(referral).state, points_of(ann)) == (State.QUALIFIED, (0, 500))
    refunds(order, "0.01", days=10, name="r2")
    assert (again(referral).state, points_of(ann)) == (State.UNDONE, (0, 0))


def test_what_comes_back_after_the_hold_changes_nothing(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    order = buys(store)
    referral_days.reward_due(order.placed_at + timedelta(days=14))
    refunds(order, "60", days=17)
    turning.turn(START + timedelta(days=17), 100)
    assert (again(referral).state, points_of(ann)) == (State.REWARDED, (500, 0))


def test_a_refund_of_the_hold_that_we_hear_of_late_still_counts(store: Store, ann: Member) -> None:
    """Shops' news arrive late; what counts is when the money went back."""
    referral = accepted(ann)
    order = buys(store)
    referral_days.reward_due(order.placed_at + timedelta(days=14))
    assert again(referral).state == State.REWARDED
    refunds(order, "60", days=15.9)
    assert (again(referral).state, points_of(ann)) == (State.UNDONE, (0, 0))


def test_a_cancelled_order_is_as_if_it_had_not_been(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    order = buys(store)
    cancels(order, days=3)
    assert (again(referral).state, points_of(ann)) == (State.UNDONE, (0, 0))
    buys(store, days=4)
    assert (again(referral).state, points_of(ann)) == (State.QUALIFIED, (0, 500))


def test_only_the_first_order_counts(store: Store, ann: Member) -> None:
    accepted(ann)
    buys(store, days=2)
    buys(store, days=3)
    assert points_of(ann) == (0, 500)


def test_every_order_counts_where_the_shop_says_so(store: Store, ann: Member) -> None:
    rewarding(store, on="every_order")
    referral = accepted(ann)
    first = buys(store, days=2)
    buys(store, days=3)
    assert points_of(ann) == (0, 1000)
    assert sums_of_advocate(ann) == Sums(friends=1, points=0, pending=1000)
    refunds(first, "60", days=5)
    assert (again(referral).state, points_of(ann)) == (State.QUALIFIED, (0, 500))
    turning.turn(START + timedelta(days=18), 100)
    assert sums_of_advocate(ann) == Sums(friends=1, points=500, pending=0)


def test_accepting_alone_counts_where_the_shop_says_so(store: Store, ann: Member) -> None:
    rewarding(store, on="joining", hold_days=3)
    referral = accepted(ann)
    assert (referral.state, referral.order_id) == (State.QUALIFIED, None)
    assert points_of(ann) == (0, 500)


def test_an_order_after_the_time_is_over_does_not_count(store: Store, ann: Member) -> None:
    rewarding(store, lapse_days=10)
    referral = accepted(ann)
    buys(store, days=10)
    assert again(referral).state == State.CLAIMED


def test_an_order_of_before_the_time_was_over_that_comes_late_counts(store: Store, ann: Member) -> None:
    rewarding(store, lapse_days=10)
    referral = accepted(ann)
    referral_days.lapse(START + timedelta(days=10))
    buys(store, days=9)
    assert (again(referral).state, points_of(ann)) == (State.QUALIFIED, (0, 500))


def test_what_was_promised_holds_when_the_programme_changes(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    later = {"rate": "0", "referral": {"points": 1, "is_on": False}}
    programmes.publish(store, later, by=None, now=START + timedelta(days=1))
    buys(store)
    assert (again(referral).state, points_of(ann)) == (State.QUALIFIED, (0, 500))


def test_the_same_name_at_the_same_address_is_the_member_themselves(store: Store, ann: Member) -> None:
    home = Address(name="Ann Ridge", line1="Weg 3", postcode="10115", city="Berlin", country="DE")
    buys(store, email="ann@example.com", days=-20, shipping_address=home)
    referral = accepted(ann)
    who = Person(email="bob@example.com", name="Ann Ridge")
    buys(store, customer=who, shipping_address=home)
    found = again(referral)
    assert (found.state, points_of(ann)) == (State.REFUSED, (0, 0))
    assert (
        found.doubts[0]["text"] == "Both order under the same name at the same address: Ann Ridge, Weg 3, 10115 Berlin."
    )


def test_a_friend_of_the_same_household_counts_and_is_flagged(store: Store, ann: Member) -> None:
    street = {"line1": "Weg 3", "postcode": "10115", "city": "Berlin", "country": "DE"}
    buys(store, email="ann@example.com", days=-20, shipping_address=Address(name="Ann Ridge", **street))
    referral = accepted(ann)
    buys(
        store, customer=Person(email="bob@example.com", name="Bob S"), shipping_address=Address(name="Bob S", **street)
    )
    found = again(referral)
    assert found.state == State.QUALIFIED
    assert [doubt["reason"] for doubt in found.doubts] == ["same_address"]


def test_an_order_of_before_the_invitation_that_comes_late_refuses_it(store: Store, ann: Member) -> None:
    referral = accepted(ann)
    buys(store, days=2)
    buys(store, "10", days=-30)
    assert (again(referral).state, points_of(ann)) == (State.REFUSED, (0, 0))
    assert again(referral).doubts[0]["reason"] == "existing_customer"


def test_a_member_is_rewarded_for_so_many_friends(store: Store, ann: Member) -> None:
    rewarding(store, most_per_member=2)
    taken = [accepted(ann, f"f{number}@example.com") for number in range(3)]
    for number in range(3):
        buys(store, email=f"f{number}@example.com", days=2 + number)
    assert [again(one).state for one in taken] == [State.QUALIFIED, State.QUALIFIED, State.REFUSED]
    assert points_of(ann) == (0, 1000)


def test_a_code_that_somebody_else_used_makes_them_the_friend(store: Store, ann: Member) -> None:
    make_pool(store, "Friends")
    rewarding(store, friend_pool="friends")
    referral = accepted(ann)
    assert referral.friend_coupon
    order = buys(store, email="bob.work@example.com", discount_codes=[referral.friend_coupon.code])
    found = again(referral)
    assert (found.state, found.friend_id) == (State.QUALIFIED, order.customer_id)
    assert found.friend_email == "bob@example.com"
    assert [doubt["reason"] for doubt in found.doubts] == ["code_passed_on"]


def test_a_code_that_the_member_used_is_a_self_referral(store: Store, ann: Member) -> None:
    make_pool(store, "Friends")
    rewarding(store, friend_pool="friends")
    referral = accepted(ann)
    assert referral.friend_coupon
    buys(store, email="ann@example.com", discount_codes=[referral.friend_coupon.code])
    assert (again(referral).state, points_of(ann)) == (State.REFUSED, (0, 0))


def test_a_code_that_an_old_customer_used_is_told_and_waits_for_the_friend(store: Store, ann: Member) -> None:
    make_pool(store, "Friends")
    rewarding(store, friend_pool="friends")
    buys(store, email="old@example.com", days=-40)
    referral = accepted(ann)
    assert referral.friend_coupon
    buys(store, email="old@example.com", discount_codes=[referral.friend_coupon.code])
    found = again(referral)
    assert (found.state, found.friend_id) == (State.CLAIMED, referral.friend_id)
    assert "does not count" in found.doubts[0]["text"]


def test_the_same_news_twice_gives_nothing_twice(store: Store, ann: Member) -> None:
    accepted(ann)
    order = buys(store)
    before = Entry.objects.of(store).count()
    friend_orders.settle(store.pk, [order.pk], now=START + timedelta(days=3))
    assert Entry.objects.of(store).count() == before


def test_orders_of_strangers_cost_two_queries(store: Store, ann: Member) -> None:
    accepted(ann)
    orders = [buys(store, email=f"s{number}@example.com").pk for number in range(3)]
    with CaptureQueriesContext(connection) as seen:
        friend_orders.settle(store.pk, orders, now=START + timedelta(days=3))
    asked = [one["sql"] for one in seen.captured_queries if one["sql"].startswith("SELECT")]
    assert len(asked) <= 3


def test_many_friends_cost_as_many_queries_as_few(store: Store) -> None:
    rewarding(store, max_per_ip_7d=1000)

    def asked(number: int) -> int:
        friends = []
        for each in range(number):
            one = member(store, f"m{number}-{each}@example.com")
            friends.append(accepted(one, f"f{number}-{each}@other.example").friend_id or 0)
            with clock.at(START):
                make_order(
                    store,
                    email=f"f{number}-{each}@other.example",
                    customer=Person(email=f"f{number}-{each}@other.example"),
                    placed_at=START + timedelta(days=1),
                )
        with CaptureQueriesContext(connection) as seen:
            friend_orders.settle_friends(store.pk, friends, now=START + timedelta(days=2))
        assert Referral.objects.of(store).filter(friend__in=friends, state=State.QUALIFIED).count() == number
        return len(seen.captured_queries)

    assert asked(2) == asked(6)
