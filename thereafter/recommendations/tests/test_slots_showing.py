"""Who is shown what, who is shown nothing, and what is written down of it."""

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
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.messaging.actions.queueing import send
from thereafter.messaging.models import Message
from thereafter.recommendations.actions import crediting, habits, people, rules_of_shop
from thereafter.recommendations.actions.messages_read import read
from thereafter.recommendations.blocks import recommendations
from thereafter.recommendations.models import Bought, Click, Exposure, Showing, ShowSettings, Tally
from thereafter.recommendations.panels import chosen_for_you, goes_well_with
from thereafter.recommendations.queries import results
from thereafter.recommendations.queries.picks import Context, picks, picks_for
from thereafter.recommendations.rules import showing
from thereafter.recommendations.tests.slot_makers import NOW, SHOP, buy, make_shop, product, somebody
from thereafter.stores.models import Audit, Store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
MOST_QUERIES = 5
READER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture
def store() -> Store:
    return make_shop()


def titles(order: Order) -> list[str]:
    return [pick.title for pick in picks_for(order.store_id, [order])[order.pk]]


def rule(store: Store, **given: Any) -> str:
    return rules_of_shop.keep_rule(store, showing.Rule(key="", **given), by=None, now=NOW)


def test_what_came_back_or_is_on_its_way_is_not_offered(store: Store) -> None:
    past = buy(store, "laces", email="john@example.com", status="fulfilled")
    back = RefundDoc(
        external_id="r1", amount="10", at=NOW - timedelta(days=3), lines=[RefundLine(line="0", quantity=1, amount="10")]
    )
    take_refunds(store, [RefundOfOrder(order=past.external_id, refund=back)], source="api", now=NOW)
    buy(store, "socks", email="john@example.com")
    order = buy(store, "shoe", email="john@example.com")
    with clock.at(NOW - timedelta(days=1)):
        decision = picks(store.pk, Context(showing.ORDER, order.customer_id, order)).decision
    why = {one.product_id: one.why for one in decision.left}
    assert why[product(store, "laces").pk] == "returned"
    assert why[product(store, "socks").pk] == "coming"


def test_what_a_shop_never_says_has_left_is_on_its_way_no_longer_after_a_month(store: Store) -> None:
    coffee = ProductDoc(external_id="socks", title="Merino Socks", replenish_days=30, changed_at=NOW)
    take_products(store, [coffee], source="api", now=NOW)
    buy(store, "socks", email="john@example.com", placed_at=NOW)
    order = buy(store, "shoe", email="john@example.com", placed_at=NOW)
    with clock.at(NOW + timedelta(days=29)):
        assert "Merino Socks" not in titles(order)
    with clock.at(NOW + timedelta(days=31)):
        assert "Merino Socks" in titles(order)


def test_what_is_used_up_may_be_offered_to_who_has_it(store: Store) -> None:
    buy(store, "socks", email="john@example.com", status="fulfilled")
    order = buy(store, "shoe", email="john@example.com")
    assert "Merino Socks" not in titles(order)
    coffee = ProductDoc(external_id="socks", title="Merino Socks", replenish_days=30, changed_at=NOW)
    take_products(store, [coffee], source="api", now=NOW)
    assert "Merino Socks" in titles(order)


def test_what_is_sold_out_comes_back_when_it_is_there_again(store: Store) -> None:
    order, socks = buy(store, "shoe"), product(store, "socks").pk
    assert rules_of_shop.tell_stock(store, {socks: False}, now=NOW) == 1
    assert "Merino Socks" not in titles(order)
    assert rules_of_shop.tell_stock(store, {socks: True}, now=NOW) == 1
    assert "Merino Socks" in titles(order)


def test_the_merchant_s_rules_hold_at_once_and_are_in_the_audit_log(store: Store) -> None:
    order = buy(store, "shoe")
    key = rule(store, kind="never", product_id=product(store, "socks").pk)
    rule(store, kind="pin", product_id=product(store, "belt").pk, place=1, slots=("order",))
    assert titles(order) == ["Race Belt", "Laces", "Cap"]
    assert rules_of_shop.remove_rule(store, key, by=None, now=NOW)
    assert titles(order) == ["Race Belt", "Merino Socks", "Laces"]
    verbs = Audit.objects.of(store).order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-3:] == ["recommendations.rule", "recommendations.rule", "recommendations.rule_removed"]


def test_a_rule_about_another_shop_s_product_is_refused(store: Store) -> None:
    other = make_shop("other")
    with pytest.raises(rules_of_shop.BadRule, match="no such product"):
        rule(store, kind="never", product_id=product(other, "socks").pk)


def test_of_which_things_people_own_one_is_learnt_from_who_bought_two(store: Store) -> None:
    for name in ("a", "b"):
        take_products(
            store,
            [ProductDoc(external_id=name, title=f"Kettle {name}", category="Kettles", changed_at=NOW)],
            source="api",
            now=NOW,
        )
    for at in range(20):
        buy_kettle(store, "a", f"k{at}@example.com")
    buy_kettle(store, "b", "k1@example.com")
    assert habits.learn(store, now=NOW)
    assert not habits.learn(store, now=NOW)
    kept = ShowSettings.objects.of(store).get()
    assert kept.habits["Kettles"] == [20, 1]
    assert "Kettles" in kept.terms.durables


def buy_kettle(store: Store, name: str, email: str) -> Order:
    line = Line(external_id="1", title=f"Kettle {name}", quantity=1, unit_price="10", product_id=name)
    return make_order(store, email=email, lines=[line])


def test_nobody_held_out_sees_any_and_both_sides_are_drawn_once() -> None:
    store = make_shop(holdout=50)
    kept, out = somebody(store, held=False), somebody(store, held=True)
    with clock.at(NOW):
        for _ in range(2):
            assert goes_well_with(HttpRequest(), kept) is not None
            assert goes_well_with(HttpRequest(), out) is None
            assert chosen_for_you(HttpRequest(), out.customer) is None
            first, second = recommendations([kept.customer, out.customer], [kept, out])
            assert first
            assert second is None
    sides = dict(Exposure.objects.of(store).values_list("customer_id", "is_held"))
    assert sides == {kept.customer_id: False, out.customer_id: True}
    assert Showing.objects.of(store).count() == 1
    assert Showing.objects.of(store).get().customer_id == kept.customer_id


def test_a_side_once_drawn_is_kept_when_the_share_changes() -> None:
    store = make_shop(holdout=50)
    out, kept = somebody(store, held=True), somebody(store, held=False)
    with clock.at(NOW):
        goes_well_with(HttpRequest(), out)
        goes_well_with(HttpRequest(), kept)
    rules_of_shop.change(store, {"holdout": 0}, by=None, now=NOW)
    assert picks_for(store.pk, [out, kept])[out.pk] == []
    assert picks_for(store.pk, [out, kept])[kept.pk]


def test_a_page_is_counted_once_a_day(store: Store) -> None:
    order = buy(store, "shoe")
    for at in (NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1)):
        with clock.at(at):
            goes_well_with(HttpRequest(), order)
    assert Showing.objects.of(store).filter(slot="order").count() == 2


def test_a_set_of_mails_takes_no_more_queries_than_one(store: Store) -> None:
    orders = [buy(store, "shoe") for _ in range(6)]
    customers = [order.customer for order in orders]
    with CaptureQueriesContext(connection) as for_one:
        one = recommendations(customers[:1], [*orders[:1]])
    with CaptureQueriesContext(connection) as for_six:
        six = recommendations(customers, [*orders])
    assert len(for_six) == len(for_one) <= MOST_QUERIES
    assert len(six) == 6
    assert [names(facts) for facts in six] == [names(facts) for facts in one] * 6


def names(facts: Any) -> list[str]:
    return [pick["title"] for pick in facts["picks"]]


def mail(store: Store, order: Order, key: str) -> None:
    with clock.at(NOW):
        send(order.customer, template="order_confirmation", key=key, now=NOW, order=order)
        run_until_idle(NOW)


def test_a_message_counts_once_with_what_stood_in_it_and_held_out_readers_are_drawn() -> None:
    store = make_shop(holdout=50)
    kept, out = somebody(store, held=False), somebody(store, held=True)
    mail(store, kept, "a")
    mail(store, out, "b")
    assert set(Message.objects.of(store).filter(key__in=("a", "b")).values_list("state", flat=True)) == {"sent"}
    later = NOW + timedelta(minutes=20)
    read(store, now=later)
    seen = Showing.objects.of(store).filter(slot="message", customer_id=kept.customer_id).first()
    assert seen
    assert seen.place == "order_confirmation"
    assert next(number for number, _ in seen.products) == product(store, "socks").pk
    assert Exposure.objects.of(store).get(customer_id=out.customer_id).is_held
    assert not Showing.objects.of(store).filter(customer_id=out.customer_id).exists()
    before = Showing.objects.of(store).count()
    read(store, now=later)
    ShowSettings.objects.of(store).update(read_to=0)
    read(store, now=later)
    assert Showing.objects.of(store).count() == before


def test_messages_wait_for_a_shop_that_stood_still_before_it_ever_read_one() -> None:
    store = make_shop(holdout=50)
    kept = somebody(store, held=False)
    mail(store, kept, "a")
    read(store, now=NOW + timedelta(days=9))
    assert Showing.objects.of(store).filter(slot="message", customer_id=kept.customer_id).exists()


def links_of(store: Store, order: Order) -> list[str]:
    with clock.at(NOW):
        panel = goes_well_with(HttpRequest(), order)
    assert panel
    return [pick["url"].replace("http://127.0.0.1:8000", "") for pick in panel.context["picks"]]


def test_a_click_leads_to_the_product_and_counts_once_a_day(store: Store, client: Client) -> None:
    link = links_of(store, buy(store, "shoe"))[0]
    for _ in range(2):
        with clock.at(NOW + timedelta(hours=1)):
            answer = client.get(link, headers=READER)
        assert answer.headers["Location"] == f"{SHOP}/p/socks"
    assert Click.objects.of(store).get().product_id == product(store, "socks").pk
    with clock.at(NOW + timedelta(days=1, hours=1)):
        client.get(link, headers=READER)
    assert Click.objects.of(store).count() == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Googlebot/2.1"},
        {"User-Agent": ""},
        READER | {"Sec-Purpose": "prefetch;prerender"},
        READER | {"Purpose": "prefetch"},
        READER | {"X-Moz": "prefetch"},
    ],
)
def test_machines_and_browsers_that_look_ahead_are_led_on_and_not_counted(
    store: Store, client: Client, headers: dict[str, str]
) -> None:
    link = links_of(store, buy(store, "shoe"))[0]
    assert client.get(link, headers=headers).status_code == 302
    assert client.head(link, headers=READER).status_code == 302
    assert not Click.objects.of(store).exists()


def test_a_mail_s_links_followed_within_seconds_are_a_scanner_s(store: Store, client: Client) -> None:
    order = buy(store, "shoe")
    with clock.at(NOW):
        (facts,) = recommendations([order.customer], [order])
    assert facts
    link = facts["picks"][0]["url"].replace("http://127.0.0.1:8000", "")
    for seconds, count in ((2, 0), (60, 1)):
        with clock.at(NOW + timedelta(seconds=seconds)):
            assert client.get(link, headers=READER).status_code == 302
        assert Click.objects.of(store).count() == count


def test_a_link_leads_nowhere_else(store: Store, client: Client) -> None:
    link = links_of(store, buy(store, "shoe"))[0]
    other = make_shop("other")
    assert client.get(link.replace("/s/stride/", "/s/other/"), headers=READER).status_code == 404
    token = link.rsplit("/", 1)[1]
    swapped = token.replace("-", "-9", 1)
    for wrong in (swapped, token[:-2], "x" * 500, "https:%2F%2Fevil.example", "1-0-1-0-0-0:abc"):
        address = reverse("recommendations_storefront:go", args=[store.slug, "TOKEN"]).replace("TOKEN", wrong)
        assert client.get(address, headers=READER).status_code == 404
    answer = client.get(f"{link}?url=https://evil.example&next=//evil.example", headers=READER)
    assert answer.headers["Location"] == f"{SHOP}/p/socks"
    evil = ProductDoc(external_id="socks", title="Merino Socks", url="javascript:alert(1)", changed_at=NOW)
    take_products(store, [evil], source="api", now=NOW)
    assert client.get(link, headers=READER).headers["Location"] == SHOP
    assert not Click.objects.of(other).exists()


def test_what_is_bought_after_it_was_shown_is_credited_once(store: Store, client: Client) -> None:
    order = buy(store, "shoe", email="john@example.com")
    link = links_of(store, order)[0]
    with clock.at(NOW + timedelta(hours=1)):
        client.get(link, headers=READER)
    after = NOW + timedelta(days=5)
    with clock.at(after):
        again = buy(store, "socks", "laces", "belt", email="john@example.com", placed_at=after)
        run_until_idle(after)
    crediting.credit(store.pk, [again.pk])
    rows = {row.product_id: row for row in Bought.objects.of(store).filter(order=again)}
    assert set(rows) == {product(store, "socks").pk, product(store, "laces").pk}
    assert rows[product(store, "socks").pk].clicked_at
    assert rows[product(store, "laces").pk].clicked_at is None
    much_later = NOW + timedelta(days=31)
    with clock.at(much_later):
        late = buy(store, "cap", email="john@example.com", placed_at=much_later)
        run_until_idle(much_later)
    assert not Bought.objects.of(store).filter(order=late).exists()
    found = results.results(store, since=NOW - timedelta(days=1), until=NOW + timedelta(days=20)).whole
    assert (found.shown, found.clicked, found.bought, found.after_click, found.amount_minor) == (1, 1, 2, 1, 2000)


def test_two_records_of_one_person_stay_on_the_first_side() -> None:
    store = make_shop(holdout=50)
    kept, out = somebody(store, held=False), somebody(store, held=True)
    with clock.at(NOW):
        goes_well_with(HttpRequest(), out)
    with clock.at(NOW + timedelta(days=1)):
        goes_well_with(HttpRequest(), kept)
    people.merge(store.pk, keep_id=kept.customer_id, merged_id=out.customer_id)
    drawn = Exposure.objects.of(store).get()
    assert (drawn.customer_id, drawn.is_held) == (kept.customer_id, True)


def test_the_comparison_counts_everybody_who_was_drawn() -> None:
    store = make_shop(holdout=50)
    orders = [somebody(store, held=at % 2 == 0) for at in range(6)]
    with clock.at(NOW):
        for order in orders:
            goes_well_with(HttpRequest(), order)
    buyer = orders[1]
    buy(store, "cap", email=buyer.customer.email, placed_at=NOW + timedelta(days=2))
    assert results.proof(store, NOW + timedelta(days=20)).treated.people == 0
    proved = results.proof(store, NOW + timedelta(days=31))
    assert (proved.treated.people, proved.treated.reached, proved.held.people, proved.held.reached) == (3, 1, 3, 0)
    assert proved.verdict == "too_few"


def test_visitors_are_counted_without_knowing_them(store: Store, client: Client) -> None:
    page = reverse("recommendations_storefront:widget", args=[store.slug, "product"])
    html = client.get(page, {"product": "shoe"}, headers=READER).content.decode()
    seen = html.split('class="tp-seen" src="')[1].split('"')[0].replace("http://127.0.0.1:8000", "")
    link = html.split('<a href="')[1].split('"')[0].replace("http://127.0.0.1:8000", "")
    for _ in range(3):
        assert client.get(seen, headers=READER).headers["Content-Type"] == "image/gif"
    client.get(seen, headers={"User-Agent": "Googlebot"})
    client.get(link, headers=READER)
    sums = Tally.objects.of(store).values_list("product__external_id", "shown", "clicked")
    assert set(sums) == {("shoe", 3, 0), ("socks", 0, 1)}
