"""Where the way to withdraw and to send back is found, and until when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.documents import Address
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.messaging.blocks import blocks
from thereafter.returns import finding
from thereafter.storefront.links import order_page
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc

pytestmark = pytest.mark.django_db
PLACED = datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.fixture
def store(db: None) -> Store:
    cache.clear()
    return make_store(country="DE", time_zone="Europe/Berlin", shop_url="https://stride.example")


def order_of(store: Store, country: str = "DE", **more: Any) -> Order:
    address = Address(name="John", city="Town", postcode="10115", country=country)
    return make_order(store, placed_at=PLACED, shipping_address=address, **more)


def test_before_anything_has_arrived_the_link_stands(store: Store) -> None:
    order = order_of(store)
    assert "/returns/withdraw/" in finding.withdrawal_link(order, date(2026, 7, 2))
    assert finding.standing(order, date(2026, 7, 2)).withdraw_until is None


@pytest.mark.parametrize(
    ("country", "is_there"), [("DE", True), ("NO", True), ("GB", True), ("US", False), ("CH", False)]
)
def test_the_law_of_the_order_decides(store: Store, country: str, is_there: bool) -> None:
    assert bool(finding.withdrawal_link(order_of(store, country), date(2026, 7, 2))) == is_there


@pytest.mark.parametrize(
    ("country", "is_there"), [("DE", True), ("IS", True), ("GB", True), ("US", False), ("", False)]
)
def test_every_page_of_a_european_shop_has_the_link_at_its_foot(country: str, is_there: bool) -> None:
    make_store(slug="shop-x", country=country)
    for path in ("", "look-up/", "sign-in/"):
        page = Client().get(f"/s/shop-x/{path}?lang=de").content.decode()
        assert ("Vertrag widerrufen" in page) == is_there


def test_the_page_of_the_order_says_until_when_and_leads_there(store: Store) -> None:
    order = order_of(store)
    page = text_of(order, PLACED + timedelta(days=1))
    assert "Withdraw from contract here" in page
    assert "/returns/withdraw/" in page


def test_a_mail_has_the_links_while_they_are_good_and_nothing_afterwards(store: Store) -> None:
    order = order_of(store)
    with clock.at(PLACED + timedelta(days=1)):
        (told,) = blocks["returns"].fill([order.customer], [order])
    assert told is not None
    assert (told["days"], told["until"]) == (30, None)
    assert "/returns/withdraw/" in told["withdraw_url"]
    assert told["withdraw_label"] == "Withdraw from contract here"
    with clock.at(PLACED + timedelta(days=1)):
        assert blocks["returns"].fill([order.customer], [None]) == [None]


def test_after_the_delivery_there_is_a_last_day_and_then_an_end(store: Store) -> None:
    came = PLACED + timedelta(days=3)
    parcel = make_parcel(store, placed_at=PLACED)
    with clock.at(came):
        scan(store, scan_doc("delivered", came), now=came)
        run_until_idle(came)
    order = Order.objects.select_related("store", "customer").get(pk=parcel.order_id)
    standing = finding.standing(order, date(2026, 7, 5))
    # Saturday 18 July rolls to Monday.
    assert (standing.withdraws, standing.withdraw_until) == (True, date(2026, 7, 20))
    assert standing.until is not None
    assert finding.withdrawal_link(order, date(2026, 7, 20))
    assert finding.withdrawal_link(order, date(2026, 7, 21)), "one day longer, for the clocks of other places"
    assert not finding.withdrawal_link(order, date(2026, 7, 22))
    with clock.at(PLACED + timedelta(days=200)):
        assert blocks["returns"].fill([order.customer], [order]) == [None]
    assert "Withdraw from contract here</a>\n</div>" not in text_of(order, PLACED + timedelta(days=200))


def test_many_orders_cost_as_many_queries_as_one(store: Store) -> None:
    orders = [order_of(store) for _ in range(12)]
    counts = []
    for some in (orders[:1], orders):
        with CaptureQueriesContext(connection) as asked:
            finding.standings(some, date(2026, 7, 2))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def text_of(order: Order, now: datetime) -> str:
    path = "/s/" + order_page(order).partition("/s/")[2]
    with clock.at(now):
        return Client().get(path).content.decode()
