"""Reorders as people see them: the shopper's link, the list in the console, the mail and the API."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.documents import Line, VariantDoc
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import PLACED, make_order, make_product, ship
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.recommendations import reorder_links
from thereafter.recommendations.actions import reorders
from thereafter.recommendations.models import Reorder, ReorderProduct
from thereafter.recommendations.reorder_blocks import reorder as block
from thereafter.recommendations.reorder_panels import buy_again, likely_next
from thereafter.stores import actions as stores
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = PLACED + timedelta(days=30)


def bought(store: Store, source: str = "shopify", quantity: int = 2, at: datetime = PLACED) -> Reorder:
    variant = VariantDoc(external_id="4711", title="500 g", price="9.90")
    make_product(
        store,
        "77",
        title="House Blend",
        category="Coffee",
        source=source,
        replenish_days=30,
        url="https://stride.example/house-blend",
        variants=[variant],
    )
    line = Line(
        external_id="1", title="House Blend", quantity=quantity, unit_price="9.90", product_id="77", variant_id="4711"
    )
    with clock.at(at):
        ship(make_order(store, email="ann@example.com", lines=[line], placed_at=at, source=source), shipped_at=at)
        run_until_idle(at)
    with clock.at(NOW):
        reorders.renew(store, now=at)
        reorders.renew(store, now=NOW + timedelta(days=15))
    return Reorder.objects.of(store).select_related("product", "variant", "store", "customer").get()


@pytest.fixture
def store() -> Store:
    return make_store(shop_url="https://stride.example")


def path_of(reorder: Reorder) -> str:
    return "/s/" + reorder_links.reorder_page(reorder).split("/s/", 1)[1]


def test_one_tap_leads_into_the_shops_cart_and_tells_of_nothing_but_the_product(store: Store) -> None:
    found = bought(store)
    page = Client().get(path_of(found))
    text = page.content.decode()
    assert page.status_code == 200
    assert "https://stride.example/cart/4711:2" in text
    assert "€9.90" in text
    assert "€19.80" in text
    assert not any(secret in text for secret in ("ann@example.com", "John Runner", "#1001", "Berlin"))
    assert page.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("woocommerce", "https://stride.example/?add-to-cart=4711&amp;quantity=2"),
        ("api", "https://stride.example/house-blend"),
    ],
)
def test_other_shops_have_their_own_cart_or_the_products_page(store: Store, source: str, address: str) -> None:
    assert address in Client().get(path_of(bought(store, source))).content.decode()


def test_opening_changes_nothing_and_pressing_does(store: Store) -> None:
    found, shopper = bought(store), Client(enforce_csrf_checks=True)
    for _ in range(2):
        shopper.get(path_of(found))
        shopper.head(path_of(found))
    assert Reorder.objects.get().state == "told"
    shopper.post(path_of(found), {"say": "later"})
    assert Reorder.objects.get().state == "snoozed"
    assert "ask again later" in shopper.get(path_of(found)).content.decode()
    shopper.post(path_of(found), {"say": "never"})
    assert (Reorder.objects.get().state, Reorder.objects.get().why) == ("stopped", "shopper")
    shopper.post(path_of(found), {"say": "again"})
    assert Reorder.objects.get().state == "told"
    shopper.post(path_of(found), {"say": "rubbish"})
    assert Reorder.objects.get().state == "told"


def test_links_that_were_altered_or_are_of_another_shop_do_not_open(store: Store) -> None:
    found, other = bought(store), make_store(slug="other")
    token = path_of(found).rsplit("/", 1)[1]
    for address in (path_of(found)[:-3] + "abc", f"/s/{other.slug}/recommendations/again/{token}"):
        answer = Client().get(address)
        assert answer.status_code == 410
        assert "House Blend" not in answer.content.decode()
    with clock.at(NOW + timedelta(days=400)):
        assert Client().get(path_of(found)).status_code in (200, 410)


@pytest.mark.parametrize("language", ["de", "fr", "es", "pt"])
def test_the_page_speaks_the_shoppers_language(store: Store, language: str) -> None:
    text = Client().get(path_of(bought(store)) + f"?lang={language}").content.decode()
    assert "Order again" not in text
    assert "Remind me in two weeks" not in text


def test_the_mail_says_what_runs_out_until_it_is_bought(store: Store) -> None:
    found = bought(store)
    ann = Customer.objects.of(store).get()
    told = block([ann], [None], [{"product_id": found.product_id}])[0]
    assert told is not None
    (item,) = told["items"]
    assert (item["title"], item["quantity"], item["price_minor"]) == ("House Blend", 2, 990)
    assert "/recommendations/again/" in item["url"]
    Reorder.objects.of(store).update(state="ordered")
    assert block([ann], [None], [{}]) == [None]


def console(store: Store, role: str = "marketer") -> Client:
    return signed_in(make_staff(store, role=role))


def test_the_list_says_who_is_due_why_and_what_became_of_it(store: Store) -> None:
    bought(store)
    with clock.at(NOW):
        client = console(store)
        page = client.get(reverse("recommendations_console:reorders", args=[store.slug]) + "?when=all").content.decode()
        assert "House Blend" in page
        assert "They bought it once; you say it lasts 30 days." in page
        assert "Reminded" in page
        csv = b"".join(client.get(reverse("recommendations_console:reorders_export", args=[store.slug]) + "?when=all"))
        assert b"House Blend,2,2026-03-03," in csv
        gone = client.get(reverse("recommendations_console:reorders", args=[store.slug]) + "?when=all&q=nobody")
        assert "Nobody here" in gone.content.decode()


def test_an_empty_shop_is_told_how_reorders_begin(store: Store) -> None:
    client = console(store)
    assert (
        "Nobody is due yet"
        in client.get(reverse("recommendations_console:reorders", args=[store.slug])).content.decode()
    )
    page = client.get(reverse("recommendations_console:reorder_products", args=[store.slug])).content.decode()
    assert "Nothing was bought again yet" in page


def test_a_merchant_switches_a_product_off_and_an_analyst_cannot(store: Store) -> None:
    bought(store)
    usual = ReorderProduct.objects.of(store).get()
    address = reverse("recommendations_console:reorder_switch", args=[store.slug, usual.pk])
    assert (
        signed_in(make_staff(store, role="analyst", email="a@x.example")).post(address, {"to": "off"}).status_code
        == 403
    )
    console(store).post(address, {"to": "off"})
    usual.refresh_from_db()
    assert (usual.switch, usual.is_on) == ("off", False)
    page = console(store).get(reverse("recommendations_console:reorder_products", args=[store.slug])).content.decode()
    assert "You switched them off." in page


def test_the_customers_pages_show_what_comes_next(store: Store, rf: Any) -> None:
    bought(store)
    ann = Customer.objects.of(store).select_related("store").get()
    shown = likely_next(rf.get("/"), ann)
    again = buy_again(rf.get("/"), ann)
    assert shown is not None
    assert shown.context["rows"][0]["one"].product.title == "House Blend"
    assert again is not None
    assert again.context["picks"][0]["title"] == "House Blend"
    assert likely_next(rf.get("/"), make_order(store, email="new@example.com").customer) is None


def test_the_api_tells_what_a_customer_will_want_again(store: Store) -> None:
    bought(store)
    _, key = stores.make_api_key(store, name="Shop", scopes=["recommendations:read"], now=PLACED)
    client = Client(headers={"Authorization": f"Bearer {key}"})
    (row,) = client.get("/api/v1/recommendations/reorders?customer=ann@example.com").json()
    assert (row["product"], row["due_on"], row["quantity"]) == ("77", "2026-05-02", 2)
    assert row["url"] == "https://stride.example/cart/4711:2"
    basket = client.get("/api/v1/recommendations/next-basket?customer=ann@example.com").json()
    assert basket == {"has_habits": False, "items": []}
    assert client.get("/api/v1/recommendations/reorders?customer=no@example.com").status_code == 404
