"""How much the console asks of the database, with every room present."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.documents import Payment
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order, ship
from thereafter.console.tests.tools import signed_in
from thereafter.journeys.actions.publishing import install_recipes
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.tests.makers import scan, scan_doc

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    """An order that lived through everything: paid, handed over, scanned, delivered, written about."""
    install_recipes(store, PLACED)
    with clock.at(PLACED):
        order = make_order(store, number="1001", payments=[Payment(external_id="1", kind="card", amount="89.90")])
        ship(order, shipped_at=PLACED, carrier="dhl", tracking_number="00340434161094042557")
        run_until_idle(PLACED)
    for hours, status in enumerate(("in_transit", "out_for_delivery", "delivered"), start=5):
        at = PLACED + timedelta(hours=hours)
        scan(store, scan_doc(status, at), now=at)
        with clock.at(at):
            run_until_idle(at)
    return order


def queries_of(browser: Client, address: str) -> list[str]:
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def test_the_page_of_an_order_takes_twelve_queries_at_most(store: Store, order: Order) -> None:
    asked = queries_of(signed_in(make_staff(store)), f"/console/{store.slug}/orders/{order.pk}/")
    assert len(asked) <= MOST_QUERIES, "\n".join(asked)


def test_lists_ask_no_more_for_many_rows_than_for_few(store: Store) -> None:
    browser = signed_in(make_staff(store))
    rooms = [f"/console/{store.slug}/{room}/" for room in ("orders", "customers", "products", "attention")]
    make_order(store, number="1", email="1@example.com")
    few = [len(queries_of(browser, room)) for room in rooms]
    for n in range(2, 12):
        make_order(store, number=str(n), email=f"{n}@example.com")
    assert [len(queries_of(browser, room)) for room in rooms] == few
