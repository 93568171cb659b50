"""Paying for an exchange in a real browser, and what the shop sees of it; on a phone and a desk."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.documents import VariantDoc
from thereafter.commerce.models import Variant
from thereafter.commerce.tests.makers import make_product
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.returns import links
from thereafter.returns.actions import credit, deciding, goods
from thereafter.returns.actions.checkout_credit import choose
from thereafter.returns.actions.opening import Wish
from thereafter.returns.checkout_jobs import see_to_due
from thereafter.returns.models import Case
from thereafter.returns.tests.checkout_server import Till
from thereafter.returns.tests.checkout_shops import Checkout
from thereafter.returns.tests.pay_server import pay_server
from thereafter.returns.tests.test_paying import with_shop, with_stripe
from thereafter.returns.tests.test_withdrawal_browser import looks_right
from thereafter.returns.tests.visits import again, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


@pytest.fixture
def till() -> Iterator[Till]:
    server = Till()
    with pay_server(server):
        yield server


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store(country="DE", time_zone="Europe/Berlin")


def exchange(store: Store) -> Case:
    dear = [VariantDoc(external_id="dear", title="One", sku="UL-1", price="129.90")]
    make_product(store, "ultra", title="Ultra", variants=dear)
    new = Variant.objects.of(store).get(external_id="dear")
    wish = Wish(line="1", reason="size_small", outcome="exchange_product", method="own_carrier", goods=((new.pk, 1),))
    return ask_for_one(delivered_order(store), wish)


def sign_in(page: Page, server: LiveServer, store: Store) -> None:
    cookie = signed_in(make_staff(store)).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": server.url}])


def test_a_shopper_pays_and_comes_back(live_server: LiveServer, browser_page: Page, till: Till, store: Store) -> None:
    case = exchange(store)
    with_stripe(till, store)
    here = f"{live_server.url}/s/stride/returns/case/{links.case_token(case)}"
    browser_page.route("https://checkout.stripe.example/**", lambda route: route.fulfill(body="Stripe's own page"))
    browser_page.goto(here)
    looks_right(browser_page)
    browser_page.get_by_role("button", name="Pay €40.00").click()
    browser_page.wait_for_url("https://checkout.stripe.example/cs_1")
    till.pay()
    browser_page.goto(f"{here}/paid")
    assert "We have your payment" in browser_page.locator("main").inner_text()
    looks_right(browser_page)
    assert again(case).charge_ref == "pi_1"


def test_the_shop_gives_back_and_hands_over(
    live_server: LiveServer, browser_page: Page, till: Till, store: Store
) -> None:
    case = exchange(store)
    sign_in(browser_page, live_server, store)
    with_stripe(till, store)
    browser_page.goto(f"{live_server.url}/console/stride/returns/{case.pk}/")
    looks_right(browser_page)
    goods.paid(again(case), reference="Till 7", now=clock.now())
    deciding.cancel(again(case), by=None, now=clock.now())
    run_until_idle()
    browser_page.goto(f"{live_server.url}/console/stride/refunds/")
    looks_right(browser_page)
    browser_page.get_by_label("How it went back").fill("Till 8")
    browser_page.get_by_role("button", name="Note as given back").click()
    assert "Noted as given back" in browser_page.locator("body").inner_text()


def test_credit_at_the_checkout(live_server: LiveServer, browser_page: Page, store: Store) -> None:
    sign_in(browser_page, live_server, store)
    with pay_server(Checkout(currency="USD")) as shop:
        with_shop(shop, store, "shopify")
        choose(store, "shopify", by=None, now=clock.now())
        order = delivered_order(store)
        account = credit.issue(order.customer, 5000, "EUR", source="test", now=clock.now())
        run_until_idle()
        see_to_due(clock.now())
    for path in ("refunds/settings/", "credit/", f"credit/{account.pk}/"):
        browser_page.goto(f"{live_server.url}/console/stride/{path}")
        looks_right(browser_page)
    assert (
        "Was not taken"
        in browser_page.locator("main").inner_text() + browser_page.locator("aside").all_inner_texts()[-1]
    )
