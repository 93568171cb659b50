"""What goes wrong in real shops: odd addresses, heavy buyers, money back, machines, products that are gone."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from thereafter.commerce.actions.products import take_products
from thereafter.commerce.actions.refunds import take_refunds
from thereafter.commerce.documents import Line, ProductDoc, RefundDoc, RefundLine, RefundOfOrder
from thereafter.commerce.models import Order, Product
from thereafter.commerce.tests.makers import make_order, make_product
from thereafter.kit import clock
from thereafter.recommendations.actions import building, messages_read, rules_of_shop
from thereafter.recommendations.models import Bought, Exposure, Showing
from thereafter.recommendations.panels import goes_well_with, recommendations_with_a_holdout
from thereafter.recommendations.queries import results
from thereafter.recommendations.queries.picks import Context, answers, picks, picks_for
from thereafter.recommendations.rules import showing
from thereafter.recommendations.tests.slot_makers import NOW, SHOP, buy, make_shop, product, somebody
from thereafter.recommendations.tests.test_slots_api import asked, caller
from thereafter.recommendations.tests.test_slots_showing import READER, links_of, mail
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
MANY = 60


@pytest.fixture
def store() -> Store:
    return make_shop()


@pytest.mark.parametrize("odd", ["https://[stride.example", "https://", "javascript:alert(1)", " data:text/html,x"])
def test_an_address_that_is_none_leads_to_the_shop(store: Store, client: Client, odd: str) -> None:
    link = links_of(store, buy(store, "shoe"))[0]
    Product.objects.of(store).filter(external_id="socks").update(url=odd, image_url=odd)
    assert client.get(link, headers=READER).headers["Location"] == SHOP
    told = asked(caller(store), product="shoe").json()["items"][0]
    assert (told["product"], told["product_url"], told["image_url"]) == ("socks", SHOP, "")
    widget = reverse("recommendations_storefront:widget", args=[store.slug, "product"])
    html = client.get(widget, {"product": "shoe", "count": "0"}).content.decode()
    assert not any(f'{name}="{odd}"' in html for name in ("href", "src"))


def big_shop() -> Store:
    """Sixty things that sell, the lower the number the better, and one of another category that hardly does."""
    store = make_store(shop_url=SHOP)
    rules_of_shop.change(store, {"holdout": 0}, by=None, now=NOW)
    for at in range(MANY):
        make_product(store, f"p{at}", title=f"Thing {at}", category="Things")
    make_product(store, "rare", title="Rare", category="Rarities")
    for at in range(MANY):
        take(store, [f"p{number}" for number in range(at + 1)], f"p{at}@example.com")
    take(store, ["rare"], "rare@example.com")
    building.rebuild_due(NOW)
    return store


def take(store: Store, products: list[str], email: str) -> Order:
    lines = [Line(external_id=name, title=name, quantity=1, unit_price="10", product_id=name) for name in products]
    return make_order(store, email=email, lines=lines, status="fulfilled")


def test_who_has_nearly_everything_is_shown_the_rest() -> None:
    store = big_shop()
    contexts = []
    for at in range(3):
        take(store, [f"p{number}" for number in range(MANY - 3)], f"heavy{at}@example.com")
        order = take(store, ["p0"], f"heavy{at}@example.com")
        contexts.append(Context(showing.MESSAGE, order.customer_id, order))
    with CaptureQueriesContext(connection) as for_one:
        (found,) = answers(store.pk, contexts[:1])
    assert {pick.title for pick in found.picks} == {"Thing 57", "Thing 58", "Thing 59"}
    assert "owned" in {one.why for one in found.decision.left}
    with CaptureQueriesContext(connection) as for_three:
        assert [one.picks for one in answers(store.pk, contexts)] == [found.picks] * 3
    assert len(for_three) == len(for_one)


def test_a_category_that_alone_may_be_shown_is_found_far_down() -> None:
    store = big_shop()
    only = showing.Rule(key="", kind="only", category="Rarities")
    rules_of_shop.keep_rule(store, only, by=None, now=NOW)
    order = take(store, ["p0"], "new@example.com")
    assert [pick.title for pick in picks_for(store.pk, [order])[order.pk]] == ["Rare"]


def refund(store: Store, order: Order, *lines: str, amount: str) -> None:
    back = RefundDoc(
        external_id=f"r{order.pk}",
        amount=amount,
        at=NOW + timedelta(days=9),
        lines=[RefundLine(line=line, quantity=1, amount="10") for line in lines],
    )
    take_refunds(
        store, [RefundOfOrder(order=order.external_id, refund=back)], source="api", now=NOW + timedelta(days=9)
    )


def sold(store: Store) -> tuple[int, int]:
    whole = results.results(store, since=NOW - timedelta(days=1), until=NOW + timedelta(days=20)).whole
    return whole.bought, whole.amount_minor


def test_what_came_back_was_not_bought(store: Store) -> None:
    order = buy(store, "shoe", email="john@example.com")
    links_of(store, order)
    after = NOW + timedelta(days=5)
    with clock.at(after):
        again = buy(store, "socks", "laces", email="john@example.com", placed_at=after, status="fulfilled")
        run_until_idle(after)
    assert sold(store) == (2, 2000)
    refund(store, again, "0", amount="10")
    assert sold(store) == (1, 1000)
    Order.objects.of(store).filter(pk=again.pk).update(refunded_minor=again.total_minor)
    assert sold(store) == (0, 0)
    Order.objects.of(store).filter(pk=again.pk).update(refunded_minor=0, status="cancelled")
    assert sold(store) == (0, 0)


def test_an_order_right_after_the_mail_is_credited_though_mails_are_read_later(store: Store) -> None:
    order = buy(store, "shoe", email="john@example.com")
    mail(store, order, "a")
    soon = NOW + timedelta(minutes=10)
    with clock.at(soon):
        again = buy(store, "socks", email="john@example.com", placed_at=soon)
        run_until_idle(soon)
    for _ in range(2):
        messages_read.read(store, now=NOW + timedelta(hours=1))
    assert Bought.objects.of(store).get(order=again).slot == "message"


def test_pages_fetched_by_machines_or_ahead_are_not_seen(store: Store) -> None:
    order = buy(store, "shoe")
    machines: list[dict[str, Any]] = [
        {"HTTP_USER_AGENT": "Googlebot/2.1"},
        {"HTTP_USER_AGENT": READER["User-Agent"], "HTTP_SEC_PURPOSE": "prefetch"},
    ]
    for meta in machines:
        request = HttpRequest()
        request.method, request.META = "GET", meta
        assert goes_well_with(request, order) is not None
    head = HttpRequest()
    head.method = "HEAD"
    goes_well_with(head, order)
    assert not Showing.objects.of(store).exists()
    assert not Exposure.objects.of(store).exists()


def test_one_cancelled_order_does_not_take_the_others_from_the_comparison() -> None:
    store = make_shop(holdout=50)
    one, other = somebody(store, held=False), somebody(store, held=True)
    assert recommendations_with_a_holdout(store, NOW) == []
    with clock.at(NOW):
        for order in (one, other):
            goes_well_with(HttpRequest(), order)
    email = one.customer.email
    buy(store, "cap", email=email, placed_at=NOW + timedelta(days=2))
    buy(store, "belt", email=email, placed_at=NOW + timedelta(days=3), status="cancelled")
    buy(store, "cap", email=other.customer.email, placed_at=NOW + timedelta(days=3), status="cancelled")
    (tried,) = recommendations_with_a_holdout(store, NOW + timedelta(days=31))
    assert (tried.name, tried.verb) == ("Recommendations", "recommendations.read")
    assert tried.url == reverse("recommendations_console:overview", args=[store.slug])
    assert (tried.proof.treated.reached, tried.proof.treated.money, tried.proof.held.reached) == (1, 1000.0, 0)


def test_what_is_gone_or_contradicts_itself_breaks_nothing(store: Store, client: Client) -> None:
    order = buy(store, "shoe")
    link = links_of(store, order)[0]
    numbers = {name: product(store, name).pk for name in ("socks", "belt", "cap", "laces")}
    for name, number in numbers.items():
        for kind in ("pin", "never"):
            rule = showing.Rule(key="", kind=kind, product_id=number, place=12)
            if (kind, name) not in {("never", "belt"), ("never", "laces")}:
                rules_of_shop.keep_rule(store, rule, by=None, now=NOW)
    off = ProductDoc(external_id="laces", title="Laces", is_active=False, changed_at=NOW)
    take_products(store, [off], source="api", now=NOW)
    told = picks(store.pk, Context(showing.ORDER, order.customer_id, order, most=1))
    assert [pick.title for pick in told.picks] == ["Race Belt"]
    why = {one.product_id: one.why for one in told.decision.left}
    assert (why[numbers["socks"]], why[numbers["laces"]]) == ("never", "not_sold")
    Product.objects.of(store).filter(pk=numbers["belt"]).update(is_active=False)
    assert picks(store.pk, Context(showing.ORDER, order.customer_id, order)).picks == []
    with clock.at(NOW):
        assert goes_well_with(HttpRequest(), order) is None
    assert client.get(link, headers=READER).status_code == 302


def test_a_rule_about_what_is_off_sale_can_still_be_changed(store: Store, client: Client) -> None:
    client.force_login(make_staff(store, "marketer"))
    socks = product(store, "socks").pk
    never = showing.Rule(key="", kind="never", product_id=socks)
    key = rules_of_shop.keep_rule(store, never, by=None, now=NOW)
    Product.objects.of(store).filter(pk=socks).update(is_active=False)
    form = {"kind": "never", "what": f"product:{socks}", "slots": ["message"], "try_beside": "a\0b"}
    address = reverse("recommendations_console:rule", args=[store.slug, int(key)])
    assert client.post(address, form).status_code == 302


@pytest.mark.parametrize(
    "place", ["preview/?beside=%00", "preview/?slot=x&beside=%25", "reorders/?q=%00&product=9e9&page=x"]
)
def test_odd_values_in_the_console_s_addresses_are_borne(store: Store, client: Client, place: str) -> None:
    client.force_login(make_staff(store, "analyst"))
    assert client.get(reverse("recommendations_console:overview", args=[store.slug]) + place).status_code == 200


def test_a_basket_of_hundreds_is_answered_and_too_long_a_one_refused(store: Store, client: Client) -> None:
    names = ",".join(["shoe", *(f"x{at}" for at in range(499))])
    widget = reverse("recommendations_storefront:widget", args=[store.slug, "basket"])
    assert "Merino Socks" in client.get(widget, {"basket": names}).content.decode()
    assert asked(caller(store), basket=names).status_code == 200
    assert asked(caller(store), basket=names * 3).status_code == 422


def test_a_shop_with_one_product_and_one_without_orders_show_nothing_wrong(client: Client) -> None:
    empty, single = make_store("empty"), make_store("single")
    make_product(single, "only", title="Only one")
    for store in (empty, single):
        building.rebuild_due(NOW)
        assert asked(caller(store), product="only").json()["items"] == []
        assert client.get(f"/s/{store.slug}/recommendations/widget/product?product=only").status_code == 200
    assert [one["product"] for one in asked(caller(single)).json()["items"]] == ["only"]


@pytest.mark.parametrize(
    "odd",
    [
        {"weight": "nan"},
        {"weight": "1e999"},
        {"place": "1.5"},
        {"place": "-1"},
        {"what": "product:abc"},
        {"what": "category:"},
        {"what": ""},
        {"slots": ["nowhere"]},
        {"kind": "x" * 10_000},
        {"kind": "boost", "weight": "0"},
        {"kind": "boost", "weight": "50"},
    ],
)
def test_a_rule_with_odd_values_is_refused_on_the_form(store: Store, client: Client, odd: dict[str, Any]) -> None:
    client.force_login(make_staff(store, "marketer"))
    form = {"kind": "pin", "what": f"product:{product(store, 'socks').pk}", "place": "1"} | odd
    address = reverse("recommendations_console:new_rule", args=[store.slug])
    assert client.post(address, form).status_code == 422
    assert client.post(address, form | {"try": "1", "try_beside": "shoe"}).status_code == 200


@pytest.mark.parametrize(
    "odd",
    [{"holdout": "51"}, {"holdout": "-1"}, {"holdout": "1e3"}, {"sites": "javascript:alert(1)"}, {"sites": "*"}],
)
def test_settings_with_odd_values_are_refused(store: Store, client: Client, odd: dict[str, str]) -> None:
    client.force_login(make_staff(store, "marketer"))
    address = reverse("recommendations_console:settings", args=[store.slug])
    assert client.post(address, {"holdout": "5"} | odd).status_code == 422
    assert client.post(address, {"holdout": "5", "sites": "https://" + "x" * 5_000_000}).status_code == 422


def test_the_api_refuses_texts_that_no_database_keeps(store: Store) -> None:
    client = caller(store, "recommendations:read", "recommendations:write")
    for odd in ('"\\ud800"', '"a\\u0000b"', "7", "null", '""', "[]"):
        body = f'[{{"product": {odd}, "available": false}}]'
        answer = client.post("/api/v1/recommendations/stock", body, content_type="application/json")
        assert answer.status_code in (400, 422)


def test_an_answer_with_a_cookie_is_kept_by_nobody(store: Store, client: Client) -> None:
    widget = reverse("recommendations_storefront:widget", args=[store.slug, "product"])
    own = client.get(widget, {"product": "shoe", "lang": "de"})
    assert not (own.cookies and "public" in own.headers["Cache-Control"])
    assert client.get(widget, {"product": "shoe"}).headers["Cache-Control"].startswith("public")


def test_each_language_and_each_customer_have_a_tag_of_their_own(store: Store, client: Client) -> None:
    widget = reverse("recommendations_storefront:widget", args=[store.slug, "product"])
    tags = {client.get(widget, {"product": "shoe", "locale": one}).headers["ETag"] for one in ("en", "de", "fr")}
    assert len(tags) == 3
    first, second = (links_of(store, buy(store, "shoe")) for _ in range(2))
    assert not set(first) & set(second)
