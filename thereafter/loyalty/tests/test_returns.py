"""Points follow the money of returns, once, in whatever order we hear of it."""

from datetime import timedelta
from itertools import permutations

import pytest

from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.events.points import PointsTakenBack
from thereafter.events.refunds import RefundSettled
from thereafter.kit import clock
from thereafter.loyalty.models import Entry
from thereafter.loyalty.queries import ledger as queries
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.models import Delivery, Due
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
LATER = PLACED + timedelta(days=10)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    made = make_order(store)
    run_until_idle()
    return made


def ours(order: Order, amount_minor: int, *refs: str, grant: int = 1) -> None:
    """What returns tell when a refund of theirs has gone back."""
    record(
        RefundSettled(
            store_id=order.store_id,
            occurred_at=LATER,
            customer_id=order.customer_id,
            order_id=order.pk,
            grant_id=grant,
            amount_minor=amount_minor,
            currency="EUR",
            provider_refs=refs,
        )
    )


def the_shops(order: Order, amount: str, name: str) -> None:
    with clock.at(LATER):
        doc = RefundDoc(external_id=name, amount=amount, at=LATER)
        take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=doc)], source="api", now=LATER)


def balance(order: Order) -> int:
    account = queries.account_of(order.customer)
    return account.available if account else 0


def test_our_own_refund_takes_its_part_of_the_points(order: Order) -> None:
    ours(order, 4495, "re_1")
    run_until_idle()
    assert balance(order) == 44
    assert_recorded(PointsTakenBack, points=45, reason="refund", source="grant:1")


@pytest.mark.parametrize("first", ["ours", "the shop's"])
def test_a_refund_of_ours_that_the_shop_tells_of_counts_once(order: Order, first: str) -> None:
    tell = [lambda: ours(order, 4495, "re_1"), lambda: the_shops(order, "44.95", "re_1")]
    for say in tell if first == "ours" else reversed(tell):
        say()
        run_until_idle()
        assert balance(order) == 44
    Delivery.objects.update(state=Due.WAITING)
    run_until_idle()
    assert balance(order) == 44
    assert Entry.objects.filter(kind=Entry.Kind.CLAWBACK).count() == 1


def test_the_order_of_handling_leaves_no_point_and_takes_none_twice(store: Store) -> None:
    for number, turn in enumerate(permutations(range(3))):
        order = make_order(store, number=f"P{number}", email=f"p{number}@example.com")
        run_until_idle()
        ours(order, 2000, f"re_{number}", grant=number + 10)
        the_shops(order, "20.00", f"re_{number}")
        the_shops(order, "24.95", f"own_{number}")
        waiting = list(
            Delivery.objects.filter(entry__order_id=order.pk, subscriber="loyalty.settle_orders", state=Due.WAITING)
        )
        assert len(waiting) == 3
        for at in turn:
            Delivery.objects.exclude(pk=waiting[at].pk).filter(state=Due.WAITING).update(state=Due.DEAD)
            run_until_idle()
            Delivery.objects.filter(state=Due.DEAD).update(state=Due.WAITING)
        run_until_idle()
        assert balance(order) == 44, turn


def test_another_refund_of_the_shop_counts_on_top(order: Order) -> None:
    ours(order, 4495, "re_1")
    the_shops(order, "44.95", "own_1")
    run_until_idle()
    assert balance(order) == 0


def test_one_that_came_back_from_the_bank_and_went_again_counts_once(order: Order) -> None:
    ours(order, 4495, "re_1")
    run_until_idle()
    ours(order, 4495, "re_2")
    run_until_idle()
    assert balance(order) == 44


def test_what_was_exchanged_keeps_its_points_and_only_the_difference_goes(order: Order) -> None:
    ours(order, 999, "re_1")
    run_until_idle()
    assert balance(order) == 79
