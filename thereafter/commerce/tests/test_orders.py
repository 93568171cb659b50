"""Orders come in any sequence and any number of times; each is one order."""

from datetime import timedelta

import pytest

from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.actions.taking import Became
from thereafter.commerce.documents import Line, Payment, RefundDoc, Shipped
from thereafter.commerce.models import Customer, Order, OrderLine, Product, Refund, Tender
from thereafter.commerce.tests.makers import PLACED, SHOES, make_order, order_doc, ship, taken
from thereafter.events.customers import CustomerJoined
from thereafter.events.orders import (
    FulfilmentChanged,
    OrderCancelled,
    OrderChanged,
    OrderFulfilled,
    OrderPlaced,
    OrderRefunded,
)
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.tests.tools import assert_recorded

pytestmark = pytest.mark.django_db
LATER = PLACED + timedelta(hours=5)
NOW = PLACED + timedelta(days=30)


@pytest.fixture
def store() -> Store:
    return make_store()


def test_an_order_becomes_rows_as_the_shop_sent_them(store: Store) -> None:
    doc = order_doc(
        shipping="4.90", discount="10", total="84.80", discount_codes=["SPRING"], tax="13.54",
        payments=[Payment(external_id="p1", kind="card", amount="84.80")],
    )  # fmt: skip
    order = taken(store, doc)
    assert (order.total_minor, order.shipping_minor, order.discount_minor, order.tax_minor) == (8480, 490, 1000, 1354)
    assert order.discount_codes == ["SPRING"]
    assert order.destination == "DE"
    assert order.customer.email == "john@example.com"
    line = OrderLine.objects.of(store).get(order=order)
    assert (line.title, line.quantity, line.unit_price_minor, line.total_minor) == ("Trail Runner 2", 1, 8990, 8990)
    assert line.product
    assert line.product.external_id == "shoe"
    assert Tender.objects.of(store).get(order=order).amount_minor == 8480
    assert_recorded(CustomerJoined, customer_id=order.customer_id, occurred_at=PLACED)
    assert_recorded(OrderPlaced, order_id=order.pk, occurred_at=PLACED, items=1, total_minor=8480)


def test_the_same_document_twice_changes_nothing(store: Store) -> None:
    doc = order_doc(
        fulfilments=[Shipped(external_id="f", shipped_at=LATER)],
        refunds=[RefundDoc(external_id="r", amount=5, at=LATER)],
    )
    taken(store, doc)
    before = Entry.objects.count()
    (again,) = take_orders(store, [doc], source="api", now=NOW)
    assert again.became == Became.SAME
    assert Entry.objects.count() == before
    assert Order.objects.of(store).get().refunded_minor == 500


def test_the_same_order_twice_in_one_batch_is_one_order(store: Store) -> None:
    answers = take_orders(store, [order_doc(), order_doc(), order_doc("1002")], source="api", now=NOW)
    assert [answer.became for answer in answers] == [Became.NEW, Became.SAME, Became.NEW]
    assert_recorded(OrderPlaced, times=2)
    assert_recorded(CustomerJoined)


def test_a_newer_version_updates_the_order_and_its_lines(store: Store) -> None:
    socks = Line(external_id="2", title="Socks", quantity=2, unit_price="9.95")
    taken(store, order_doc(lines=[SHOES, socks]))
    laces = Line(external_id="3", title="Laces", quantity=1, unit_price="3.00")
    taken(store, order_doc(lines=[SHOES, laces], changed_at=LATER))
    titles = OrderLine.objects.of(store).order_by("external_id").values_list("title", flat=True)
    assert list(titles) == ["Trail Runner 2", "Laces"]
    assert_recorded(OrderPlaced)
    assert_recorded(OrderChanged, occurred_at=LATER, total_minor=9290)


def test_an_older_version_changes_nothing(store: Store) -> None:
    taken(store, order_doc(changed_at=LATER))
    (answer,) = take_orders(store, [order_doc(total="1", lines=[])], source="api", now=NOW)
    assert answer.became == Became.REFUSED
    (answer,) = take_orders(store, [order_doc(note="old")], source="api", now=NOW)
    assert answer.became == Became.SAME
    assert Order.objects.of(store).get().note == ""
    assert_recorded(OrderChanged, times=0)


def test_what_the_same_version_adds_is_taken(store: Store) -> None:
    """A shop system that counts whole seconds sends two states of an order under one time."""
    taken(store, order_doc(changed_at=LATER))
    doc = order_doc(changed_at=LATER, cancelled_at=LATER, cancel_reason="customer")
    doc.refunds = [RefundDoc(external_id="r", amount="89.90", at=LATER)]
    taken(store, doc)
    taken(store, doc)
    order = Order.objects.of(store).get()
    assert order.is_cancelled
    assert order.refunded_minor == 8990
    assert_recorded(OrderCancelled, reason="customer", occurred_at=LATER)
    assert_recorded(OrderRefunded, amount_minor=8990)
    assert_recorded(OrderChanged, times=0)


def test_what_followed_an_order_comes_with_it(store: Store) -> None:
    doc = order_doc(
        fulfilments=[Shipped(external_id="f", shipped_at=LATER, carrier="dhl", tracking_number="JD1")],
        refunds=[RefundDoc(external_id="r", amount="9.90", at=LATER)],
    )
    order = taken(store, doc)
    assert order.status == Order.Status.FULFILLED
    assert_recorded(OrderFulfilled, order_id=order.pk, occurred_at=LATER, tracking_number="JD1")
    assert_recorded(OrderRefunded, amount_minor=990, occurred_at=LATER)
    assert Refund.objects.of(store).count() == 1


def test_an_order_is_fulfilled_when_all_its_pieces_left(store: Store) -> None:
    order = make_order(store, lines=[SHOES, Line(external_id="2", title="Socks", quantity=2, unit_price="9.95")])
    ship(order, external_id="a", lines={"1": 1, "2": 1})
    assert Order.objects.of(store).get().status == Order.Status.OPEN
    rest = ship(order, external_id="b")
    assert Order.objects.of(store).get().status == Order.Status.FULFILLED
    assert [(row.line.external_id, row.quantity) for row in rest.lines.all()] == [("2", 1)]


def test_a_tracking_number_that_comes_later_is_told(store: Store) -> None:
    order = make_order(store)
    first = ship(order, tracking_number="", carrier="")
    ship(order, tracking_number="JD2", carrier="dhl")
    ship(order, tracking_number="JD2", carrier="dhl")
    assert_recorded(OrderFulfilled, fulfilment_id=first.pk)
    assert_recorded(FulfilmentChanged, fulfilment_id=first.pk, tracking_number="JD2")


def test_bad_orders_are_refused_alone(store: Store) -> None:
    answers = take_orders(
        store, [order_doc("1"), order_doc("2", currency="EURO"), order_doc("3")], source="api", now=NOW
    )
    assert [answer.became for answer in answers] == [Became.NEW, Became.REFUSED, Became.NEW]
    assert answers[1].reason.startswith("unknown_currency: ")


def test_a_batch_costs_the_same_queries_whatever_its_size(store: Store, django_assert_max_num_queries) -> None:
    docs = [order_doc(str(number), email=f"p{number}@example.com") for number in range(15)]
    with django_assert_max_num_queries(25):
        take_orders(store, docs, source="api", now=NOW)


def test_products_are_made_from_lines_once(store: Store) -> None:
    make_order(store)
    make_order(store, lines=[Line(external_id="1", title="Other name", quantity=1, unit_price=5, sku="TR2-42")])
    assert Product.objects.of(store).get().title == "Trail Runner 2"


def test_two_stores_know_nothing_of_each_other(store: Store) -> None:
    other = make_store("other")
    make_order(store)
    make_order(other)
    assert (
        Order.objects.of(other).count() == Customer.objects.of(other).count() == Product.objects.of(other).count() == 1
    )
    assert_recorded(OrderPlaced, times=1, store_id=other.pk)


def test_lines_that_the_shop_numbers_anew_keep_their_row(store: Store) -> None:
    order = make_order(store)
    before = OrderLine.objects.of(store).get(order=order).pk
    renumbered = Line(external_id="gid-77", title=SHOES.title, sku=SHOES.sku, quantity=1, unit_price="89.90")
    taken(store, order_doc(order.number, lines=[renumbered], changed_at=LATER))
    line = OrderLine.objects.of(store).get()
    assert (line.pk, line.external_id) == (before, "gid-77")
