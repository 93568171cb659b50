from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from thereafter.commerce.actions.products import take_products
from thereafter.commerce.documents import Line, ProductDoc, VariantDoc
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order, make_product
from thereafter.recommendations.actions import building as actions
from thereafter.recommendations.actions.rules_of_shop import change
from thereafter.recommendations.blocks import recommendations
from thereafter.recommendations.models import Pair
from thereafter.recommendations.panels import goes_well_with
from thereafter.recommendations.queries import picks as queries
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = PLACED + timedelta(days=30)
TITLES = {"shoe": "Trail Runner 2", "socks": "Merino Socks", "laces": "Laces", "belt": "Race Belt", "cap": "Cap"}


def buy(store: Store, *products: str, email: str = "", **fields: Any) -> Order:
    email = email or f"p{Order.objects.count()}@example.com"
    lines = [
        Line(external_id=str(at), title=TITLES[product], quantity=1, unit_price="10", product_id=product)
        for at, product in enumerate(products)
    ]
    return make_order(store, email=email, lines=lines, **fields)


@pytest.fixture
def store() -> Store:
    """A shop where socks are bought with the shoe five times, and laces once; caps sell best."""
    store = make_store(shop_url="https://stride.example")
    change(store, {"holdout": 0}, by=None, now=NOW)
    socks = VariantDoc(external_id="s1", price="14.90")
    make_product(
        store, "socks", title="Merino Socks", category="Clothes", url="https://stride.example/socks", variants=[socks]
    )
    for _ in range(5):
        buy(store, "shoe", "socks")
    buy(store, "shoe", "laces")
    for _ in range(9):
        buy(store, "cap")
    actions.rebuild_due(NOW)
    return store


def picks(order: Order) -> list[queries.Pick]:
    return queries.picks_for(order.store_id, [order])[order.pk]


def titles(order: Order) -> list[tuple[str, str]]:
    return [(pick.title, pick.reason) for pick in picks(order)]


def test_an_order_is_offered_what_others_bought_with_it(store: Store) -> None:
    assert titles(buy(store, "shoe")) == [("Merino Socks", "together"), ("Laces", "together"), ("Cap", "popular")]
    socks = picks(buy(store, "shoe"))[0]
    assert (socks.because, socks.price_minor, socks.url) == ("Trail Runner 2", 1490, "https://stride.example/socks")


def test_nobody_is_offered_what_they_own(store: Store) -> None:
    buy(store, "socks", email="john@example.com")
    order = buy(store, "shoe", email="john@example.com")
    assert "Merino Socks" not in dict(titles(order))


def test_a_new_product_falls_back_on_what_sells(store: Store) -> None:
    assert titles(buy(store, "belt"))[0] == ("Cap", "popular")


def test_a_cancelled_order_says_nothing_about_taste(store: Store) -> None:
    for _ in range(20):
        buy(store, "belt", "cap", cancelled_at=NOW)
    actions.rebuild_due(NOW)
    assert "Race Belt" not in dict(titles(buy(store, "cap")))


def test_a_product_that_is_no_longer_sold_is_not_offered(store: Store) -> None:
    gone = ProductDoc(external_id="laces", title="Laces", is_active=False, changed_at=NOW)
    take_products(store, [gone], source="api", now=NOW)
    assert "Laces" not in dict(titles(buy(store, "shoe")))


def test_a_handful_of_queries_does_for_any_number_of_orders(store: Store, django_assert_num_queries: object) -> None:
    orders = [buy(store, "shoe"), buy(store, "cap"), buy(store, "belt")]
    with django_assert_num_queries(4):  # type: ignore[operator]  # a fixture without a type
        queries.picks_for(store.pk, orders)


def test_another_store_s_taste_stays_there(store: Store) -> None:
    other = make_store("other")
    change(other, {"holdout": 0}, by=None, now=NOW)
    buy(other, "shoe")
    actions.rebuild_due(NOW)
    assert titles(buy(other, "shoe")) == []
    assert not Pair.objects.of(other).exists()


def test_nothing_is_built_again_without_new_orders(store: Store) -> None:
    assert not actions.rebuild(store, now=NOW + timedelta(days=60))
    buy(store, "shoe", "belt")
    assert actions.rebuild(store, now=NOW + timedelta(days=60))


def test_the_order_s_page_and_the_mail_show_three_with_reasons(store: Store) -> None:
    order = buy(store, "shoe")
    panel = goes_well_with(HttpRequest(), order)
    assert panel is not None
    page = render_to_string(panel.template, panel.context, using="jinja2")
    assert "Bought together with Trail Runner 2" in page
    assert "/s/stride/recommendations/go/" in page
    assert "€14.90" in page
    (facts,) = recommendations([order.customer], [order])
    assert facts["picks"][0]["together"] == "Trail Runner 2"
    (by_taste,) = recommendations([order.customer], [None])
    assert by_taste
    assert by_taste["picks"][0]["bought"] == "Trail Runner 2"


def test_an_order_that_will_not_come_sells_nothing(store: Store) -> None:
    order = buy(store, "shoe", cancelled_at=NOW)
    assert goes_well_with(HttpRequest(), order) is None
    assert recommendations([order.customer], [order]) == [None]


def test_the_console_lists_the_strongest_pairs_once(store: Store, client: Client) -> None:
    client.force_login(make_staff(store, "marketer"))
    page = client.get(reverse("recommendations_console:pairs", args=[store.slug])).content.decode()
    assert page.count(">Merino Socks<") == 1
    client.force_login(make_staff(make_store("other")))
    assert client.get(reverse("recommendations_console:pairs", args=[store.slug])).status_code == 404
