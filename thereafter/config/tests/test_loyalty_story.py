"""John joins, earns, takes five euros off, and sends half of it back: in a real browser, right to the point."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.documents import Line, Payment
from thereafter.commerce.models import Coupon, Customer, Order
from thereafter.commerce.tests.makers import make_order, make_product, ship
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.loyalty.actions.programmes import publish
from thereafter.loyalty.actions.rewards import RewardSettings, make
from thereafter.loyalty.models import Account, Redemption
from thereafter.loyalty.queries.ledger import doubted
from thereafter.returns.actions import policies
from thereafter.returns.models import Case, Grant, ReturnParcel
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.tests.telling import Outbox, outbox, telling_store
from thereafter.storefront.links import account_page, order_page
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.tests.makers import scan, scan_doc

__all__ = ["outbox"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
PHONE = ViewportSize(width=360, height=740)
SHOES = Line(external_id="1", title="Trail Runner 2", quantity=1, unit_price="84.00", product_id="shoe", sku="TR2-42")
PAIRS = Line(external_id="1", title="Trail Runner 2", quantity=2, unit_price="60.00", product_id="shoe", sku="TR2-42")


@pytest.fixture
def store(live_server: LiveServer, settings: Any, outbox: Outbox) -> Store:
    cache.clear()
    settings.PUBLIC_URL = live_server.url
    store = telling_store()
    owner, long_ago = make_staff(store), clock.now() - timedelta(days=60)
    policies.save_draft(store, ready_policies.document("exchange_first_45", "EUR"), by=owner, now=clock.now())
    policies.publish(store, by=owner, now=clock.now())
    make_product(store)
    document = {"name": "Stride Club", "joining": "asked", "reach_back_days": 30, "actions": {"joined": {"points": 20}}}
    publish(store, document, by=owner, now=long_ago)
    five = RewardSettings(name="€5 off", kind="amount", cost=100, value=500, currency="EUR", valid_days=90)
    make(store, five, now=long_ago, by=owner)
    return store


def test_john_joins_earns_spends_and_sends_half_back(live_server: LiveServer, browser_page: Page, store: Store) -> None:
    now = clock.now()
    first = bought_and_delivered(store, SHOES, paid="84.00", placed=now - timedelta(days=20), number="1001")
    browser_page.set_viewport_size(PHONE)
    joins(browser_page, first.customer)
    assert available() == 84 + 20
    code = takes_five_euros(browser_page, live_server, store)
    assert available() == 4
    second = bought_and_delivered(
        store,
        PAIRS,
        paid="115.00",
        placed=now - timedelta(days=8),
        number="1002",
        discount="5.00",
        discount_codes=[code],
    )
    assert available() == 4 + 115
    assert Redemption.objects.get().order_id == second.pk
    case = sends_one_pair_back(browser_page, second)
    gets_the_money(browser_page, live_server, store, case)
    # Without the label 51.55 of 115.00 went back: 63 of 115 points stay, and 45 of the 100 that were spent come back.
    assert Grant.objects.get().amount_minor == 51_55
    assert available() == 4 + 63 + 45
    assert Redemption.objects.get().restored == 45
    reads_it_in_plain_words(browser_page, first.customer)
    assert doubted() == {}


def bought_and_delivered(store: Store, line: Line, *, paid: str, placed: datetime, number: str, **fields: Any) -> Order:
    tracking = f"0034043416109404{number}"
    with clock.at(placed):
        payment = Payment(external_id=f"card-{number}", kind="card", amount=paid)
        order = make_order(store, number=number, lines=[line], placed_at=placed, payments=[payment], **fields)
        run_until_idle()
    with clock.at(placed + timedelta(days=1)):
        ship(order, tracking_number=tracking)
        run_until_idle()
    came = placed + timedelta(days=4)
    scan(store, scan_doc("delivered", came), tracking_number=tracking, now=came)
    with clock.at(came):
        run_until_idle()
    return order


def available() -> int:
    return Account.objects.get(kind="points").available


def joins(page: Page, john: Customer) -> None:
    """From his account page, which a mail links."""
    page.goto(account_page(john))
    page.get_by_role("link", name="My points and rewards").first.click()
    expect(page.get_by_text("84 points").first).to_be_visible()
    page.get_by_role("button", name="Join").click()
    page.wait_for_load_state()
    run_until_idle()


def takes_five_euros(page: Page, live_server: LiveServer, store: Store) -> str:
    page.goto(f"{live_server.url}/s/{store.slug}/rewards/")
    page.get_by_role("link", name="€5 off").click()
    page.get_by_role("button", name="Take it").click()
    page.wait_for_load_state()
    run_until_idle()
    code = Coupon.objects.get().code
    expect(page.get_by_text(code).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    return code


def sends_one_pair_back(page: Page, order: Order) -> Case:
    page.goto(order_page(order))
    page.get_by_role("link", name="Send something back").first.click()
    page.get_by_label(PAIRS.title).select_option("1")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Reason").select_option("size_small")
    page.get_by_role("button", name="Show me what is possible").click()
    page.get_by_label("Money back").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Print a label").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Send it off").click()
    expect(page.get_by_role("heading", name="We have it, thank you")).to_be_visible()
    run_until_idle()
    return Case.objects.get()


def gets_the_money(page: Page, live_server: LiveServer, store: Store, case: Case) -> None:
    """The warehouse looks at the pair; the owner notes that the money went."""
    page.set_viewport_size(ViewportSize(width=1280, height=900))
    sign_in(page, live_server, Staff.objects.order_by("pk")[0])
    console = f"{live_server.url}/console/{store.slug}/returns"
    page.goto(f"{console}/warehouse/")
    page.locator("#code").fill(ReturnParcel.objects.get(links__case=case).code)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="It is here").click()
    page.get_by_role("button", name="Done, next item").click()
    page.wait_for_url("**/returns/warehouse/")
    run_until_idle()
    page.goto(f"{live_server.url}/console/{store.slug}/refunds/{Grant.objects.get().pk}/")
    page.get_by_label("Reference").first.fill("by bank, 22 November")
    page.get_by_role("button", name="Note as paid").click()
    page.wait_for_load_state()
    run_until_idle()


def sign_in(page: Page, live_server: LiveServer, staff: Staff) -> None:
    session = signed_in(staff).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def reads_it_in_plain_words(page: Page, john: Customer) -> None:
    page.set_viewport_size(PHONE)
    page.goto(account_page(john))
    page.get_by_role("link", name="My points and rewards").first.click()
    expect(page.get_by_text("112").first).to_be_visible()
    page.get_by_role("link", name="Whole history").click()
    for words in ("1002", "+45", "+115"):
        expect(page.get_by_text(words).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
