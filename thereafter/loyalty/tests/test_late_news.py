"""News that come late, twice, or about somebody who became another: nothing is lost, made from nothing or stuck."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.actions.orders import take_orders, take_refunds
from thereafter.commerce.documents import Line, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import make_order, order_doc
from thereafter.kit import clock
from thereafter.loyalty.actions import earning, members, orders, points, redemptions, reward_orders, turning
from thereafter.loyalty.models import Account, Entry, Member, TierChange
from thereafter.loyalty.queries.ledger import doubted
from thereafter.loyalty.tests.givings import has, join, person, publish
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANN = "ann@example.com"


def day(number: float) -> datetime:
    return DAY + timedelta(days=number)


def bought(store: Store, amount: str, *, on: float = 0, heard: float | None = None, **said: Any) -> Order:
    line = Line(external_id="1", title="Shoe", quantity=1, unit_price=amount, product_id="shoe")
    with clock.at(day(on if heard is None else heard)):
        order = make_order(store, email=ANN, placed_at=day(on), lines=[line], **said)
        run_until_idle()
    return order


def back(order: Order, amount: str, *, on: float, heard: float | None = None, name: str = "r1") -> None:
    doc = RefundDoc(external_id=name, amount=amount, at=day(on))
    with clock.at(day(on if heard is None else heard)):
        take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=doc)], source="api", now=clock.now())
        run_until_idle()


def test_points_that_come_back_after_their_end_end_again_however_late_we_hear() -> None:
    store = make_store()
    publish(store, expiry={"mode": "days", "n": 10})
    order = bought(store, "100")
    with clock.at(day(1)):
        done = redemptions.redeem(order.customer, key="k", points=60, now=day(1))
        turning.turn(day(20))
        assert has(order.customer) == 0
        redemptions.restore_part(done.redemption, 30, source="back:1", at=day(2), now=day(21))
        redemptions.restore_part(done.redemption, 30, source="back:2", at=day(3), now=day(22))
    assert has(order.customer) == 0
    assert doubted() == {}


def test_two_old_orders_of_one_day_end_by_rest_twice() -> None:
    store = make_store()
    publish(store, expiry={"mode": "inactivity", "n": 3, "months": 3})
    one = bought(store, "100", on=0, heard=200)
    bought(store, "50", on=0.1, heard=201)
    assert has(one.customer) == 0
    assert doubted() == {}


def test_what_is_let_go_after_the_rest_ends_too() -> None:
    store = make_store()
    publish(store, expiry={"mode": "inactivity", "months": 3})
    order = bought(store, "100")
    ends = Account.objects.get().expires_at
    assert ends
    redemptions.reserve(order.customer, key="h", points=60, minutes=60, now=ends - timedelta(minutes=30))
    turning.turn(ends + timedelta(days=2))
    assert has(order.customer) == 0
    assert doubted() == {}


def test_long_keys() -> None:
    store = make_store()
    publish(store, actions={"a" * 40: {"points": 5}})
    order = bought(store, "100")
    for n in range(2):
        got = earning.earn(order.customer, "a" * 40, key="api:" + "k" * 79 + str(n), at=day(1), now=day(1))
        assert got.result == "ok"
    redemptions.redeem(order.customer, key="k" * 99 + "1", points=5, now=day(1))
    redemptions.reserve(order.customer, key="k" * 99 + "2", points=5, now=day(1))


def test_an_exchange_for_dearer_goods_of_an_order_without_points_is_taken_back() -> None:
    store = make_store()
    order = bought(store, "0.50")
    orders.exchange(order, name="x", returned_minor=50, new_minor=10050, at=day(1), now=day(1))
    assert has(order.customer) == 100
    back(order, "100.50", on=2)
    assert has(order.customer) == 0
    assert doubted() == {}


def test_an_order_that_became_somebody_elses_is_still_taken_back() -> None:
    store = make_store()
    order = bought(store, "100")
    other = person(store, "bob@example.com")
    with clock.at(day(1)):
        doc = order_doc(order.number, email="bob@example.com", placed_at=day(0), lines=[Line(external_id="1", title="Shoe", quantity=1, unit_price="100", product_id="shoe")], changed_at=day(1))
        take_orders(store, [doc], source="api", now=day(1))
        run_until_idle()
    order.refresh_from_db()
    print("customer now", order.customer.email, [(a.customer.email, a.available) for a in Account.objects.all()])
    back(order, "100", on=2)
    print([(a.customer.email, a.available, a.debt) for a in Account.objects.all()])
    assert sum(a.available - a.debt for a in Account.objects.all()) == 0
    assert doubted() == {}


def test_leaving_and_coming_back_is_no_rise() -> None:
    store = make_store()
    publish(store, tiers=[{"key": "gold", "name": "Gold", "min": "50", "entry_points": 500}], tier={"metric": "spend"})
    order = bought(store, "100")
    assert has(order.customer) == 600
    member = Member.objects.get()
    for n in range(3):
        members.leave(member, now=day(1 + n))
        with clock.at(day(1 + n)):
            member = members.join(order.customer, source="page", now=day(1 + n))
            run_until_idle()
        bought(store, "1", on=1.5 + n)
    print(has(order.customer), list(TierChange.objects.values_list("from_tier", "to_tier", "why")))
    assert Entry.objects.filter(reason="tier").count() == 1


def test_what_is_held_when_somebody_leaves_is_gone_too() -> None:
    store = make_store()
    order = bought(store, "100")
    redemptions.reserve(order.customer, key="h", points=60, minutes=60, now=day(1))
    members.leave(Member.objects.get(), now=day(1))
    turning.turn(day(2))
    assert has(order.customer) == 0
    assert doubted() == {}


def test_refund_after_leaving_gives_nothing_back() -> None:
    store = make_store()
    order = bought(store, "100")
    with clock.at(day(1)):
        done = redemptions.redeem(order.customer, key="k", points=60, now=day(1))
    members.leave(Member.objects.get(), now=day(2))
    redemptions.cancel(store.pk, "k", now=day(3))
    assert has(order.customer) == 0
    assert doubted() == {}


def test_merge_birthdays() -> None:
    from thereafter.loyalty.actions import birthdays
    store = make_store()
    publish(store, birthday={"points": 100})
    a, b = join(store, "a@example.com"), join(store, "b@example.com")
    for one in (a, b):
        members.set_birthday(one, month=3, day=10, now=day(-200))
    with clock.at(day(0)):
        run_until_idle()
        merge(a.customer, b.customer, day(0))
        run_until_idle()
    t = datetime(2026, 3, 10, 12, tzinfo=UTC)
    with clock.at(t):
        birthdays.run(store.pk, t)
    assert has(a) == 100


def test_redeem_and_merge_key() -> None:
    store = make_store()
    order = bought(store, "100")
    redemptions.reserve(order.customer, key="h", points=60, minutes=600, now=day(1))
    other = person(store, "bob@example.com")
    with clock.at(day(1)):
        merge(other, Customer.objects.get(pk=order.customer_id), day(1))
        run_until_idle()
    customer = Customer.objects.get(email=ANN) if Customer.objects.filter(email=ANN).exists() else other
    assert customer.pk == other.pk
    again = redemptions.reserve(order.customer, key="h", points=60, minutes=600, now=day(1))
    assert again.is_repeat
    redemptions.capture(store.pk, "h", now=day(1) + timedelta(hours=1))
    assert doubted() == {}
    other.refresh_from_db()
    assert other.traits.get("loyalty.member") is True
    assert other.traits.get("loyalty.points") == 40


def test_backfill_then_leaver() -> None:
    from thereafter.loyalty.actions import backfilling
    store = make_store()
    order = bought(store, "100")
    members.leave(Member.objects.get(), now=day(1))
    backfilling.carry_out(store, "b", {"kind": "multiplier", "x": "3"}, starts_at=day(-5), ends_at=day(5), by=None, now=day(2))
    assert has(order.customer) == 0


def test_backfill_exchange_refund() -> None:
    from thereafter.loyalty.actions import backfilling
    store = make_store()
    order = bought(store, "100")
    back(order, "50", on=0.5)
    backfilling.carry_out(store, "b", {"kind": "multiplier", "x": "3"}, starts_at=day(-5), ends_at=day(5), by=None, now=day(2))
    assert has(order.customer) == 150
    orders.exchange(order, name="x", returned_minor=1000, new_minor=3000, at=day(3), now=day(3))
    assert has(order.customer) == 210
    back(order, "70", on=4, name="r2")
    assert has(order.customer) == 0
    assert doubted() == {}


def test_refund_larger_negative_and_again() -> None:
    store = make_store()
    order = bought(store, "100")
    back(order, "500", on=1)
    assert has(order.customer) == 0
    back(order, "10", on=2, name="r2")
    assert has(order.customer) == 0
    assert doubted() == {}
