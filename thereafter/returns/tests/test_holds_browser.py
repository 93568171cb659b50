"""Instant exchange in a real browser: the shopper's page and the shop's; on a phone and a desk."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from thereafter.kit import clock
from thereafter.returns import holding, links
from thereafter.returns.models import Case
from thereafter.returns.tests.hold_server import Vault
from thereafter.returns.tests.test_charges_browser import sign_in
from thereafter.returns.tests.test_holds import case, store, vault  # noqa: F401  # fixtures
from thereafter.returns.tests.test_withdrawal_browser import looks_right

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


def test_a_shopper_lets_a_card_be_held(
    live_server: LiveServer,
    browser_page: Page,
    vault: Vault,  # noqa: F811  # the fixture
    case: Case,  # noqa: F811  # the fixture
) -> None:
    here = f"{live_server.url}/s/stride/returns/case/{links.case_token(case)}"
    browser_page.route("https://checkout.stripe.example/**", lambda route: route.fulfill(body="Stripe's own page"))
    browser_page.goto(here)
    looks_right(browser_page)
    browser_page.get_by_role("button", name="Send the new one at once").click()
    browser_page.wait_for_url("https://checkout.stripe.example/cs_1")
    vault.allow()
    browser_page.goto(f"{here}/held")
    assert "your card is only held" in browser_page.locator("main").inner_text()
    looks_right(browser_page)
    holding.see_to_due(clock.now())
    sign_in(browser_page, live_server, case.order.store)
    for path in (f"returns/{case.pk}/", "refunds/settings/"):
        browser_page.goto(f"{live_server.url}/console/stride/{path}")
        looks_right(browser_page)
