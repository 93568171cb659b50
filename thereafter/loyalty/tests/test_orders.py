"""What orders earn and lose."""

from datetime import timedelta
from itertools import permutations

import pytest

from thereafter.commerce.actions.orders import take_orders, take_refunds
from thereafter.commerce.documents import Line, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order, order_doc
from thereafter.events.points import PointsAwarded, PointsTakenBack
from thereafter.loyalty.actions.programmes import publish
from thereafter.loyalty.models import Entry
from thereafter.loyalty.queries import ledger as queries
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.models import Delivery, Due
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
LATER = PLACED + timedelta(days=10)
PAIR = Line(external_id="1", title="Trail Runner 2", quantity=1, unit_price="89.90", product_id="shoe")


@pytest.fixture
def store() -> Store:
    return make_store()


def refund(store: Store, order: Order, amount: str, name: str = "r1") -> None:
    doc = RefundDoc(external_id=name, amount=amount, at=LATER)
    take_refunds(store, [RefundOfOrder(order=order.external_id, refund=doc)], source="api", now=LATER)


def cancel(store: Store, order: Order) -> None:
    doc = order_doc(order.number, cancelled_at=LATER, changed_at=LATER)
    take_orders(store, [doc], source="api", now=LATER)


def balance(order: Order) -> int:
    account = queries.account_of(order.customer)
    return account.available if account else 0


def test_an_order_earns_a_point_per_whole_euro_of_its_items(store: Store) -> None:
    order = make_order(store, shipping="4.90")
    run_until_idle()
    assert balance(order) == 89
    order.customer.refresh_from_db()
    assert order.customer.trait("loyalty.points") == 89
    assert_recorded(PointsAwarded, points=89, reason="order", order_id=order.pk, source=f"order:{order.pk}")


def test_a_discount_of_the_order_counts(store: Store) -> None:
    order = make_order(store, discount="10")
    run_until_idle()
    assert balance(order) == 79


def test_an_order_told_twice_earns_once(store: Store) -> None:
    order = make_order(store, number="1001")
    run_until_idle()
    make_order(store, number="1001")
    Delivery.objects.update(state=Due.WAITING)
    run_until_idle()
    assert balance(order) == 89
    assert Entry.objects.count() == 1


def test_an_order_that_arrives_cancelled_earns_nothing(store: Store) -> None:
    order = make_order(store, cancelled_at=LATER)
    run_until_idle()
    assert balance(order) == 0
    assert not Entry.objects.exists()


def test_a_cancelled_order_gives_its_points_back_once(store: Store) -> None:
    order = make_order(store)
    run_until_idle()
    cancel(store, order)
    run_until_idle()
    Delivery.objects.update(state=Due.WAITING)
    run_until_idle()
    assert balance(order) == 0
    assert_recorded(PointsTakenBack, points=89, reason="cancellation", order_id=order.pk)


def test_it_does_not_matter_in_which_order_the_news_are_handled(store: Store) -> None:
    for number, turn in enumerate(permutations(range(3))):
        order = make_order(store, number=f"P{number}", email=f"p{number}@example.com")
        refund(store, order, "20.00")
        cancel(store, order)
        deliveries = list(Delivery.objects.filter(entry__order_id=order.pk, subscriber="loyalty.settle_orders"))
        assert len(deliveries) == 3
        for at in turn:
            Delivery.objects.exclude(pk=deliveries[at].pk).filter(state=Due.WAITING).update(state=Due.DEAD)
            run_until_idle()
            Delivery.objects.filter(state=Due.DEAD).update(state=Due.WAITING)
        run_until_idle()
        assert balance(order) == 0, turn


def test_a_part_of_the_money_back_takes_its_part_of_the_points(store: Store) -> None:
    order = make_order(store)
    run_until_idle()
    refund(store, order, "44.95")
    run_until_idle()
    assert balance(order) == 44
    assert_recorded(PointsTakenBack, points=45, reason="refund")


def test_three_refunds_take_everything_and_each_its_own_part(store: Store) -> None:
    order = make_order(store, lines=[Line(external_id="1", title="Socks", quantity=1, unit_price="10.00")])
    run_until_idle()
    for name, amount in (("r1", "3.33"), ("r2", "3.33"), ("r3", "3.34")):
        refund(store, order, amount, name)
    run_until_idle()
    assert [entry.points for entry in Entry.objects.order_by("id")] == [10, -4, -3, -3]
    assert balance(order) == 0


def test_the_same_refund_twice_takes_once(store: Store) -> None:
    order = make_order(store)
    refund(store, order, "44.95")
    refund(store, order, "44.95")
    run_until_idle()
    Delivery.objects.update(state=Due.WAITING)
    run_until_idle()
    assert balance(order) == 44


@pytest.mark.parametrize("rate", ["0", "2"])
def test_a_refund_goes_by_the_rule_of_the_order_s_day(store: Store, rate: str) -> None:
    order = make_order(store)
    run_until_idle()
    publish(store, {"rate": rate}, by=None, now=LATER)
    refund(store, order, "89.90")
    run_until_idle()
    assert balance(order) == 0


def test_a_batch_of_orders_takes_a_fixed_number_of_queries(store: Store, django_assert_max_num_queries: object) -> None:
    docs = [order_doc(str(number), email=f"p{number}@example.com") for number in range(45)]
    take_orders(store, docs, source="api", now=LATER)
    # 450 deliveries are one batch of the outbox; all rooms together, and one query per order would be 45 more.
    with django_assert_max_num_queries(290):  # type: ignore[operator]  # a fixture of pytest-django
        run_until_idle()
    assert queries.totals(store).net == 45 * 89
