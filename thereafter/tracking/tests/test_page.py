"""What the shopper reads on the order's page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.documents import Line
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, SHOES, make_order, ship
from thereafter.kit import clock
from thereafter.messaging.blocks import blocks
from thereafter.storefront.links import order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.tests.makers import NUMBER, make_parcel, scan, scan_doc

SOCKS = Line(external_id="2", title="Merino Sock", quantity=2, unit_price="12")
FRIDAY = datetime(2026, 3, 6, 9, tzinfo=UTC)


@pytest.fixture
def store(db: None) -> Store:
    return make_store(country="DE", shop_url="https://stride.example")


def page_of(order: Order, now: datetime = FRIDAY, language: str = "en") -> str:
    with clock.at(now):
        response = Client().get(f"/s/stride/o/{order_token(order)}?lang={language}")
    assert response.status_code == 200
    return response.content.decode()


def test_before_anything_left_the_page_says_when_it_comes(store: Store) -> None:
    with clock.at(PLACED):
        order = make_order(store)
        run_until_idle()
    page = page_of(order, PLACED)
    assert "Thu\u00a05\u00a0Mar\u00a0– Tue\u00a010\u00a0Mar" in page
    assert "We are packing it" in page
    assert "The address is wrong" in page


def test_on_the_way_the_newest_scan_comes_first_on_its_own_clock(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("in_transit", "2026-03-05T23:30:00-05:00", place="Boston"))
    page = page_of(parcel.order)
    assert "Thu 5 Mar, 23:30 UTC−5</time> · Boston" in page
    assert page.index("Boston") < page.index("Handed over by the shop")
    assert NUMBER in page
    assert "https://www.dhl.com" in page


@pytest.mark.parametrize(
    ("status", "headline"),
    [
        ("out_for_delivery", "Arriving today"),
        ("delivered", "Delivered on Friday 6 March"),
        ("available_for_pickup", "Ready to be picked up"),
        ("attempted", "The carrier missed you"),
        ("exception", "Held up on the way"),
        ("returning", "On its way back to us"),
        ("returned", "Back with us"),
        ("cancelled", "Cancelled"),
    ],
)
def test_each_status_has_its_headline(store: Store, status: str, headline: str) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc(status, FRIDAY))
    assert f"<h1>{headline}</h1>" in page_of(parcel.order)


def test_a_late_parcel_says_sorry_and_what_we_expect_now(store: Store) -> None:
    parcel = make_parcel(store, promised_on=date(2026, 3, 5))
    page = page_of(parcel.order)
    assert "Running late – sorry" in page
    assert "It was to arrive by Thursday 5 March." in page
    assert "We now expect it between Friday 6 March" in page


def test_several_parcels_are_shown_with_their_items_and_what_is_still_to_be_sent(store: Store) -> None:
    with clock.at(PLACED):
        order = make_order(store, lines=[SHOES, SOCKS])
        ship(order, external_id="a", tracking_number="A1", lines={"1": 1}, shipped_at=PLACED)
        ship(order, external_id="b", tracking_number="B2", lines={"2": 1}, shipped_at=PLACED)
        run_until_idle()
    scan(store, scan_doc("delivered", FRIDAY), tracking_number="A1")
    page = page_of(order)
    assert "1 of 2 parcels delivered" in page
    assert "Parcel 1 of 2" in page
    assert "Still to be sent" in page


def test_what_a_carrier_writes_is_shown_as_text(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("in_transit", FRIDAY, text="<script>alert(1)</script>", place="<b>x</b>"))
    page = page_of(parcel.order)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_address_that_is_no_web_page_is_not_linked(store: Store) -> None:
    parcel = make_parcel(store, carrier="Someone")
    parcel.tracking_url = "javascript:alert(1)"
    parcel.save(update_fields=["tracking_url"])
    assert "javascript:" not in page_of(parcel.order)


def test_a_new_scan_renews_the_page_even_if_it_is_no_event(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("in_transit", FRIDAY - timedelta(hours=9)))
    page_of(parcel.order)
    scan(store, scan_doc("in_transit", FRIDAY - timedelta(hours=5), place="Kassel"))
    assert "Kassel" in page_of(parcel.order)


def test_mails_learn_the_same_facts(store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("delivered", FRIDAY))
    with clock.at(FRIDAY):
        (facts, nothing) = blocks["delivery"].fill([parcel.order.customer] * 2, [parcel.order, None])
    assert facts is not None
    assert (facts["headline"], facts["delivered_on"], nothing) == ("delivered", "2026-03-06", None)


@pytest.mark.django_db(transaction=True)
def test_the_page_works_without_scripts_on_a_phone(live_server: LiveServer, browser: Browser) -> None:
    order = shipped_order()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{live_server.url}/s/stride/o/{order_token(order)}")
    page.get_by_text("Show 2 earlier updates").click()
    assert page.get_by_text("Handed over by the shop").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    context.close()


@pytest.mark.django_db(transaction=True)
def test_the_pages_pass_axe(live_server: LiveServer, browser_page: Page) -> None:
    order = shipped_order()
    for path in (f"o/{order_token(order)}", f"o/{order_token(order)}?lang=de", "", "look-up/", "sign-in/", "o/nothing"):
        browser_page.goto(f"{live_server.url}/s/stride/{path}")
        found = Axe().run(browser_page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"


def shipped_order() -> Order:
    """Of today, because the server's clock cannot be set."""
    store = make_store(shop_url="https://stride.example")
    now = clock.now()
    order = make_order(store, placed_at=now - timedelta(days=2))
    ship(order, tracking_number=NUMBER)
    run_until_idle()
    towns = (scan_doc("in_transit", now - timedelta(hours=hours), place=f"Town {hours}") for hours in (9, 7, 5, 3))
    scan(store, *towns, now=now)
    return order
