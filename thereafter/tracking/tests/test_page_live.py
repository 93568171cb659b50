"""The order's page in a browser: it renews itself while it is looked at, and everybody can read it."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.storefront.links import order_token
from thereafter.stores.tests.makers import make_store
from thereafter.tracking.tests import pages
from thereafter.tracking.tests.makers import parcel_of

pytestmark = pytest.mark.django_db(transaction=True)


def on_the_way() -> Order:
    """Of today, because the server's clock cannot be set."""
    return pages.STATES["on_time"](make_store(country="DE"), clock.now())


def address(live_server: LiveServer, order: Order) -> str:
    return f"{live_server.url}/s/stride/o/{order_token(order)}"


def arrive(order: Order) -> None:
    pages.tell(order.store, clock.now(), parcel_of(order).tracking_number, pages.went(0.1, "delivered", place="Berlin"))


def test_an_open_page_shows_news_and_says_so(live_server: LiveServer, browser_page: Page) -> None:
    order, page = on_the_way(), browser_page
    page.clock.install()
    page.goto(address(live_server, order))
    page.get_by_text("Show 2 earlier updates").click()
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(answer.status) if "/o/" in answer.url else None)
    page.mouse.click(5, 5)
    with page.expect_response("**/o/*"):
        page.clock.fast_forward(timedelta(seconds=80).seconds * 1000)
    assert asked == [304]
    arrive(order)
    page.clock.fast_forward(timedelta(seconds=80).seconds * 1000)
    expect(page.locator("h1")).to_contain_text("Delivered on")
    expect(page.locator("#toasts")).to_contain_text("There is news of your order.")
    page.wait_for_timeout(100)
    asked.clear()
    page.clock.fast_forward(timedelta(minutes=10).seconds * 1000)
    assert asked == [], "nothing is asked once it is over"


def test_what_the_reader_is_at_is_not_taken_away(live_server: LiveServer, browser_page: Page) -> None:
    order, page = on_the_way(), browser_page
    page.clock.install()
    page.goto(address(live_server, order))
    page.get_by_text("Get updates").focus()
    arrive(order)
    with page.expect_response("**/o/*"):
        page.clock.fast_forward(timedelta(seconds=80).seconds * 1000)
    expect(page.get_by_text("Get updates")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.clock.fast_forward(1_000)
    expect(page.locator("h1")).to_contain_text("Delivered on")


def test_every_state_passes_axe_and_fits_a_phone(live_server: LiveServer, browser: Browser) -> None:
    store, now = make_store(country="DE", brand_colour="#c2410c"), clock.now()
    orders = {name: make(store, now) for name, make in pages.STATES.items()}
    proof = f"{live_server.url}/s/stride/tracking/o/{order_token(orders['delivered'])}/proof/"
    number = f"{live_server.url}/s/stride/tracking/number/"
    found = f"{number}?number={parcel_of(orders['on_time']).tracking_number}"
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    for path in [*(address(live_server, order) + "?lang=de" for order in orders.values()), proof, number, found]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, path
        found_wrong = Axe().run(page)
        assert found_wrong.violations_count == 0, f"{path}: {found_wrong.generate_report()}"
    context.close()
