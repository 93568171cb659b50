"""What is known of people at a moment, and how little is loaded for it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.documents import Line, RefundDoc
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, make_product, ship
from thereafter.events.parcels import ParcelDelivered
from thereafter.journeys import facts
from thereafter.journeys.facts import Seat
from thereafter.journeys.models import Journey, JourneyVersion
from thereafter.journeys.rules import vocabulary
from thereafter.journeys.rules.conditions import compile_condition
from thereafter.journeys.rules.vocabulary import Field
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record

pytestmark = pytest.mark.django_db
PLACED = datetime(2026, 3, 3, 10, tzinfo=UTC)
LATER = PLACED + timedelta(days=60)
SHOES = Line(external_id="1", title="Trail Runner 2", quantity=2, unit_price="89.95", product_id="shoe", sku="TR2-42")


@pytest.fixture
def store() -> Store:
    return make_store()


def order(store: Store, placed_at: datetime = PLACED, **more: Any) -> Order:
    return make_order(store, placed_at=placed_at, lines=[SHOES], **more)


def known(of: Order, *names: str, at: datetime = LATER, with_order: bool = True) -> dict[str, Any]:
    seat = Seat(of.store_id, of.customer_id, of.pk if with_order else None, at)
    (found,) = facts.gather([seat], set(names))
    return found


def test_an_order_is_known_in_whole_money(store: Store) -> None:
    make_product(store, "shoe", category="shoes")
    made = order(store, discount_codes=["SPRING"], channel="web")
    fields = ("total", "items", "is_first", "status", "refunded", "codes", "channel", "country")
    told = known(made, *(f"order.{field}" for field in fields))
    assert told["order.total"] == 179.9
    assert told["order.item_count"] == 2
    assert (told["order.items"], told["order.skus"], told["order.categories"]) == (
        ["Trail Runner 2"],
        ["TR2-42"],
        ["shoes"],
    )
    assert (told["order.codes"], told["order.channel"], told["order.country"]) == (["SPRING"], "web", "DE")
    assert told["order.is_first"] is True
    assert (told["order.status"], told["order.refunded"]) == ("open", 0)


def test_a_currency_without_cents_is_known_as_it_is(store: Store) -> None:
    lines = [Line(external_id="1", title="Socks", quantity=1, unit_price="1200")]
    made = make_order(store, currency="JPY", lines=lines)
    assert known(made, "order.total")["order.total"] == 1200


def test_what_is_about_no_order_knows_none(store: Store) -> None:
    assert "order.total" not in known(order(store), "order.total", with_order=False)


def test_an_order_of_another_shop_is_not_known(store: Store) -> None:
    theirs = order(make_store("theirs"))
    (found,) = facts.gather([Seat(store.pk, order(store).customer_id, theirs.pk, LATER)], {"order.total"})
    assert "order.total" not in found


def test_a_past_moment_knows_nothing_of_what_came_after(store: Store) -> None:
    first = order(store, refunds=[RefundDoc(external_id="r", amount="79.9", at=PLACED + timedelta(days=5))])
    order(store, PLACED + timedelta(days=10), cancelled_at=PLACED + timedelta(days=20))
    ship(first, shipped_at=PLACED + timedelta(days=2))
    names = ("customer.orders", "customer.spent", "customer.last_order_at", "order.status", "order.refunded")
    early = known(first, *names, at=PLACED + timedelta(days=1))
    assert (early["customer.orders"], early["customer.spent"]) == (1, 179.9)
    assert (early["order.status"], early["order.refunded"]) == ("open", 0)
    between = known(first, *names, at=PLACED + timedelta(days=15))
    assert (between["customer.orders"], round(between["customer.spent"], 2)) == (2, 279.9)
    assert between["customer.last_order_at"] == PLACED + timedelta(days=10)
    assert (between["order.status"], between["order.refunded"]) == ("fulfilled", 79.9)
    late = known(first, *names, at=LATER)
    assert (late["customer.orders"], late["customer.spent"]) == (1, 100)


def test_only_the_first_order_is_first(store: Store) -> None:
    first = order(store)
    second = order(store, PLACED + timedelta(days=1))
    assert known(first, "order.is_first")["order.is_first"]
    assert not known(second, "order.is_first")["order.is_first"]


def test_who_never_ordered_has_no_last_order(store: Store) -> None:
    told = known(
        order(store), "customer.orders", "customer.average_order", "customer.spent", at=PLACED - timedelta(days=1)
    )
    assert (told["customer.orders"], told["customer.spent"]) == (0, 0)
    assert "customer.last_order_at" not in told
    assert "customer.average_order" not in told


def delivered(of: Order, at: datetime, *, of_order: bool = True) -> None:
    told = {"store_id": of.store_id, "customer_id": of.customer_id, "order_id": of.pk if of_order else None}
    record(ParcelDelivered(**told, occurred_at=at, parcel_id=1, carrier="dhl"))  # type: ignore[arg-type]  # plain values


def test_what_happened_is_of_the_order_and_else_of_the_customer(store: Store) -> None:
    first, second = order(store), order(store, PLACED + timedelta(days=1))
    delivered(first, PLACED + timedelta(days=2))
    name = "happened:parcel.delivered"
    assert known(first, name)["happened"] == {"parcel.delivered": PLACED + timedelta(days=2)}
    assert known(second, name)["happened"] == {}
    assert known(second, name, with_order=False)["happened"] == {"parcel.delivered": PLACED + timedelta(days=2)}
    assert known(first, name, at=PLACED + timedelta(days=1))["happened"] == {}
    delivered(second, PLACED + timedelta(days=3), of_order=False)
    assert known(first, name)["happened"] == {"parcel.delivered": PLACED + timedelta(days=3)}


def test_times_are_counted_within_their_days(store: Store) -> None:
    made = order(store)
    for days in (1, 40, 50):
        delivered(made, PLACED + timedelta(days=days))
    keys = ("parcel.delivered", "parcel.delivered in 30 days", "parcel.late")
    told = known(made, *(f"times:{key}" for key in keys))
    assert told["times"] == dict(zip(keys, (3, 2, 0), strict=True))


def test_messages_are_known_once_they_were_sent(store: Store) -> None:
    made = order(store)
    for number, sent_at in enumerate((PLACED + timedelta(days=1), None)):
        Message.objects.create(
            store=store, customer=made.customer, key=str(number), template=f"t{number}", message_class="service",
            due_at=PLACED, created_at=PLACED, sent_at=sent_at,
        )  # fmt: skip
    assert known(made, "sent:t0", "sent:t1")["sent"] == {"t0": PLACED + timedelta(days=1)}
    assert known(made, "sent:t0", at=PLACED)["sent"] == {}


def test_numbers_of_events_and_traits_are_decimals_and_money_is_whole(store: Store) -> None:
    made = order(store)
    set_traits(store, {made.customer_id: {"points": 3, "vip": True, "tags": ["a", 1]}})
    seat = Seat(store.pk, made.customer_id, None, LATER, {"total_minor": 1999, "currency": "EUR", "late": False})
    (told,) = facts.gather([seat], {"fact", "trait", "customer.tags"})
    assert told["fact"] == {"total_minor": 1999.0, "total": 19.99, "currency": "EUR", "late": False}
    assert told["trait"]["points"] / 2 == 1.5
    assert told["trait"]["vip"] is True
    assert told["customer.tags"] == ["a"]
    assert compile_condition("fact.total_minor / 100 > 19.5", vocabulary.journey()).holds(told)


@pytest.mark.parametrize("names", [set(), {"fact"}, {"now"}])
def test_nothing_is_loaded_for_events_alone(store: Store, names: set[str]) -> None:
    with CaptureQueriesContext(connection) as queries:
        facts.gather([Seat(store.pk, 1, 1, LATER, {"a": 1})] * 100, names)
    assert not queries


def test_many_are_asked_about_in_as_few_queries_as_one(store: Store) -> None:
    orders = [order(store, email=f"p{number}@example.com") for number in range(30)]
    names = {
        "order.total",
        "order.items",
        "customer.country",
        "customer.orders",
        "trait",
        "happened:order.placed",
        "sent:x",
    }

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            facts.gather([Seat(store.pk, one.customer_id, one.pk, LATER) for one in orders[:count]], names)
        return len(asked)

    assert queries(1) == queries(30) <= 8


@pytest.fixture
def shoe_size() -> Iterator[None]:
    """A field of another room."""
    field = Field("customer.shoe_size", "number", "Shoe size", "Customer", may_miss=True)
    facts.add_field(field, lambda _store, seats: [42 if seat.customer_id % 2 else None for seat in seats])
    yield
    vocabulary.remove(field.name)
    facts._added.pop(field.name)


@pytest.mark.usefixtures("shoe_size")
def test_another_room_adds_a_field(store: Store) -> None:
    condition = compile_condition("customer.shoe_size >= 42", vocabulary.journey())
    seats = [Seat(store.pk, number, None, LATER) for number in (1, 2)]
    assert [condition.holds(told) for told in facts.gather(seats, condition.names)] == [True, False]


def test_documents_of_before_get_their_conditions_as_text(store: Store) -> None:
    journey = Journey.objects.create(store=store, key="old", name="Old", created_at=PLACED)
    old = {
        "trigger": {"event": "parcel.delivered", "if": {"fact": "late", "is": True}},
        "steps": [
            {"id": "a", "kind": "branch", "if": {"any": [{"order": "total_minor", "at_least": 5000}]}, "then": "end"}
        ],
    }
    version = JourneyVersion.objects.create(
        store=store, journey=journey, number=1, trigger="parcel.delivered", document=old, published_at=PLACED
    )
    import_module("thereafter.journeys.migrations.0003_conditions_as_text").convert(apps, None)
    version.refresh_from_db()
    assert version.document["trigger"]["if"] == "fact.late == true"
    assert version.document["steps"][0] == {"id": "a", "kind": "branch", "if": "order.total >= 50.0", "then": "end"}
