"""Anniversaries with the shop, and the n-th order that stays bought."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.actions.orders import take_orders, take_refunds
from thereafter.commerce.documents import RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, order_doc
from thereafter.events.loyalty import MilestoneReached
from thereafter.events.points import PointsTakenBack
from thereafter.kit import clock
from thereafter.loyalty.actions import days, members, milestones, points
from thereafter.loyalty.models import Account, Entry, Member, Milestone
from thereafter.loyalty.rules import milestones as rules
from thereafter.loyalty.tests.givings import has, join, moment, publish
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

EVERY_YEAR: dict[str, Any] = {"anniversary": {"points": 100}}
THIRD: dict[str, Any] = {"rate": "0", "milestones": [{"orders": 3, "points": 300, "name": "Third order"}]}
FIRST_DAY = datetime.fromisoformat("2026-03-01T10:00:00+00:00")
pytestmark = pytest.mark.django_db


def run(store: Store, at: str, since: str = "") -> int:
    return milestones.run(store.pk, moment(at), moment(since) if since else None)


@pytest.fixture
def store() -> Store:
    made = make_store(time_zone="UTC")
    publish(made, **EVERY_YEAR, **THIRD)
    return made


def test_each_year_with_the_shop_brings_points_once(store: Store) -> None:
    ann = join(store, at=moment("2024-05-10 10:00"))
    assert run(store, "2024-05-10 12:00") == 0
    assert run(store, "2025-05-10 00:00") == 100
    assert run(store, "2025-05-10 20:00") == 0
    assert run(store, "2026-05-10 00:00") == 100
    assert has(ann) == 200
    assert_recorded(MilestoneReached, key="anniversary:2", kind="anniversary", number=2)


def test_the_day_is_one_of_the_programmes_zone() -> None:
    store = make_store(time_zone="Asia/Tokyo")
    publish(store, **EVERY_YEAR)
    join(store, at=moment("2024-05-10 16:00"))
    assert run(store, "2025-05-10 14:59") == 0
    assert run(store, "2025-05-10 15:00") == 100


def test_whoever_joined_on_29_february_is_not_forgotten(store: Store) -> None:
    join(store, at=moment("2024-02-29 10:00"))
    assert run(store, "2025-02-28 10:00") == 100
    assert run(store, "2028-02-28 10:00") == 0
    assert run(store, "2028-02-29 10:00") == 100


def test_missed_days_are_made_up_for_and_those_of_others_are_not_given(store: Store) -> None:
    join(store, at=moment("2024-05-10 10:00"))
    join(store, "b@example.com", at=moment("2024-05-20 10:00"))
    assert run(store, "2025-05-15 10:00", since="2025-05-08 10:00") == 100


def test_the_job_gives_for_anniversaries_too(store: Store) -> None:
    join(store, at=moment("2024-05-10 10:00"))
    assert days.look_after(moment("2025-05-10 10:00")) == 100


@pytest.mark.parametrize(
    ("joined", "first", "last", "came"),
    [
        (date(2024, 5, 10), date(2026, 5, 10), date(2026, 5, 10), (2, date(2026, 5, 10))),
        (date(2024, 5, 10), date(2024, 5, 10), date(2024, 5, 10), None),
        (date(2024, 12, 31), date(2025, 12, 30), date(2026, 1, 2), (1, date(2025, 12, 31))),
        (date(2024, 5, 10), date(2025, 5, 11), date(2026, 5, 9), None),
    ],
)
def test_when_an_anniversary_came(joined, first, last, came) -> None:
    assert rules.anniversary(joined, first, last) == came


# Orders.


def buy(store: Store, day: int, **fields: Any) -> Order:
    at = FIRST_DAY + timedelta(days=day)
    with clock.at(at):
        order = make_order(store, placed_at=at, **fields)
        run_until_idle()
    return order


def refund(order: Order, amount: str, *, day: int = 60) -> None:
    at = FIRST_DAY + timedelta(days=day)
    doc = RefundDoc(external_id=f"r{order.pk}", amount=amount, at=at)
    with clock.at(at):
        take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=doc)], source=order.source, now=at)
        run_until_idle()


def cancel(order: Order, *, day: int = 60) -> None:
    at = FIRST_DAY + timedelta(days=day)
    doc = order_doc(order.number, placed_at=order.placed_at, cancelled_at=at, changed_at=at)
    with clock.at(at):
        take_orders(order.store, [doc], source=order.source, now=at)
        run_until_idle()


def test_the_third_order_brings_its_points_and_the_fourth_none(store: Store) -> None:
    orders = [buy(store, day) for day in range(4)]
    assert has(orders[0].customer) == 300
    assert_recorded(MilestoneReached, key="orders:3", kind="orders", number=3, points=300)
    entry = Entry.objects.get(reason="milestone")
    assert (entry.snapshot["orders"], entry.snapshot["name"]) == (3, "Third order")


def test_orders_of_others_are_not_counted(store: Store) -> None:
    ann = [buy(store, day) for day in range(2)].pop().customer
    buy(store, 3, email="bob@example.com")
    assert has(ann) == 0


@pytest.mark.parametrize("undo", [lambda order: refund(order, "89.90"), cancel])
def test_an_order_that_comes_back_takes_them_along(store: Store, undo) -> None:
    orders = [buy(store, day) for day in range(3)]
    undo(orders[0])
    assert has(orders[0].customer) == 0
    assert_recorded(PointsTakenBack, points=300, reason="milestone_undone")
    assert Milestone.objects.get().undone_at


def test_a_part_that_comes_back_leaves_the_order_an_order(store: Store) -> None:
    orders = [buy(store, day) for day in range(3)]
    refund(orders[0], "80.00")
    assert has(orders[0].customer) == 300


def test_nobody_reaches_the_same_twice_by_returning(store: Store) -> None:
    orders = [buy(store, day) for day in range(3)]
    refund(orders[0], "89.90")
    for day in (70, 71):
        buy(store, day)
    assert has(orders[0].customer) == 0
    assert Milestone.objects.count() == 1


def test_an_order_that_was_cancelled_before_never_counted(store: Store) -> None:
    first = buy(store, 0)
    cancel(first, day=1)
    for day in (2, 3):
        buy(store, day)
    assert has(first.customer) == 0
    buy(store, 4)
    assert has(first.customer) == 300


def test_new_milestones_give_nothing_for_orders_of_long_ago(store: Store) -> None:
    customer = [buy(store, day) for day in range(4)].pop().customer
    document: dict[str, Any] = {"rate": "0", "milestones": [{"orders": 2, "points": 50}, {"orders": 5, "points": 500}]}
    publish(store, at=FIRST_DAY + timedelta(days=10), **document)
    buy(store, 11)
    assert has(customer) == 300 + 500


def test_points_that_were_spent_become_a_debt_when_they_are_taken_back(store: Store) -> None:
    orders = [buy(store, day) for day in range(3)]
    customer, now = orders[0].customer, FIRST_DAY + timedelta(days=30)
    points.adjust(customer, points=-300, reason="spent", source="spent", by=None, now=now)
    refund(orders[0], "89.90")
    assert Account.objects.get(customer=customer).debt == 300


def test_whoever_left_reaches_nothing_more(store: Store) -> None:
    customer = buy(store, 0).customer
    members.leave(Member.objects.get(customer=customer), now=FIRST_DAY + timedelta(hours=1))
    for day in (1, 2):
        buy(store, day)
    assert not Milestone.objects.exists()


def test_a_shop_without_milestones_asks_nothing_of_orders() -> None:
    store = make_store()
    customer = [buy(store, day) for day in range(3)].pop().customer
    assert not Milestone.objects.exists()
    assert has(customer) == 3 * 89
