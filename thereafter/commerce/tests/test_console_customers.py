"""The console's pages of customers, and the timeline."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from thereafter.commerce.actions import customers
from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import Person, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import tellers
from thereafter.commerce.tests.makers import PLACED, make_order, ship
from thereafter.console.tests.tools import signed_in
from thereafter.events.base import Event
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry

pytestmark = pytest.mark.django_db
CUSTOMERS = "/console/stride/customers/"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> Staff:
    return make_staff(store)


@pytest.fixture
def browser(owner: Staff) -> Client:
    return signed_in(owner)


def read(browser: Client, customer: Customer, **query: str) -> str:
    answer = browser.get(f"{CUSTOMERS}{customer.pk}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_people_are_found_by_every_address_they_ever_used(browser: Client, store: Store) -> None:
    order = make_order(store, customer=Person(email="ada@example.com", name="Ada Quick", phone="+4930123456"))
    make_order(store, email="bob@example.com")
    for q in ("ada", "Quick", "ADA@example.com", "+49 30 123456"):
        page = browser.get(CUSTOMERS, {"q": q}).content.decode()
        assert f"{CUSTOMERS}{order.customer_id}/" in page, q
        assert "bob@example.com" not in page, q


def test_lifetime_figures_leave_out_what_was_cancelled_or_given_back(browser: Client, store: Store) -> None:
    order = make_order(store, number="1")
    make_order(store, number="2", status="cancelled", cancelled_at=PLACED)
    make_order(store, number="3", placed_at=PLACED + timedelta(days=3))
    back = RefundDoc(external_id="r", amount="9.90", at=PLACED + timedelta(days=4))
    take_refunds(store, [RefundOfOrder(order=order.external_id, refund=back)], source="api", now=back.at)
    page = read(browser, order.customer)
    assert "€169.90" in page
    assert '<div class="tile-value">2</div>' in page
    assert "€169.90" in browser.get(CUSTOMERS).content.decode()


def test_the_whole_timeline_is_told_newest_first(browser: Client, store: Store) -> None:
    order = make_order(store, number="SC-1")
    ship(order, carrier="DHL")
    page = read(browser, order.customer)
    assert page.index("SC-1 handed over to DHL") < page.index("Ordered SC-1 for €89.90")
    assert "Became a customer" in page


def test_the_timeline_is_filtered_by_kind(browser: Client, store: Store) -> None:
    order = make_order(store, number="SC-1")
    assert "Became a customer" not in read(browser, order.customer, kind="orders")
    assert "Ordered SC-1" not in read(browser, order.customer, kind="profile")
    assert "Ordered SC-1" in read(browser, order.customer, kind="nonsense")


def test_older_lines_come_page_by_page_and_none_twice(browser: Client, store: Store) -> None:
    orders = [make_order(store, number=f"SC-{n:02}", placed_at=PLACED + timedelta(hours=n)) for n in range(50)]
    customer, seen, query = orders[0].customer, list[int](), dict[str, str]()
    for _ in range(3):
        page = browser.get(f"{CUSTOMERS}{customer.pk}/", {"kind": "orders", **query})
        timeline = page.content.decode().split('id="timeline"')[1].split("</aside>")[0]
        seen += [n for n in range(50) if f"Ordered SC-{n:02} " in timeline]
        if "older=" not in timeline:
            break
        query = {
            "older": Entry.objects.filter(name="order.placed").order_by("-occurred_at")[39].occurred_at.isoformat()
            + "~0"
        }
    assert sorted(seen) == list(range(50))


def test_a_cursor_that_was_tampered_with_begins_at_the_beginning(browser: Client, store: Store) -> None:
    order = make_order(store, number="SC-1")
    for cursor in ("x", "2026-01-01~1", "2026-01-01T00:00:00+00:00~x", "~"):
        assert "Ordered SC-1" in read(browser, order.customer, older=cursor)


def test_an_event_that_nobody_tells_is_told_by_its_name(browser: Client, store: Store) -> None:
    order = make_order(store)
    Entry.objects.create(
        store=store,
        name="warranty.made_up",
        occurred_at=PLACED,
        recorded_at=PLACED,
        customer_id=order.customer_id,
        payload={},
    )
    assert "Warranty made up" in read(browser, order.customer)


def test_consent_is_shown_as_it_stands_with_where_it_was_said(browser: Client, store: Store) -> None:
    customer = make_order(store).customer
    assert "Never asked" in read(browser, customer)
    for granted, days in ((True, 0), (False, 2)):
        with transaction.atomic():
            customers.change_consent(
                customer,
                channel="email",
                purpose="marketing",
                granted=granted,
                source="checkout",
                evidence="box ticked",
                now=PLACED + timedelta(days=days),
            )
    page = read(browser, customer)
    assert "No by checkout" in page
    assert "Wants no marketing by e-mail" in page
    assert ">No</span>" in page


def test_traits_are_badges(browser: Client, store: Store) -> None:
    customer = make_order(store).customer
    customers.set_trait(customer, "loyalty.tier", "gold")
    customers.set_trait(customer, "loyalty.lifetime", 1340)
    page = read(browser, customer)
    assert "Tier gold" in page
    assert "Lifetime 1,340" in page


def test_a_tier_is_told_by_its_name_and_perks_one_by_one(browser: Client, store: Store) -> None:
    customer = make_order(store).customer
    perks = {"priority_support": True, "return_extra_days": 30, "others": ["A cake"], "free_returns": False}
    for name, value in {"tier": "t7", "tier_name": "Gold", "perks": perks, "referral_code": "XKCD"}.items():
        customers.set_trait(customer, f"loyalty.{name}", value)
    page = read(browser, customer)
    for badge in ("Tier Gold", "Priority support", "Return extra days 30", "A cake"):
        assert badge in page
    for raw in ("t7", "XKCD", "{", "Free returns"):
        assert f">{raw}" not in page


def test_a_merged_record_leads_to_the_one_that_stays(browser: Client, store: Store) -> None:
    keep = make_order(store, email="keep@example.com", number="SC-1").customer
    other = make_order(store, email="other@example.com", number="SC-2").customer
    customers.merge(keep, other, now=PLACED)
    assert browser.get(f"{CUSTOMERS}{other.pk}/").headers["Location"] == f"{CUSTOMERS}{keep.pk}/"
    page = read(browser, keep)
    assert "Two records became one" in page
    assert "Ordered SC-2" in page
    assert f"{CUSTOMERS}{other.pk}/" not in browser.get(CUSTOMERS, {"q": "other@example.com"}).content.decode()


def test_colleagues_are_named_for_what_they_did(browser: Client, store: Store, owner: Staff) -> None:
    order = make_order(store)
    Entry.objects.filter(name="order.placed").update(actor=f"staff:{owner.pk}")
    assert "· Owner" in read(browser, order.customer)
    Entry.objects.filter(name="order.placed").update(actor="staff:99999")
    assert "a former colleague" in read(browser, order.customer)


def test_every_event_of_commerce_has_its_words() -> None:
    orders = {name for name in Event.names if name.startswith("order.")}
    assert orders | {"customer.joined", "customer.merged", "customer.consent_changed"} <= set(tellers)


def test_an_order_of_a_person_leads_to_the_order(browser: Client, store: Store) -> None:
    order = make_order(store)
    assert f"/console/stride/orders/{Order.objects.get(pk=order.pk).pk}/" in read(browser, order.customer)
