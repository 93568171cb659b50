"""Reorders where people do what nobody thought of."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.documents import Line, VariantDoc
from thereafter.commerce.models import Customer, Product
from thereafter.commerce.tests.makers import make_order, make_product, ship
from thereafter.kit import clock, tokens
from thereafter.recommendations import reorder_links
from thereafter.recommendations.actions import reorder_answers, reorder_telling, reorders
from thereafter.recommendations.models import Reorder
from thereafter.recommendations.reorder_blocks import reorder as block
from thereafter.recommendations.reorder_panels import buy_again
from thereafter.recommendations.tests.test_reorder_actions import buy, day, of, renew, settle, told
from thereafter.storefront.links import order_token, page
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    store = make_store(shop_url="https://stride.example")
    make_product(store, "coffee", title="Coffee", category="Coffee", replenish_days=30)
    make_product(store, "tea", title="Tea", category="Tea", replenish_days=30)
    return store


def test_later_on_an_old_link_does_not_ask_before_the_new_one_runs_out(store: Store) -> None:
    buy(store, "coffee", day(0))
    renew(store, day(1))
    renew(store, day(30))
    buy(store, "coffee", day(31))
    settle(day(31))
    found = of(store, "coffee")
    reorder_answers.snooze(found, now=day(32), today=day(32).date())
    kept = of(store, "coffee")
    assert kept.snoozed_until == kept.due_from > day(46).date()
    assert renew(store, day(46)) == 0
    assert renew(store, day(64)) == 1


def test_merging_people_tells_of_no_purchase_twice(store: Store) -> None:
    buy(store, "coffee", day(0), email="old@example.com")
    buy(store, "coffee", day(10), email="ann@example.com")
    renew(store, day(11))
    assert renew(store, day(40)) == 2
    old, ann = of(store, "coffee", "old@example.com"), of(store, "coffee")
    Reorder.objects.of(store).filter(pk=old.pk).update(state="waiting")
    reorder_answers.merge(store.pk, keep_id=old.customer_id, merged_id=ann.customer_id)
    kept = Reorder.objects.of(store).get()
    assert (kept.customer_id, kept.bought_on, kept.state) == (old.customer_id, day(10).date(), "told")


def test_a_mail_of_another_event_names_its_product_as_it_likes(store: Store) -> None:
    buy(store, "coffee", day(0))
    renew(store, day(1))
    renew(store, day(30))
    ann = Customer.objects.of(store).select_related("store").get()
    for odd in ("SKU-1", [1], {"a": 1}, 1e99, "\0"):
        told_of = block([ann], [None], [{"product_id": odd}])[0]
        assert told_of is not None
        assert told_of["items"][0]["title"] == "Coffee"


def test_mails_of_many_take_no_more_queries_than_one(store: Store) -> None:
    for at in range(5):
        buy(store, "coffee", day(0), email=f"p{at}@example.com")
    renew(store, day(1))
    renew(store, day(30))
    people = list(Customer.objects.of(store).select_related("store").order_by("pk"))
    counts = []
    for some in (people[:1], people):
        with CaptureQueriesContext(connection) as asked:
            assert all(block(some, [None] * len(some), [{}] * len(some)))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_two_workers_tell_once(store: Store) -> None:
    buy(store, "coffee", day(0))
    settle(day(0))
    reorders.renew(store, now=day(1))
    pks = [of(store, "coffee").pk]
    assert [reorder_telling._tell(store, pks, day(30)) for _ in range(2)] == [1, 0]
    assert told(store) == ["Coffee"]


def test_no_token_of_another_kind_age_or_shape_opens_a_reorder(store: Store) -> None:
    order = buy(store, "coffee", day(0))
    renew(store, day(1))
    found = of(store, "coffee")
    client, good = Client(), reorder_links.reorder_page(found).rsplit("/", 1)[1]
    wrong = [order_token(order), "x" * 3_000, good + "\0", good[:-1], good.swapcase(), "ä:ö:ü"]
    wrong += [
        tokens.sign(reorder_links.PURPOSE, *parts) for parts in ((store.pk,), (store.pk, "x"), (store.pk, 10**30))
    ]
    for token in wrong:
        for ask in (client.get, client.post):
            address = page(store, "recommendations_storefront:reorder", token).split("8000", 1)[1]
            assert ask(address, {"say": "never"}).status_code in (400, 404, 410)
    assert of(store, "coffee").state == "waiting"
    assert client.get(f"/s/{store.slug}/recommendations/again/{good}").status_code == 200


def test_the_page_says_how_many_the_link_puts_into_the_cart(store: Store) -> None:
    variant = VariantDoc(external_id="4711", title="500 g", price="10.00")
    make_product(store, "77", title="Cups", category="Cups", source="shopify", replenish_days=30, variants=[variant])
    line = Line(external_id="1", title="Cups", quantity=1_000, unit_price="10.00", product_id="77", variant_id="4711")
    with clock.at(day(0)):
        ship(make_order(store, lines=[line], placed_at=day(0), source="shopify"), shipped_at=day(0))
    renew(store, day(1))
    found = Reorder.objects.of(store).select_related("store").get()
    with clock.at(day(2)):
        text = Client().get(reorder_links.reorder_page(found).split("8000", 1)[1]).content.decode()
    assert "/cart/4711:99" in text
    assert "€990.00" in text
    assert "1,000" not in text


def test_a_picture_that_is_no_address_is_not_shown(store: Store, rf: Any) -> None:
    buy(store, "coffee", day(0))
    renew(store, day(1))
    Product.objects.of(store).update(image_url="javascript:alert(1)", url="javascript:alert(1)")
    ann = Customer.objects.of(store).select_related("store").get()
    panel = buy_again(rf.get("/"), ann)
    assert panel is not None
    assert panel.context["picks"][0]["image"] == ""
    with clock.at(day(2)):
        text = Client().get(reorder_links.reorder_page(of(store, "coffee")).split("8000", 1)[1]).content.decode()
    assert "javascript:" not in text
