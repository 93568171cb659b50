"""The console's pages of orders, products and the search."""

from datetime import timedelta

import pytest
from django.test import Client

from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import Payment, Person, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Product
from thereafter.commerce.tests.makers import PLACED, make_order, make_product, ship
from thereafter.console.tests.tools import signed_in
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
ORDERS = "/console/stride/orders/"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def browser(store: Store) -> Client:
    return signed_in(make_staff(store))


def read(browser: Client, address: str, **query: str) -> str:
    answer = browser.get(address, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_an_empty_shop_is_told_how_orders_come(browser: Client) -> None:
    page = read(browser, ORDERS)
    assert "Connect a shop" in page
    assert "/console/stride/settings/connections/" in page


def test_orders_are_found_by_number_name_and_address(browser: Client, store: Store) -> None:
    make_order(store, number="SC-1", customer=Person(email="ada@example.com", name="Ada Quick"))
    make_order(store, number="SC-2", customer=Person(email="bob@example.com", name="Bob Slow"))
    for q in ("SC-1", "#SC-1", "quick", "ADA@example.com"):
        page = read(browser, ORDERS, q=q)
        assert ">SC-1<" in page, q
        assert ">SC-2<" not in page, q
    assert "No order fits" in read(browser, ORDERS, q="zebra")


def test_orders_are_filtered_by_status_and_sorted(browser: Client, store: Store) -> None:
    make_order(store, number="SC-1")
    make_order(store, number="SC-2", placed_at=PLACED + timedelta(days=1))
    make_order(store, number="SC-3", status="cancelled", cancelled_at=PLACED)
    assert ">SC-3<" not in read(browser, ORDERS, status="open")
    assert ">SC-3<" in read(browser, ORDERS, status="cancelled")
    newest, oldest = read(browser, ORDERS), read(browser, ORDERS, sort="old")
    assert newest.index(">SC-2<") < newest.index(">SC-1<")
    assert oldest.index(">SC-1<") < oldest.index(">SC-2<")


def test_nonsense_in_the_address_shows_the_first_page(browser: Client, store: Store) -> None:
    make_order(store, number="SC-1")
    assert ">SC-1<" in read(browser, ORDERS, page="-7", sort="'; drop", q="")


def test_orders_have_pages_that_keep_the_search(browser: Client, store: Store) -> None:
    for n in range(31):
        make_order(store, number=f"SC-{n:02}")
    page = read(browser, ORDERS, q="SC")
    assert "1–30 of 31" in page
    assert "?q=SC&amp;page=2" in page
    assert "31–31 of 31" in read(browser, ORDERS, q="SC", page="2")


def test_an_order_is_shown_as_the_shop_stored_it(browser: Client, store: Store) -> None:
    order = make_order(
        store,
        number="SC-1",
        shipping="4.90",
        payments=[
            Payment(external_id="1", kind="gift_card", amount="20.00"),
            Payment(external_id="2", kind="card", amount="74.80"),
        ],
    )
    ship(order, carrier="DHL", tracking_number="JD77")
    page = read(browser, f"{ORDERS}{order.pk}/")
    for words in ("Trail Runner 2", "€94.80", "€4.90", "Gift card", "€20.00", "€74.80", "DHL", "JD77", "10115 Berlin"):
        assert words in page, words
    assert "Ordered SC-1 for €94.80" in page
    assert "SC-1 handed over to DHL" in page


def test_a_refund_is_shown_and_taken_off(browser: Client, store: Store) -> None:
    order = make_order(store, number="SC-1")
    refund = RefundDoc(external_id="r1", amount="10.00", at=PLACED + timedelta(days=5), reason="Too small")
    take_refunds(
        store, [RefundOfOrder(order=order.external_id, refund=refund)], source="api", now=PLACED + timedelta(days=5)
    )
    page = read(browser, f"{ORDERS}{order.pk}/")
    assert "Partly refunded" in page
    assert "€79.90" in page
    assert "Too small" in page
    assert "€10.00 refunded for SC-1" in page


def test_html_in_a_name_stays_text(browser: Client, store: Store) -> None:
    order = make_order(store, customer=Person(email="x@example.com", name="<script>alert(1)</script>"))
    for address in (ORDERS, f"{ORDERS}{order.pk}/", f"/console/stride/customers/{order.customer_id}/"):
        assert "<script>alert(1)" not in read(browser, address)


def test_the_search_leads_straight_to_an_order_by_its_number(browser: Client, store: Store) -> None:
    order = make_order(store, number="#1001")
    for q in ("#1001", "1001", " 1001 "):
        assert browser.get("/console/stride/search/", {"q": q}).headers["Location"] == f"{ORDERS}{order.pk}/"


def test_the_search_finds_people_parcels_and_products(browser: Client, store: Store) -> None:
    order = make_order(store, customer=Person(email="ada@example.com", name="Ada Quick", phone="+49 30 123456"))
    ship(order, tracking_number="JD77")
    make_product(store, "sock", title="Cushion Sock")
    search = "/console/stride/search/"
    for q in ("Ada", "ada@example.com", "+49 30 123456"):
        assert f"/console/stride/customers/{order.customer_id}/" in read(browser, search, q=q), q
    assert f"{ORDERS}{order.pk}/" in read(browser, search, q="jd77")
    assert "Cushion Sock" in read(browser, search, q="cushion")
    assert "Nothing found" in read(browser, search, q="zebra")
    assert "What are you looking for?" in read(browser, search)


def test_the_warehouse_finds_orders_but_no_people(store: Store) -> None:
    make_order(store, number="SC-1", customer=Person(email="ada@example.com", name="Ada Quick"))
    page = read(signed_in(make_staff(store, role="warehouse")), "/console/stride/search/", q="Ada")
    assert ">SC-1<" in page
    assert "/console/stride/customers/" not in page


def test_a_product_is_edited_and_the_change_is_written_down(browser: Client, store: Store) -> None:
    product = make_product(store, "sock", title="Cushion Sock")
    address = f"/console/stride/products/{product.pk}/"
    given = {"category": "Socks", "care_guide": "Wash cold.", "warranty_months": "24", "replenish_days": ""}
    browser.post(address, given)
    product.refresh_from_db()
    kept = (product.category, product.care_guide, product.warranty_months, product.replenish_days, product.returnable)
    assert kept == ("Socks", "Wash cold.", 24, None, False)
    assert Audit.objects.of(store).get(verb="products.edit").detail["warranty_months"] == [None, 24]
    assert "Wash cold." in read(browser, address)


def test_what_was_not_changed_is_not_written_down(browser: Client, store: Store) -> None:
    product = make_product(store, "sock", title="Cushion Sock")
    browser.post(f"/console/stride/products/{product.pk}/", {"returnable": "on"})
    assert not Audit.objects.of(store).exists()


def test_who_may_only_read_products_changes_nothing(store: Store) -> None:
    product = make_product(store, "sock", title="Cushion Sock")
    analyst = signed_in(make_staff(store, role="analyst"))
    page = analyst.post(f"/console/stride/products/{product.pk}/", {"care_guide": "Mine"}).content.decode()
    assert "<textarea" not in page
    assert Product.objects.of(store).get(pk=product.pk).care_guide == ""


def test_products_are_found_by_name_and_category(browser: Client, store: Store) -> None:
    make_product(store, "sock", title="Cushion Sock", category="Socks")
    make_product(store, "shoe", title="Trail Shoe", category="Shoes")
    page = read(browser, "/console/stride/products/", category="Socks")
    assert "Cushion Sock" in page
    assert "Trail Shoe" not in page
    assert "Trail Shoe" in read(browser, "/console/stride/products/", q="trail")
