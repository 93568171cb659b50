"""The programme's pages in a real browser: readable for everyone, on a phone, without scripts of ours."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock, tokens
from thereafter.loyalty.actions import programmes, redemptions, rewards
from thereafter.loyalty.actions.rewards import RewardSettings
from thereafter.loyalty.tests.test_shopper_pages import PROGRAMME
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
PHONE = 360


def test_the_pages_pass_axe_and_fit_a_phone(live_server: LiveServer, browser_page: Page) -> None:
    now = clock.now()
    store = make_store()
    programmes.publish(store, PROGRAMME, by=None, now=now - timedelta(days=9))
    off = RewardSettings(name="€5 off", kind="amount", cost=10, value=100, currency="EUR", is_stepped=True)
    bottle = RewardSettings(name="A bottle", kind="gift", cost=30, stock=3)
    offer, gift = (rewards.make(store, one, now=now) for one in (off, bottle))
    order = make_order(store, number="1001", placed_at=now - timedelta(days=3))
    run_until_idle()
    done = redemptions.redeem(order.customer, key="a", reward=offer, points=20, now=now)
    pages = ["", "history/", "tiers/", "mine/", f"mine/{done.redemption.pk}/", "card/", "leave/"]
    pages += [f"take/{offer.key}/", f"take/{gift.key}/"]
    browser_page.goto(f"{live_server.url}/s/stride/rewards/")
    check(browser_page, "public")
    session = tokens.sign("shopper-session", store.pk, order.customer_id)
    browser_page.context.add_cookies([{"name": f"shopper_{store.pk}", "value": session, "url": live_server.url}])
    for path in pages:
        browser_page.goto(f"{live_server.url}/s/stride/rewards/{path}")
        check(browser_page, path)


def check(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    page.set_viewport_size({"width": PHONE, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, name
