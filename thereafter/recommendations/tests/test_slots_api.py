"""Recommendations by the API and as a widget, and the pages on which a merchant rules over them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.kit import clock
from thereafter.recommendations.actions import rules_of_shop
from thereafter.recommendations.models import Exposure, Showing, ShowSettings
from thereafter.recommendations.rules.showing import Rule
from thereafter.recommendations.tests.slot_makers import NOW, SHOP, buy, make_shop, product, somebody
from thereafter.stores.actions import make_api_key
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_shop()


def caller(store: Store, *scopes: str) -> Client:
    _, key = make_api_key(store, name="Shop", scopes=list(scopes or ("recommendations:read",)), now=NOW)
    return Client(headers={"Authorization": f"Bearer {key}"})


def asked(client: Client, **query: Any) -> Any:
    with clock.at(NOW):
        return client.get("/api/v1/recommendations", query)


def test_a_product_a_basket_and_a_customer_are_answered_in_the_language_asked_for(store: Store) -> None:
    client = caller(store)
    answers = [
        asked(client, product=name, most=2).json()
        for name in ("shoe", "shoe-1", "SKU-shoe", "gid://shopify/Product/shoe")
    ]
    assert all([item["product"] for item in told["items"]] == ["socks", "laces"] for told in answers)
    assert all((told["slot"], told["unknown"], told["held_out"]) == ("product", [], False) for told in answers)
    socks = answers[0]["items"][0]
    assert (socks["price_minor"], socks["currency"], socks["product_url"]) == (1490, "EUR", f"{SHOP}/p/socks")
    assert socks["reason_text"] == "Bought together with Trail Runner 2"
    basket = asked(client, basket="shoe,socks,nothing", locale="de").json()
    assert basket["unknown"] == ["nothing"]
    assert {"shoe", "socks"}.isdisjoint(item["product"] for item in basket["items"])
    assert basket["items"][0]["reason_text"] == "Zusammen gekauft mit Trail Runner 2"
    buy(store, "shoe", email="john@example.com")
    mine = asked(client, customer="john@example.com").json()
    assert mine["slot"] == "customer"
    assert mine["items"][0]["reason_text"] == "Because you bought Trail Runner 2"


def test_a_visitor_who_names_nothing_sees_what_sells(store: Store) -> None:
    items = asked(caller(store)).json()["items"]
    assert items[0]["product"] == "cap"
    assert items[0]["reason"] == "popular"


def test_the_scope_is_needed_and_another_shop_s_ids_are_unknown(store: Store) -> None:
    other = make_shop("other")
    secret = buy(other, "belt", number="9001", email="secret@example.com")
    assert asked(caller(store, "orders:read"), product="shoe").status_code == 403
    assert asked(Client(), product="shoe").status_code == 401
    client = caller(store)
    assert asked(client, order=secret.number).status_code == 404
    told = asked(client, customer="secret@example.com").json()
    assert told["items"][0]["product"] == "cap"
    assert not Exposure.objects.of(store).exists()
    rules_of_shop.tell_stock(other, {product(other, "socks").pk: False}, now=NOW)
    assert asked(client, product="shoe").json()["items"][0]["product"] == "socks"


@pytest.mark.parametrize("query", [{"slot": "start"}, {"most": 0}, {"most": 99}, {"product": "a\0b"}])
def test_what_makes_no_sense_is_refused_with_words(store: Store, query: dict[str, Any]) -> None:
    assert asked(caller(store), **query).status_code == 422


def test_an_order_of_somebody_else_is_refused(store: Store) -> None:
    buy(store, "shoe", email="john@example.com", number="5001")
    buy(store, "shoe", email="mary@example.com", number="5002")
    answer = asked(caller(store), order="5001", customer="mary@example.com")
    assert answer.status_code == 422
    assert "not of this customer" in answer.json()["detail"]


def test_a_customer_held_out_gets_none_and_is_drawn() -> None:
    store = make_shop(holdout=50)
    out, kept = somebody(store, held=True), somebody(store, held=False)
    client = caller(store)
    for _ in range(2):
        told = asked(client, order=out.number).json()
        assert (told["held_out"], told["items"]) == (True, [])
        assert asked(client, order=kept.number).json()["items"]
    assert asked(client, order=kept.number, slot="message", count="false").json()["items"]
    assert Exposure.objects.of(store).count() == 2
    assert Showing.objects.of(store).get().channel == "api"


def test_what_is_sold_out_is_told_by_the_api(store: Store) -> None:
    client = caller(store, "recommendations:read", "recommendations:write")
    stock = [{"product": "SKU-socks", "available": False}, {"product": "what", "available": True}]
    told = client.post("/api/v1/recommendations/stock", stock, content_type="application/json").json()
    assert told == {"changed": 1, "unknown": ["what"]}
    assert asked(client, product="shoe").json()["items"][0]["product"] == "laces"
    reader = caller(store)
    assert reader.post("/api/v1/recommendations/stock", stock, content_type="application/json").status_code == 403


def page(store: Store, kind: str) -> str:
    return reverse("recommendations_storefront:widget", args=[store.slug, kind])


def test_the_widget_is_html_with_a_tag_for_the_sites_that_may(store: Store, client: Client) -> None:
    answer = client.get(page(store, "product"), {"product": "shoe", "locale": "fr"}, headers={"Origin": SHOP})
    html = answer.content.decode()
    assert "Merino Socks" in html
    assert "Acheté avec Trail Runner 2" in html
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert "set-cookie" not in {name.lower() for name in answer.headers}
    again = client.get(
        page(store, "product"), {"product": "shoe", "locale": "fr"}, headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    evil = client.get(page(store, "product"), {"product": "shoe"}, headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in evil.headers
    included = client.get(page(store, "basket"), {"basket": "shoe,cap", "as": "include"}).content.decode()
    assert '<template shadowrootmode="open">' in included
    unknown = client.get(page(store, "product"), {"product": "nothing"})
    assert "<section" not in unknown.content.decode()
    assert client.get(page(store, "account")).status_code == 404


def test_titles_are_escaped_everywhere_they_stand(store: Store, client: Client) -> None:
    product(store, "socks")
    type(product(store, "socks")).objects.of(store).filter(external_id="socks").update(title="<b>Socks</b>")
    assert "<b>Socks" not in client.get(page(store, "product"), {"product": "shoe"}).content.decode()


def console(store: Store, name: str, *args: int) -> str:
    return reverse(f"recommendations_console:{name}", args=[store.slug, *args])


def test_a_marketer_makes_tries_changes_and_removes_a_rule(store: Store, client: Client) -> None:
    client.force_login(make_staff(store, "marketer"))
    socks = product(store, "socks").pk
    form = {"kind": "never", "what": f"product:{socks}", "beside": "", "try_beside": "Trail Runner 2"}
    tried = client.post(console(store, "new_rule"), form | {"try": "1"}).content.decode()
    assert "Your rule says never." in tried
    assert not ShowSettings.objects.of(store).get().rules
    assert client.post(console(store, "new_rule"), form).status_code == 302
    (kept,) = ShowSettings.objects.of(store).get().wishes
    assert (kept.kind, kept.product_id) == ("never", socks)
    assert "Merino Socks" in client.get(console(store, "rules")).content.decode()
    pin = form | {"kind": "pin", "what": f"product:{product(store, 'belt').pk}", "place": "1", "slots": ["order"]}
    assert client.post(console(store, "rule", int(kept.key)), pin).status_code == 302
    (changed,) = ShowSettings.objects.of(store).get().wishes
    assert (changed.key, changed.kind, changed.slots) == (kept.key, "pin", ("order",))
    wrong = client.post(console(store, "new_rule"), form | {"kind": "only"})
    assert wrong.status_code == 422
    assert "Which category?" in wrong.content.decode()
    assert client.post(console(store, "remove_rule", int(kept.key))).status_code == 302
    assert not ShowSettings.objects.of(store).get().rules


def test_who_may_only_read_changes_nothing_and_no_shop_sees_another_s_rule(store: Store, client: Client) -> None:
    rule = Rule("", "never", category="Clothes")
    key = int(rules_of_shop.keep_rule(store, rule, by=None, now=NOW))
    client.force_login(make_staff(store, "analyst"))
    assert client.get(console(store, "rules")).status_code == 200
    for name, args in (("new_rule", ()), ("rule", (key,)), ("settings", ())):
        assert client.get(console(store, name, *args)).status_code == 403
    other = make_shop("other")
    client.force_login(make_staff(other, "owner"))
    assert client.get(console(other, "rule", key)).status_code == 404
    assert client.post(console(other, "remove_rule", key)).status_code == 404
    assert ShowSettings.objects.of(store).get().rules


def test_the_preview_says_why_and_why_not(store: Store, client: Client) -> None:
    client.force_login(make_staff(store, "analyst"))
    rules_of_shop.tell_stock(store, {product(store, "laces").pk: False}, now=NOW)
    order = buy(store, "shoe", email="john@example.com")
    for beside in ("shoe", "Trail Runner 2", order.number, "john@example.com"):
        html = client.get(console(store, "preview"), {"beside": beside}).content.decode()
        assert "Merino Socks" in html
        assert "It is sold out." in html
    assert "There is no product, order or customer" in client.get(
        console(store, "preview"), {"beside": "nothing@example.com"}
    ).content.decode().replace("&#39;", "'")


def test_an_empty_shop_and_a_busy_one_have_an_overview(store: Store, client: Client) -> None:
    client.force_login(make_staff(store, "analyst"))
    assert "Nobody&#39;s time is over yet" in client.get(console(store, "overview")).content.decode()


def test_a_visitor_is_led_to_the_product_itself_because_nobody_counts_what_visitors_see_here(store: Store) -> None:
    told = asked(caller(store), product="shoe").json()
    assert told["items"]
    assert all(item["url"] == item["product_url"] for item in told["items"])
    buyer = buy(store, "cap").customer
    known = asked(caller(store), product="shoe", customer=buyer.email).json()
    assert all("/s/stride/recommendations/go/" in item["url"] for item in known["items"])
