"""Joining, leaving, being held out, being one person after all; and points for orders of the past."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.actions import customers
from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import Line, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.events.loyalty import MemberJoined
from thereafter.kit import clock
from thereafter.loyalty.actions import backfilling, birthdays, holdouts, members, points, redemptions
from thereafter.loyalty.actions.programmes import publish
from thereafter.loyalty.models import Account, Backfill, Entry, Lot, Member
from thereafter.loyalty.queries.ledger import doubted
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry as LogEntry
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)
DOUBLE = {"kind": "multiplier", "x": "2"}


@pytest.fixture
def store() -> Store:
    return make_store()


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def buy(store: Store, price: str, at: datetime, email: str = "john@example.com", **given: Any) -> Order:
    with clock.at(at):
        line = Line(external_id="1", title="Shoes", quantity=1, unit_price=price)
        order = make_order(store, email=email, placed_at=at, lines=[line], **given)
        run_until_idle()
    return order


def available(email: str = "john@example.com") -> int:
    found = Account.objects.filter(customer__email=email).first()
    return found.available if found else 0


def test_who_has_to_ask_earns_nothing_before_and_the_last_days_when_they_do(store: Store) -> None:
    publish(store, {"joining": "asked", "reach_back_days": 30}, by=None, now=START)
    buy(store, "10.00", day(1))
    order = buy(store, "84.00", day(40))
    assert available() == 0
    with clock.at(day(50)):
        members.join(order.customer, source="page", now=day(50))
        run_until_idle()
    assert available() == 84
    assert LogEntry.objects.filter(name=MemberJoined.name).count() == 1


def test_who_leaves_loses_what_is_left_earns_no_more_and_may_come_back(store: Store) -> None:
    order = buy(store, "84.00", day(1))
    member = Member.objects.get()
    assert members.leave(member, now=day(2))
    assert not members.leave(member, now=day(2))
    buy(store, "50.00", day(3))
    assert available() == 0
    assert Entry.objects.filter(kind="expire").get().points == -84
    members.join(order.customer, source="page", now=day(4))
    buy(store, "20.00", day(5))
    assert available() == 20
    assert doubted() == {}


def test_who_is_held_out_is_made_good_when_it_ends(store: Store) -> None:
    publish(store, {"holdout_percent": 50}, by=None, now=START)
    for number in range(12):
        buy(store, "30.00", day(2), email=f"p{number}@example.com")
    held = Member.objects.filter(is_held_out=True)
    count = held.count()
    assert 0 < count < 12
    assert sum(Account.objects.values_list("available", flat=True)) == 30 * (12 - count)
    with clock.at(day(9)):
        assert holdouts.end(store, by=make_staff(store), now=day(9)) == count
        run_until_idle()
    assert sum(Account.objects.values_list("available", flat=True)) == 30 * 12


def test_two_people_who_are_one_keep_their_lots_and_pay_their_debts(store: Store) -> None:
    spent = buy(store, "30.00", day(1), email="jo@example.com")
    redemptions.redeem(spent.customer, points=30, key="all", now=day(2))
    with clock.at(day(3)):
        back = RefundDoc(external_id="r1", amount="30.00", at=day(3))
        take_refunds(store, [RefundOfOrder(order=spent.external_id, refund=back)], source="api", now=day(3))
        run_until_idle()
    kept = buy(store, "100.00", day(4))
    with clock.at(day(5)):
        customers.merge(kept.customer, Customer.objects.get(email="jo@example.com"), day(5))
        run_until_idle()
    account = Account.objects.get()
    assert (account.available, account.debt) == (70, 0)
    assert Member.objects.count() == 1 or Member.objects.exclude(customer=kept.customer).count() == 1
    assert doubted() == {}


def test_points_of_an_account_that_went_over_still_end_on_their_day(store: Store) -> None:
    publish(store, {"expiry": {"mode": "days", "n": 30}}, by=None, now=START)
    buy(store, "30.00", day(1), email="jo@example.com")
    kept = buy(store, "100.00", day(20))
    with clock.at(day(21)):
        customers.merge(kept.customer, Customer.objects.get(email="jo@example.com"), day(21))
        run_until_idle()
    assert Account.objects.get().available == 130
    points.award(kept.customer, points=1, source="gift:1", reason="gift", now=day(33))
    assert Account.objects.get().available == 101


def test_a_back_fill_gives_what_it_previews_and_gives_it_once(store: Store) -> None:
    for number in (1, 5, 9):
        buy(store, "50.00", day(number))
    window = {"starts_at": day(4), "ends_at": day(9)}
    reckoned = backfilling.preview(store, DOUBLE, **window)
    assert (reckoned.orders, reckoned.members, reckoned.points) == (1, 1, 50)
    assert available() == 150
    for _ in range(2):
        done = backfilling.carry_out(store, "spring", DOUBLE, **window, by=None, now=day(20))
        assert (done.orders, done.points) == (1, 50)
    assert available() == 200
    with pytest.raises(backfilling.AlreadyDone):
        backfilling.carry_out(store, "spring", {**DOUBLE, "x": "3"}, **window, by=None, now=day(21))
    assert Backfill.objects.count() == 1


def test_a_refund_after_a_back_fill_takes_its_part_of_both(store: Store) -> None:
    order = buy(store, "100.00", day(1))
    backfilling.carry_out(store, "x2", DOUBLE, starts_at=day(0), ends_at=day(2), by=None, now=day(3))
    with clock.at(day(4)):
        back = RefundDoc(external_id="r1", amount="50.00", at=day(4))
        take_refunds(store, [RefundOfOrder(order=order.external_id, refund=back)], source="api", now=day(4))
        run_until_idle()
    assert available() == 100


def test_old_points_that_have_ended_by_now_are_booked_and_gone(store: Store) -> None:
    publish(store, {"expiry": {"mode": "days", "n": 30}}, by=None, now=START)
    with clock.at(day(200)):
        line = Line(external_id="1", title="Shoes", quantity=1, unit_price="80.00")
        make_order(store, placed_at=day(1), lines=[line])
        run_until_idle()
    assert available() == 0
    assert list(Entry.objects.order_by("id").values_list("kind", "points")) == [("earn", 80), ("expire", -80)]
    assert Lot.objects.get().remaining == 0
    assert doubted() == {}


def test_an_award_that_is_taken_back_twice_goes_once(store: Store) -> None:
    order = buy(store, "10.00", day(1))
    points.award(order.customer, points=40, source="referral:1", reason="referral", now=day(2))
    for _ in range(2):
        points.revoke(store.pk, "referral:1", name="referral:1:undone", reason="referral", at=day(3), now=day(3))
    assert points.revoke(store.pk, "referral:1", name="other", reason="referral", at=day(3), now=day(3)) == 0
    assert available() == 10


def test_the_numbers_page_ends_the_comparison(store: Store) -> None:
    publish(store, {"holdout_percent": 50}, by=None, now=START)
    for number in range(30):
        buy(store, "30.00", day(2), email=f"p{number}@example.com")
    client = signed_in(make_staff(store))
    assert "End the comparison" in client.get(f"/console/{store.slug}/loyalty/points/numbers/").content.decode()
    client.post(f"/console/{store.slug}/loyalty/points/holdout/end/")
    assert not Member.objects.filter(is_held_out=True).exists()
    assert sum(Account.objects.values_list("available", flat=True)) == 30 * 30


def test_who_asks_to_join_is_never_held_out(store: Store) -> None:
    publish(store, {"joining": "asked", "holdout_percent": 50}, by=None, now=START)
    for number in range(8):
        order = buy(store, "30.00", day(2), email=f"p{number}@example.com")
        members.join(order.customer, source="page", now=day(3))
    assert not Member.objects.filter(is_held_out=True).exists()


def test_a_birthday_given_to_one_of_two_is_given_to_the_person(store: Store) -> None:
    publish(store, {"birthday": {"points": 100, "min_notice_days": 0}}, by=None, now=START)
    gone, kept = buy(store, "30.00", day(1), email="jo@example.com"), buy(store, "30.00", day(1))
    for order in (gone, kept):
        member = Member.objects.get(customer=order.customer)
        members.set_birthday(member, month=1, day=20 if order is gone else 25, now=day(2))
    birthdays.run(store.pk, day(19))
    with clock.at(day(20)):
        customers.merge(kept.customer, Customer.objects.get(email="jo@example.com"), day(20))
        run_until_idle()
    birthdays.run(store.pk, day(24))
    assert available() == 30 + 30 + 100


def test_whoever_of_two_takes_part_does_when_they_are_one(store: Store) -> None:
    buy(store, "30.00", day(1), email="jo@example.com")
    kept = buy(store, "30.00", day(1))
    members.leave(Member.objects.get(customer=kept.customer), now=day(2))
    with clock.at(day(3)):
        customers.merge(kept.customer, Customer.objects.get(email="jo@example.com"), day(3))
        run_until_idle()
    buy(store, "10.00", day(4))
    assert available() == 30 + 10
