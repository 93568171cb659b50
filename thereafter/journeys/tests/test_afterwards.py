"""What happens to people when things happen after a journey has had its say: an order, a pause, another record."""

from typing import Any

import pytest

from thereafter.commerce.actions.customers import change_consent, merge
from thereafter.commerce.models import Customer, Order
from thereafter.events.orders import OrderRefunded
from thereafter.events.parcels import ParcelDelivered
from thereafter.journeys import handlers
from thereafter.journeys.actions import moving, pausing
from thereafter.journeys.models import Run
from thereafter.journeys.tests.test_wounds import (
    CART,
    DAY,
    HOUR,
    NOW,
    REST,
    SAY,
    bought,
    cart,
    delivered,
    journey,
    order_of,
    work,
)
from thereafter.kit import clock
from thereafter.messaging.actions.contact_rules import change_rules
from thereafter.messaging.models import Message
from thereafter.messaging.rules.contact_rules import ContactRules, Quiet
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.mark.parametrize("guard", [{"stops_on": ["order.placed"]}, {"goal": {"event": "order.placed", "stops": True}}])
def test_the_cart_mail_that_was_held_for_the_night_comes_after_the_order(store: Store, guard: dict[str, Any]) -> None:
    journey(store, {"id": "say", "kind": "send", "template": "newsletter"}, trigger=CART, **guard)
    change_rules(store, ContactRules(quiet=Quiet(channels=("email",))), by=None, now=NOW)
    buyer, other = order_of(store, "1"), order_of(store, "2", "ana@example.com")
    for order in (buyer, other):
        told: Any = {"channel": "email", "purpose": "marketing", "source": "test", "evidence": "box"}
        change_consent(Customer.objects.get(pk=order.customer_id), granted=True, now=NOW - DAY, **told)
    night = NOW + 11 * HOUR  # midnight in Berlin
    cart(buyer, night)
    cart(other, night)
    assert set(Message.objects.values_list("state", "reason")) == {("queued", "quiet_hours")}
    bought(buyer, night + HOUR)
    work(NOW + DAY)
    assert Message.objects.get(customer=buyer.customer).reason == "overtaken:order.placed"
    assert Message.objects.get(customer=other.customer).state == "sent"


def test_news_of_an_order_are_not_called_back(store: Store) -> None:
    journey(store, SAY, stops_on=["order.refunded"])
    order = order_of(store)
    with clock.at(NOW):
        handlers.let_in([ParcelDelivered(**ids_of(order), occurred_at=NOW, parcel_id=1, carrier="dhl")])
        moving.resume(NOW, 10)
        refunded = OrderRefunded(
            **ids_of(order), occurred_at=NOW, number="1", refund_id=1, amount_minor=1, currency="EUR"
        )
        handlers.let_in([refunded])
    assert Message.objects.get().state == "queued"


def ids_of(order: Order) -> dict[str, Any]:
    return {"store_id": order.store_id, "customer_id": order.customer_id, "order_id": order.pk}


def test_who_comes_during_a_pause_waits_no_longer_than_it_lasts(store: Store) -> None:
    made = journey(store, SAY, late={"do": "shift"})
    pausing.pause(made, by=None, now=NOW - 7 * DAY)
    delivered(order_of(store), NOW - HOUR)
    assert not Message.objects.exists()
    pausing.go_on(made, by=None, now=NOW)
    work(NOW)
    assert Message.objects.count() == 1


def test_two_records_of_one_person_go_the_same_way_twice(store: Store) -> None:
    journey(store, REST, SAY, trigger=CART | {"once_per": "customer"}, entry={"again": "never"})
    one, two = order_of(store, "1"), order_of(store, "2", "ana@example.com")
    cart(two, NOW)
    cart(one, NOW + HOUR, "c2")
    with clock.at(NOW + 2 * HOUR):
        merge(one.customer, two.customer, NOW + 2 * HOUR)
    work(NOW + 2 * HOUR)
    assert list(Run.objects.order_by("pk").values_list("customer_id", "state", "outcome")) == [
        (one.customer_id, "waiting", ""),
        (one.customer_id, "stopped", "the same person was in it already"),
    ]
    work(NOW + 5 * DAY)
    cart(one, NOW + 5 * DAY, "c3")
    assert (Run.objects.count(), Message.objects.count()) == (2, 1)


def test_who_was_in_it_under_another_record_does_not_enter_again(store: Store) -> None:
    journey(store, SAY, trigger=CART | {"once_per": "customer"}, entry={"again": "never"})
    one, two = order_of(store, "1"), order_of(store, "2", "ana@example.com")
    cart(two)
    with clock.at(NOW):
        merge(one.customer, two.customer, NOW)
    work(NOW)
    cart(one, NOW + DAY, "c2")
    assert (Run.objects.count(), Message.objects.count()) == (1, 1)
