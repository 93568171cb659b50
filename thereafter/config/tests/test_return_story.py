"""John's shoes are too small: from the link in a mail to the next size on its way, in a real browser."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from thereafter.commerce.documents import Payment, VariantDoc
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, make_product, ship
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.loyalty.queries.ledger import balances
from thereafter.returns.actions import points, policies
from thereafter.returns.models import Case, CaseUnit, DropOffPoint, NewGoods, ReturnParcel
from thereafter.returns.points import counter_token
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.tests.telling import Outbox, outbox, telling_store
from thereafter.returns.tests.visits import NUMBER, SHOES, SOCKS
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.models import Parcel
from thereafter.tracking.tests.makers import scan, scan_doc

__all__ = ["outbox"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
PHONE, DESK = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=900)
NEW_NUMBER = "00340434161094042564"


@pytest.fixture
def store(live_server: LiveServer, settings: Any, outbox: Outbox) -> Store:
    cache.clear()
    settings.PUBLIC_URL = live_server.url
    store = telling_store()
    owner = make_staff(store)
    policies.save_draft(store, ready_policies.document("exchange_first_45", "EUR"), by=owner, now=clock.now())
    policies.publish(store, by=owner, now=clock.now())
    sizes = [VariantDoc(external_id=f"v{size}", title=str(size), sku=f"TR2-{size}", price="89.90") for size in (42, 43)]
    make_product(store, variants=sizes)
    return store


def bought_and_delivered(store: Store, now: datetime) -> Order:
    """Ten days ago; it came three days ago."""
    placed = now - timedelta(days=10)
    with clock.at(placed):
        order = make_order(
            store,
            lines=(SHOES, SOCKS),
            placed_at=placed,
            payments=[Payment(external_id="card", kind="card", amount="116.90")],
        )
        run_until_idle()
    with clock.at(placed + timedelta(days=1)):
        ship(order, tracking_number=NUMBER)
        run_until_idle()
    came = now - timedelta(days=3)
    scan(store, scan_doc("delivered", came), now=came)
    with clock.at(came):
        run_until_idle()
    return order


def test_the_next_size(live_server: LiveServer, browser_page: Page, store: Store, outbox: Outbox) -> None:
    order = bought_and_delivered(store, clock.now())
    earned = points_of(order)
    assert earned > 0
    in_a_mail = link_in(outbox)
    browser_page.set_viewport_size(PHONE)
    case = asks_for_the_next_size(browser_page, in_a_mail)
    there = browser_page.get_by_role("link", name="Label").get_attribute("href")
    label = browser_page.request.get(f"{live_server.url}{there}")
    assert label.body().startswith(b"%PDF")
    run_until_idle()
    hands_it_in(browser_page, live_server, store, case)
    receives_and_looks(browser_page, live_server, make_staff(store, role="warehouse"), case)
    (goods,) = NewGoods.objects.of(store).filter(case=case)
    assert (goods.sku, goods.state) == ("TR2-43", "released")
    sends(browser_page, live_server, store, make_staff(store, role="support"))
    run_until_idle()
    assert Parcel.objects.of(store).filter(order=order, tracking_number=NEW_NUMBER).exists()
    with clock.at(clock.now() + timedelta(minutes=1)):
        run_until_idle()
    assert Case.objects.of(store).get(pk=case.pk).state == "resolved"
    assert points_of(order) == earned
    told = " ".join(letter.subject for letter in outbox.taken())
    assert case.number in told or "exchange" in told.lower() or "on its way" in told.lower(), told


def points_of(order: Order) -> int:
    return balances(order.store_id, [order.customer_id]).get(order.customer_id, 0)


def link_in(outbox: Outbox) -> str:
    """The portal, as a mail about the delivery links it."""
    found = [one for letter in outbox.taken() for one in re.findall(r'href="([^"]*/returns/o/[^"]+)"', letter.html)]
    assert found, "no mail says how to send something back"
    return found[-1].replace("&amp;", "&")


def asks_for_the_next_size(page: Page, link: str) -> Case:
    page.goto(link)
    page.get_by_label(SHOES.title).check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Reason").select_option("size_small")
    page.get_by_role("button", name="Show me what is possible").click()
    page.get_by_label("Another size or colour").check()
    page.get_by_label("Which one?").select_option(label="43")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Print a label").check()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Send it off").click()
    expect(page.get_by_role("heading", name="We have it, thank you")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    return Case.objects.get()


def hands_it_in(page: Page, live_server: LiveServer, store: Store, case: Case) -> None:
    point = DropOffPoint(store=store, name="Café", kind="partner", address="A 1", city="Berlin", postcode="10115")
    point.country, point.is_counter = "DE", True
    points.save(point, by=Staff.objects.order_by("pk")[0], now=clock.now())
    code = ReturnParcel.objects.get(links__case=case).code
    page.goto(f"{live_server.url}/s/{store.slug}/returns/counter/{counter_token(point)}/?code={code}")
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_role("heading", name="Taken in", exact=True)).to_be_visible()


def sign_in(page: Page, live_server: LiveServer, staff: Staff) -> None:
    session = signed_in(staff).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def receives_and_looks(page: Page, live_server: LiveServer, staff: Staff, case: Case) -> None:
    sign_in(page, live_server, staff)
    page.goto(f"{live_server.url}/console/stride/returns/warehouse/")
    page.locator("#code").fill(ReturnParcel.objects.get(links__case=case).code)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="It is here").click()
    page.get_by_role("button", name="Done, next item").click()
    page.wait_for_url("**/returns/warehouse/")
    assert CaseUnit.objects.get(case=case).verdict == "accepted"


def sends(page: Page, live_server: LiveServer, store: Store, staff: Staff) -> None:
    page.set_viewport_size(DESK)
    sign_in(page, live_server, staff)
    page.goto(f"{live_server.url}/console/{store.slug}/returns/warehouse/send/")
    page.get_by_label("Carrier").first.fill("DHL")
    page.get_by_label("Tracking number").first.fill(NEW_NUMBER)
    page.get_by_role("button", name="Mark as sent what has a number").click()
    page.wait_for_load_state()
