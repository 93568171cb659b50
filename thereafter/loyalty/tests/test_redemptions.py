"""Spending, holding, taking back."""

from datetime import UTC, datetime, timedelta

import pytest

from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.events.points import PointsReturned, PointsSpent
from thereafter.kit import clock
from thereafter.loyalty.actions import members, points, redemptions, turning
from thereafter.loyalty.actions.programmes import publish
from thereafter.loyalty.actions.redemptions import Refused
from thereafter.loyalty.models import Account, Lot, Member, Redemption
from thereafter.loyalty.queries.ledger import doubted
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def john(store: Store) -> Customer:
    """With 100 points that end on the 11th and 50 that never do."""
    with clock.at(START):
        customer = make_order(store, placed_at=START - timedelta(days=1)).customer
        run_until_idle()
    points.revoke(store.pk, Account.objects.get().entries.get().source, name="x", reason="gone", at=START, now=START)
    ending = points.Award(customer.pk, 100, "a", "gift", START, expires_at=START + timedelta(days=10))
    points.award_many(store.pk, [ending, points.Award(customer.pk, 50, "b", "gift", START)], now=START)
    return customer


def account() -> Account:
    return Account.objects.get()


def test_what_ends_first_is_spent_first_and_goes_back_to_where_it_came_from(store: Store, john: Customer) -> None:
    redemptions.redeem(john, points=120, key="k1", now=START)
    assert list(Lot.objects.filter(remaining__gt=0).values_list("entry__source", "remaining")) == [("b", 30)]
    assert_recorded(PointsSpent, points=120)
    done = redemptions.cancel(store.pk, "k1", now=START)
    assert not done.is_repeat
    assert redemptions.cancel(store.pk, "k1", now=START).is_repeat
    assert dict(Lot.objects.filter(remaining__gt=0).values_list("entry__source", "remaining")) == {"a": 100, "b": 50}
    assert_recorded(PointsReturned, points=120)
    assert doubted() == {}


def test_parts_go_back_one_after_the_other_and_never_more_than_was_spent(store: Store, john: Customer) -> None:
    spent = redemptions.redeem(john, points=120, key="k1", now=START).redemption
    for number, (wanted, back) in enumerate(((30, 30), (60, 60), (60, 30), (1, 0))):
        moved = redemptions.restore_part(spent, wanted, source=f"back:{number}", at=START, now=START)
        assert moved == back
    assert redemptions.restore_part(spent, 30, source="back:0", at=START, now=START) == 0
    assert account().available == 150
    assert doubted() == {}


def test_the_same_key_for_something_else_is_a_mistake_of_the_caller(store: Store, john: Customer) -> None:
    redemptions.redeem(john, points=10, key="k1", now=START)
    assert redemptions.redeem(john, points=10, key="k1", now=START).is_repeat
    with pytest.raises(Refused) as refused:
        redemptions.redeem(john, points=20, key="k1", now=START)
    assert refused.value.reason == "key_reused"
    assert account().available == 140


@pytest.mark.parametrize("wanted", [0, -5])
def test_nothing_is_not_spent(store: Store, john: Customer, wanted: int) -> None:
    with pytest.raises(Refused):
        redemptions.redeem(john, points=wanted, key="k1", now=START)
    assert not Redemption.objects.exists()


def test_a_lapse_is_found_by_the_clock_and_by_whoever_comes_first(store: Store, john: Customer) -> None:
    redemptions.reserve(john, points=150, key="h1", now=START, minutes=30)
    assert (account().available, account().reserved) == (0, 150)
    later = START + timedelta(minutes=30)
    redemptions.redeem(john, points=150, key="k1", now=later)
    assert Redemption.objects.get(key="h1").state == "lapsed"
    redemptions.cancel(store.pk, "k1", now=later)
    redemptions.reserve(john, points=150, key="h2", now=later, minutes=30)
    assert turning.turn(later + timedelta(minutes=29)) == 0
    assert turning.turn(later + timedelta(minutes=30)) == 1
    assert turning.turn(later + timedelta(minutes=31)) == 0
    assert (account().available, account().reserved) == (150, 0)
    assert doubted() == {}


def test_points_that_end_while_they_are_held_end_when_they_come_back(store: Store, john: Customer) -> None:
    ended = START + timedelta(days=10)
    redemptions.reserve(john, points=120, key="h1", now=ended - timedelta(minutes=5), minutes=30)
    turning.turn(ended)
    assert (account().available, account().reserved) == (30, 120)
    redemptions.release(store.pk, "h1", now=ended + timedelta(minutes=5))
    assert (account().available, account().reserved) == (50, 0)
    assert doubted() == {}


def test_a_grace_gives_late_points_days_of_their_own(store: Store, john: Customer) -> None:
    publish(store, {"restore": "grace_30"}, by=None, now=START)
    redemptions.redeem(john, points=120, key="k1", now=START)
    late = START + timedelta(days=20)
    redemptions.cancel(store.pk, "k1", now=late)
    assert account().available == 150
    turning.turn(late + timedelta(days=30))
    assert account().available == 50
    assert doubted() == {}


def test_who_owes_pays_with_what_comes_back(store: Store, john: Customer) -> None:
    redemptions.redeem(john, points=150, key="k1", now=START)
    points.revoke(store.pk, "b", name="b:gone", reason="gone", at=START, now=START)
    assert account().debt == 50
    redemptions.cancel(store.pk, "k1", now=START)
    assert (account().available, account().debt) == (100, 0)
    assert doubted() == {}


def test_points_of_another_kind_are_spent_apart(store: Store, john: Customer) -> None:
    publish(store, {"actions": {"run": {"points": 7, "currency": "miles"}}}, by=None, now=START)
    points.award_many(store.pk, [points.Award(john.pk, 7, "m", "run", START, kind="miles")], now=START)
    redemptions.redeem(john, points=5, key="k1", now=START, currency="miles")
    with pytest.raises(Refused):
        redemptions.redeem(john, points=3, key="k2", now=START, currency="miles")
    assert {one.kind: one.available for one in Account.objects.all()} == {"points": 150, "miles": 2}
    john.refresh_from_db()
    assert john.trait("loyalty.points") == 150


def test_who_left_cannot_spend(store: Store, john: Customer) -> None:
    members.leave(Member.objects.get(), now=START)
    with pytest.raises(Refused):
        redemptions.redeem(john, points=10, key="k1", now=START)
