"""The form on a phone that runs no script, by keyboard alone; and a scanner that runs every script."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.models import Product
from thereafter.commerce.tests.makers import SHOES, make_order
from thereafter.feedback import review_links
from thereafter.feedback.models import Review, ReviewConfirmation, ReviewRule
from thereafter.feedback.tests.test_review_pages import FIT, SOCKS, STRANGER, form_of, opened, path, photo, write_path
from thereafter.stores.tests.makers import make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
PHONE = 360


def test_a_phone_without_scripts_and_a_keyboard_are_enough(browser: Browser, live_server: LiveServer) -> None:
    order = make_order(make_store(), lines=[SHOES, SOCKS])
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 700}, locale="en-US")
    page = context.new_page()
    page.goto(f"{live_server.url}{form_of(order)}")
    stars = page.get_by_role("group", name="Your stars").first.get_by_role("radio")
    stars.first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert stars.nth(2).is_checked()
    page.get_by_label("In a few words").first.fill("Fine")
    page.get_by_role("button", name="Send my reviews").press("Enter")
    page.get_by_role("heading", name="Thank you").wait_for()
    context.close()
    assert Review.objects.values_list("rating", "title").get() == (3, "Fine")


def test_a_scanner_that_runs_every_script_writes_nothing(browser_page: Page, live_server: LiveServer) -> None:
    order = make_order(make_store(), lines=[SHOES, SOCKS])
    for star in range(1, 6):
        browser_page.goto(f"{live_server.url}{form_of(order)}?star=1-{star}")
        browser_page.wait_for_load_state("networkidle")
    assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not Review.objects.exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_pass_axe_and_fit_a_phone(live_server: LiveServer, browser_page: Page, scheme: str) -> None:
    store = make_store()
    order = make_order(store, lines=[SHOES, SOCKS])
    opened(store)
    ReviewRule.objects.create(store=store, product=Product.objects.get(external_id="shoe"), attributes=[FIT])
    form = form_of(order)
    thanks = Client().post(form, {"p1-rating": "2", "p1-title": "Small", "p1-photos": [photo()]}).headers["Location"]
    Client().post(write_path(store), STRANGER)
    own = path(review_links.own_page(Review.objects.exclude(customer=None).get()))
    confirm = path(review_links.confirm_page(ReviewConfirmation.objects.get()))
    browser_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for page in (f"{form}?star=2-4", thanks, own, confirm, write_path(store)):
        browser_page.goto(f"{live_server.url}{page}")
        browser_page.set_viewport_size({"width": 1280, "height": 800})
        found = Axe().run(browser_page)
        assert found.violations_count == 0, f"{page}: {found.generate_report()}"
        browser_page.set_viewport_size({"width": PHONE, "height": 740})
        assert browser_page.evaluate("document.documentElement.scrollWidth") <= PHONE, page
