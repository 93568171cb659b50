"""The withdrawal function in a real browser, without an account, on a phone and a desk."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from django.core.cache import cache
from playwright.sync_api import Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.returns.models import Withdrawal
from thereafter.storefront.links import order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=800)


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store(country="DE", time_zone="Europe/Berlin", shop_url="https://stride.example")


def looks_right(page: Page) -> None:
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        found: Any = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], f"{page.url} is {width} wide on a phone"


def test_two_steps_and_a_receipt_by_keyboard(live_server: LiveServer, browser_page: Page, store: Store) -> None:
    browser_page.goto(f"{live_server.url}/s/stride/look-up/")
    browser_page.get_by_role("link", name="Withdraw from contract here").click()
    looks_right(browser_page)
    browser_page.get_by_label("Your name").fill("Ana Runner")
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.type("1001")
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.type("ana@example.com")
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_selector("#declaration")
    looks_right(browser_page)
    assert not Withdrawal.objects.exists()
    browser_page.get_by_role("button", name="Confirm withdrawal").click()
    browser_page.wait_for_url("**/received/**")
    looks_right(browser_page)
    assert "Ana Runner" in browser_page.locator("main").inner_text()
    assert Withdrawal.objects.get().contract == "1001"


def test_from_the_page_of_an_order_a_part_is_chosen(live_server: LiveServer, browser_page: Page, store: Store) -> None:
    order = make_order(store, placed_at=clock.now())
    browser_page.goto(f"{live_server.url}/s/stride/o/{order_token(order)}")
    browser_page.locator("main").get_by_role("link", name="Withdraw from contract here").click()
    looks_right(browser_page)
    browser_page.get_by_label("Your name").fill("Ana Runner")
    browser_page.get_by_label("E-mail address").fill("ana@example.com")
    browser_page.get_by_role("button", name="Go on").click()
    browser_page.get_by_role("button", name="Confirm withdrawal").click()
    browser_page.wait_for_url("**/received/**")
    assert Withdrawal.objects.get().order_id == order.pk


def test_what_is_wrong_is_said_so_that_everybody_hears_it(
    live_server: LiveServer, browser_page: Page, store: Store
) -> None:
    browser_page.goto(f"{live_server.url}/s/stride/returns/withdraw/?lang=de")
    browser_page.get_by_role("button", name="Weiter").click()
    browser_page.wait_for_selector("[role=alert]")
    looks_right(browser_page)
