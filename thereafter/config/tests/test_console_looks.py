"""The console in a real browser: readable for everyone, usable on a phone and by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from thereafter.config.tests.furnishing import furnish
from thereafter.config.tests.test_console_walls import PLAIN_PAGES, ROW_PAGES, filled
from thereafter.console.tests.tools import signed_in
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import PASSWORD, make_staff, make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]
# So that two workers walk the pages side by side.
PARTS = 2
PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=800)


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store()


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_passes_axe_and_fits_a_phone(
    live_server: LiveServer, browser_page: Page, store: Store, part: int
) -> None:
    client, ids = signed_in(make_staff(store)), furnish(store)
    session = client.cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    for name, address, _ in [*PLAIN_PAGES, *ROW_PAGES][part::PARTS]:
        path = filled(address, store, **ids)
        if not is_page(client, path):
            continue
        browser_page.set_viewport_size(DESK)
        browser_page.goto(live_server.url + path)
        found = Axe().run(browser_page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        browser_page.set_viewport_size(PHONE)
        width = browser_page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{name} is {width} wide on a phone"


def is_page(client: Client, path: str) -> bool:
    """Not what answers a form only, nor a part of a page, nor a mail in its frame, where no script runs."""
    answer = client.get(path)
    is_whole = answer.status_code == 200 and not answer.streaming and b"</html>" in answer.content
    return is_whole and "sandbox" not in answer.headers["content-security-policy"]


def test_one_signs_in_and_reaches_the_orders_by_keyboard_alone(
    live_server: LiveServer, browser_page: Page, store: Store
) -> None:
    staff = make_staff(store)
    browser_page.goto(f"{live_server.url}/console/sign-in/")
    browser_page.focus("input[type=email]")
    browser_page.keyboard.type(staff.email)
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.type(PASSWORD)
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/console/stride/**")
    browser_page.keyboard.press("Tab")
    assert "#main" in str(browser_page.evaluate("document.activeElement.getAttribute('href')"))
    browser_page.focus("nav a[href$='/orders/']")
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/orders/")
    assert browser_page.locator("h1").inner_text() == "Orders"


def test_rows_of_the_watch_list_are_chosen_with_the_mouse_and_written_to(
    live_server: LiveServer, browser_page: Page, store: Store
) -> None:
    client, _ = signed_in(make_staff(store)), furnish(store)
    session = client.cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    browser_page.goto(f"{live_server.url}/console/stride/parcels/watch/")
    browser_page.locator("input[name=row]").click()
    assert browser_page.locator("[data-chosen]").inner_text() == "1 chosen:"
    browser_page.get_by_role("button", name="Write to shoppers").click()
    browser_page.wait_for_url("**/parcels/watch/write/**")
    assert browser_page.get_by_text("Who gets it").is_visible()
