"""What shoppers and staff see of points."""

from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import Person, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.kit.sockets import Panel
from thereafter.loyalty.actions import programmes
from thereafter.loyalty.blocks import points
from thereafter.loyalty.models import Account
from thereafter.loyalty.panels import points_of_member, points_of_order
from thereafter.loyalty.queries import ledger as queries
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    order = make_order(store, number="1001")
    run_until_idle()
    return order


def shown(panel: Panel | None) -> str:
    assert panel is not None
    return render_to_string(panel.template, panel.context, using="jinja2")


def refund_half(order: Order) -> None:
    back = RefundDoc(external_id="r1", amount="44.95", at=PLACED + timedelta(days=9))
    take_refunds(order.store, [RefundOfOrder(order=order.external_id, refund=back)], source="api", now=back.at)
    run_until_idle()


def test_the_order_s_page_tells_what_it_earned_and_lost(order: Order) -> None:
    refund_half(order)
    page = shown(points_of_order(HttpRequest(), order))
    assert ">44<" in page
    assert "Refund for order 1001" in page


def test_the_account_page_tells_the_history_in_plain_words(order: Order) -> None:
    page = shown(points_of_member(HttpRequest(), order.customer))
    assert "Order 1001" in page
    assert ">89<" in page


def test_who_has_no_points_is_told_how_they_come(store: Store) -> None:
    customer = make_order(store, email="new@example.com").customer
    assert "Every order" in shown(points_of_member(HttpRequest(), customer))


def test_the_confirmation_counts_points_that_are_not_booked_yet(store: Store) -> None:
    order = make_order(store)
    assert points([order.customer], [order]) == [{"balance": 89, "earned": 89, "unit": ""}]
    run_until_idle()
    assert points([order.customer, order.customer], [order, None]) == [
        {"balance": 89, "earned": 89, "unit": ""},
        {"balance": 89, "earned": 0, "unit": ""},
    ]


def test_the_confirmation_says_points_as_the_shop_calls_them(store: Store) -> None:
    document = {"points_name": {"en": ["coin", "coins"], "de": ["Taler", "Taler"]}}
    programmes.publish(store, document, by=None, now=PLACED - timedelta(days=1))
    order = make_order(store, customer=Person(email="john@example.com", locale="de"))
    (facts,) = points([order.customer], [order])
    assert facts is not None
    assert facts["unit"] == "Taler"


def test_a_marketer_adjusts_and_an_analyst_does_not(order: Order, client: Client) -> None:
    address = reverse("loyalty_console:adjust", args=[order.store.slug, order.customer_id])
    form = {"points": "11", "reason": "Lost parcel", "once": "a"}
    client.force_login(make_staff(order.store, "analyst"))
    assert client.post(address, form).status_code == 403
    client.force_login(make_staff(order.store, "marketer"))
    for _ in range(2):
        assert client.post(address, form).status_code == 302
    assert Account.objects.get().available == 100


@pytest.mark.parametrize(
    ("number", "text"), [("-500", "has 89 points"), ("0", "with a minus"), ("many", "whole number")]
)
def test_an_adjustment_that_cannot_be_is_explained(order: Order, client: Client, number: str, text: str) -> None:
    client.force_login(make_staff(order.store))
    address = reverse("loyalty_console:adjust", args=[order.store.slug, order.customer_id])
    page = client.post(address, {"points": number, "reason": "x", "once": "a"})
    assert text in page.content.decode()
    assert Account.objects.get().available == 89


def test_members_are_listed_and_found(order: Order, client: Client) -> None:
    client.force_login(make_staff(order.store))
    address = reverse("loyalty_console:members", args=[order.store.slug])
    assert "John Runner" in client.get(address).content.decode()
    assert "Nobody found" in client.get(address, {"q": "zzz"}).content.decode()
    Account.objects.update(doubt="The figures differ.")
    assert "The figures differ." in client.get(address).content.decode()


def test_another_store_s_members_are_not_there(order: Order, client: Client) -> None:
    other = make_store("other")
    client.force_login(make_staff(other))
    adjust = reverse("loyalty_console:adjust", args=["other", order.customer_id])
    assert client.get(adjust).status_code == 404
    members = reverse("loyalty_console:members", args=["other"])
    assert "No members yet" in client.get(members).content.decode()
    assert queries.totals(other).net == 0
