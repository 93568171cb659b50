"""News that come late, twice, or about somebody who became another: nothing is lost, made from nothing or stuck."""

from datetime import UTC, datetime, timedelta

import pytest

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.actions.orders import take_orders, take_refunds
from thereafter.commerce.documents import Line, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import make_order, order_doc
from thereafter.kit import clock
from thereafter.loyalty.actions import backfilling, earning, members, orders, redemptions, turning
from thereafter.loyalty.models import Account, Entry, Member
from thereafter.loyalty.queries.ledger import doubted
from thereafter.loyalty.tests.givings import has, person, publish
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANN, BOB = "ann@example.com", "bob@example.com"
GOLD = {"key": "gold", "name": "Gold", "min": "50", "entry_points": 500}
THREE_TIMES = {"kind": "multiplier", "x": "3"}


def day(number: float) -> datetime:
    return DAY + timedelta(days=number)


def shoe(price: str) -> list[Line]:
    return [Line(external_id="1", title="Shoe", quantity=1, unit_price=price, product_id="shoe")]


def bought(store: Store, amount: str, *, on: float = 0, heard: float | None = None) -> Order:
    with clock.at(day(on if heard is None else heard)):
        order = make_order(store, email=ANN, placed_at=day(on), lines=shoe(amount))
        run_until_idle()
    return order


def back(order: Order, amount: str, *, on: float, name: str = "r1") -> None:
    doc = RefundDoc(external_id=name, amount=amount, at=day(on))
    with clock.at(day(on)):
        take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=doc)], source="api", now=day(on))
        run_until_idle()


def give_three_times(store: Store) -> None:
    backfilling.carry_out(store, "b", THREE_TIMES, starts_at=day(-5), ends_at=day(5), by=None, now=day(2))


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
    publish(store, expiry={"mode": "inactivity", "months": 3})
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


def test_a_programme_without_an_end_by_rest_ends_nothing_by_it() -> None:
    store = make_store()
    publish(store, at=day(-9), expiry={"mode": "inactivity", "months": 3})
    order = bought(store, "100")
    publish(store, at=day(10), expiry={"mode": "never"})
    turning.turn(day(400))
    assert has(order.customer) == 100
    assert doubted() == {}


def test_long_names_that_begin_alike_are_two() -> None:
    store = make_store()
    publish(store, actions={"a" * 40: {"points": 5}})
    order = bought(store, "100")
    for last in "12":
        earned = earning.earn(order.customer, "a" * 40, key="k" * 83 + last, at=day(1), now=day(1))
        assert earned.result == "ok"
        redemptions.redeem(order.customer, key="k" * 99 + last, points=5, now=day(1))
    assert max(len(source) for source in Entry.objects.values_list("source", flat=True)) <= 100


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
    doc = order_doc(order.number, email=BOB, placed_at=day(0), lines=shoe("100"), changed_at=day(1))
    with clock.at(day(1)):
        take_orders(store, [doc], source="api", now=day(1))
        run_until_idle()
    assert Order.objects.get().customer.email == BOB
    back(order, "100", on=2)
    assert has(order.customer) == 0
    assert doubted() == {}


def test_leaving_and_coming_back_is_no_rise() -> None:
    store = make_store()
    publish(store, tiers=[GOLD])
    order = bought(store, "100")
    assert has(order.customer) == 600
    members.leave(Member.objects.get(), now=day(1))
    with clock.at(day(1)):
        members.join(order.customer, source="page", now=day(1))
        run_until_idle()
    bought(store, "1", on=2)
    assert Member.objects.get().tier == "gold"
    assert has(order.customer) == 1


def test_a_welcome_is_given_again_after_a_real_fall() -> None:
    store = make_store()
    publish(store, tiers=[GOLD])
    order = bought(store, "100")
    back(order, "100", on=1)
    assert Member.objects.get().tier == ""
    bought(store, "100", on=2)
    assert Entry.objects.filter(reason="tier").count() == 2


def test_what_is_held_when_somebody_leaves_is_gone_too() -> None:
    store = make_store()
    order = bought(store, "100")
    redemptions.reserve(order.customer, key="h", points=60, minutes=60, now=day(1))
    members.leave(Member.objects.get(), now=day(1))
    turning.turn(day(2))
    assert has(order.customer) == 0
    assert doubted() == {}


def test_what_comes_back_after_leaving_is_gone_too() -> None:
    store = make_store()
    order = bought(store, "100")
    redemptions.redeem(order.customer, key="k", points=60, now=day(1))
    members.leave(Member.objects.get(), now=day(2))
    redemptions.cancel(store.pk, "k", now=day(3))
    assert has(order.customer) == 0
    assert doubted() == {}


def test_what_was_held_goes_on_after_two_became_one() -> None:
    store = make_store()
    order = bought(store, "100")
    redemptions.reserve(order.customer, key="h", points=60, minutes=600, now=day(1))
    kept = person(store, BOB)
    with clock.at(day(1)):
        merge(kept, Customer.objects.get(pk=order.customer_id), day(1))
        run_until_idle()
    redemptions.capture(store.pk, "h", now=day(1) + timedelta(hours=1))
    assert has(kept) == 40
    assert Customer.objects.get(pk=kept.pk).traits["loyalty.member"] is True
    assert doubted() == {}


def test_who_left_gets_nothing_later_for_orders_of_the_past() -> None:
    store = make_store()
    order = bought(store, "100")
    members.leave(Member.objects.get(), now=day(1))
    give_three_times(store)
    assert has(order.customer) == 0


def test_a_refund_after_a_back_fill_and_an_exchange_leaves_nothing() -> None:
    store = make_store()
    order = bought(store, "100")
    back(order, "50", on=0.5)
    give_three_times(store)
    assert has(order.customer) == 150
    orders.exchange(order, name="x", returned_minor=1000, new_minor=3000, at=day(3), now=day(3))
    assert has(order.customer) == 210
    back(order, "70", on=4, name="r2")
    back(order, "500", on=5, name="r3")
    assert has(order.customer) == 0
    assert doubted() == {}
