"""What an answer remembers of its order and person."""

from datetime import timedelta
from typing import Any

import pytest

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.events.parcels import ParcelDelivered
from thereafter.feedback import snapshots
from thereafter.feedback.actions import answering
from thereafter.feedback.models import Answer
from thereafter.feedback.tests.makers import ASKED, make_invitation
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


def arrived(order: Order, *, late: bool | None, carrier: str = "dhl") -> None:
    record(
        ParcelDelivered(
            store_id=order.store_id,
            customer_id=order.customer_id,
            order_id=order.pk,
            occurred_at=ASKED,
            parcel_id=1,
            carrier=carrier,
            late=late,
        )
    )


def test_an_answer_keeps_what_was_known_when_it_was_given(store: Store) -> None:
    order = make_order(store)
    arrived(order, late=True)
    given = answering.answer(make_invitation(order), score=4, now=ASKED)
    facts = Answer.objects.get(pk=given.pk).facts
    assert (facts["carrier"], facts["late"], facts["channel"], facts["orders_before"]) == ("dhl", True, "mail", 0)
    assert facts["first_order"] == f"{order.placed_at:%Y-%m}"
    assert facts["product_ids"] == list(order.lines.values_list("product_id", flat=True).distinct())


def test_one_late_parcel_makes_the_order_late(store: Store) -> None:
    order = make_order(store)
    for late in (None, True, False):
        arrived(order, late=late)
    assert snapshots.facts_for(store.pk, [order.pk])[order.pk]["late"] is True


def test_orders_before_are_those_of_the_person_that_were_not_cancelled(store: Store) -> None:
    first = make_order(store, number="1")
    later = make_order(store, number="2")
    gone = make_order(store, number="3")
    Order.objects.filter(pk__in=[later.pk, gone.pk]).update(customer=first.customer)
    Order.objects.filter(pk=later.pk).update(placed_at=PLACED + timedelta(days=70))
    Order.objects.filter(pk=gone.pk).update(placed_at=PLACED + timedelta(days=9), status=Order.Status.CANCELLED)
    facts = snapshots.facts_for(store.pk, [first.pk, later.pk])
    assert [facts[order.pk]["orders_before"] for order in (first, later)] == [0, 1]
    assert facts[later.pk]["first_order"] == f"{PLACED:%Y-%m}"
    assert snapshots.facts_of(store.pk, [first.customer_id])[first.customer_id]["orders_before"] == 2


def test_a_lane_is_from_the_shop_to_where_the_parcel_goes(store: Store) -> None:
    order = make_order(store)
    Store.objects.filter(pk=store.pk).update(country="DE")
    Order.objects.filter(pk=order.pk).update(shipping_address={"country": "AT", "region": "W"})
    facts = snapshots.facts_for(store.pk, [order.pk])[order.pk]
    assert (facts["country"], facts["region"], facts["lane"]) == ("AT", "AT-W", "DE-AT")
    Order.objects.filter(pk=order.pk).update(shipping_address={})
    Customer.objects.filter(pk=order.customer_id).update(country="")
    assert not {"country", "region", "lane"} & set(snapshots.facts_for(store.pk, [order.pk])[order.pk])


def test_nothing_of_another_store_is_known(store: Store) -> None:
    order = make_order(make_store("other"))
    assert snapshots.facts_for(store.pk, [order.pk]) == {}
    assert snapshots.facts_of(store.pk, [order.customer_id]) == {}


def test_a_hundred_orders_take_as_many_queries_as_one(store: Store, django_assert_num_queries: Any) -> None:
    orders = [make_order(store, number=str(number)) for number in range(30)]
    for several in (orders[:1], orders):
        with django_assert_num_queries(4):
            assert len(snapshots.facts_for(store.pk, [order.pk for order in several])) == len(several)
