"""Inviting and accepting in a real browser: without scripts, on a phone, readable for everyone."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.tests.makers import make_pool
from thereafter.loyalty.models import Referral
from thereafter.loyalty.tests.inviting import accepted, member, rewarding
from thereafter.storefront.links import account_token
from thereafter.stores.tests.makers import make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
NARROW = 360


def looks_good(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


def test_a_friend_accepts_without_scripts_on_a_phone(live_server: LiveServer, browser: Browser) -> None:
    store = make_store(shop_url="https://stride.example")
    make_pool(store, "Friends")
    rewarding(store, friend_pool="friends", friend_points=100)
    ann = member(store, name="Anna Ridge")
    context = browser.new_context(locale="en-US", java_script_enabled=False)
    page = context.new_page()
    page.set_viewport_size({"width": NARROW, "height": 740})
    page.goto(live_server.url + reverse("loyalty_storefront:friend", args=[store.slug, ann.referral_code]))
    assert page.get_by_role("heading", name="Anna invites you").is_visible()
    assert not page.get_by_role("checkbox").is_checked()
    page.get_by_label("Your e-mail address").fill("bob@example.com")
    page.get_by_role("button", name="Get my present").click()
    referral = Referral.objects.of(store).select_related("friend_coupon").get()
    assert referral.friend_coupon
    assert page.get_by_text(referral.friend_coupon.code).is_visible()
    context.close()


def test_every_page_of_an_invitation_passes_axe_and_fits_a_phone(live_server: LiveServer, browser_page: Page) -> None:
    store = make_store(shop_url="https://stride.example")
    make_pool(store, "Friends")
    rewarding(store, friend_pool="friends", friend_points=100)
    ann = member(store, name="Anna Ridge")
    accepted(ann, "carla@example.com")
    browser_page.set_viewport_size({"width": NARROW, "height": 740})
    friend = live_server.url + reverse("loyalty_storefront:friend", args=[store.slug, ann.referral_code])
    for address in ("bob@example.com", "ann@example.com"):
        browser_page.goto(friend)
        looks_good(browser_page)
        browser_page.fill("[name=email]", address)
        browser_page.click("main button[type=submit]")
        looks_good(browser_page)
    for there in (friend.replace(ann.referral_code, "NOBODY22"), friend.replace(ann.referral_code, "")):
        browser_page.goto(there)
        looks_good(browser_page)
    browser_page.goto(
        live_server.url + reverse("storefront:account_link", args=[store.slug, account_token(ann.customer)])
    )
    browser_page.goto(live_server.url + reverse("loyalty_storefront:invite", args=[store.slug]))
    for closed in browser_page.locator("main details summary").all():
        closed.click()
    assert browser_page.get_by_role("img", name="QR code of your link").is_visible()
    looks_good(browser_page)
