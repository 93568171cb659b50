"""Joining the programme and leaving it, on its pages."""

from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.kit import clock
from thereafter.loyalty import links
from thereafter.loyalty.actions import members, programmes
from thereafter.loyalty.models import Account, JoinRequest, Member
from thereafter.loyalty.tests.test_shopper_pages import NOW, PROGRAMME, page, press
from thereafter.loyalty.tests.visitors import visitor
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    store = make_store()
    programmes.publish(store, PROGRAMME, by=None, now=PLACED - timedelta(days=1))
    return store


@pytest.fixture
def order(store: Store) -> Order:
    with clock.at(PLACED):
        order = make_order(store, number="1001")
        run_until_idle()
    return order


def test_joining_by_mail_takes_a_link_and_a_press(store: Store) -> None:
    client = Client()
    asked = press(client, "join", email="New@Example.com ")
    assert "new@example.com" in asked.content.decode()
    assert not Member.objects.exists()
    request = JoinRequest.objects.get()
    token = links.join_page(request).rsplit("/", 1)[-1]
    with clock.at(NOW):
        there = reverse("loyalty_storefront:join_confirm", args=["stride", token])
        assert "One press, and you take part" in client.get(there).content.decode()
        assert not Member.objects.exists()
        assert client.post(there)["Location"] == "/s/stride/rewards/?said=joined"
    assert Member.objects.get().source == "page"
    assert "Welcome! You take part" in page(client, "home", said="joined")


def test_the_same_address_gets_one_mail_in_a_while(store: Store) -> None:
    for _ in range(3):
        press(Client(), "join", email="a@example.com")
    assert JoinRequest.objects.count() == 1


def test_an_altered_or_old_link_joins_nobody(store: Store) -> None:
    press(Client(), "join", email="a@example.com")
    token = links.join_page(JoinRequest.objects.get()).rsplit("/", 1)[-1]
    assert Client().post(f"/s/stride/rewards/join/{token}x").status_code == 404
    old = signing.dumps((1, 1), salt="thereafter.else")
    assert Client().post(f"/s/stride/rewards/join/{old}").status_code == 404
    other = make_store("other")
    assert Client().post(f"/s/{other.slug}/rewards/join/{token}").status_code == 404
    assert not Member.objects.exists()


def test_who_buys_where_joining_is_asked_reads_what_joining_brings(store: Store) -> None:
    programmes.publish(store, {**PROGRAMME, "joining": "asked"}, by=None, now=PLACED - timedelta(hours=1))
    with clock.at(PLACED):
        order = make_order(store, number="1001")
        run_until_idle()
    client = visitor(order.customer)
    shown = page(client, "home", at=PLACED + timedelta(days=1))
    assert "Your order of Tuesday 3 March counts: 89 points." in shown
    press(client, "join", at=PLACED + timedelta(days=1))
    with clock.at(PLACED + timedelta(days=1)):
        run_until_idle()
    assert ">89<" in page(client, "home", at=PLACED + timedelta(days=1))


def test_leaving_takes_a_tick_and_the_points(order: Order) -> None:
    client = visitor(order.customer)
    assert "You lose 89 points" in page(client, "leave")
    assert press(client, "leave").status_code == 422
    press(client, "leave", sure="yes")
    assert Member.objects.get().left_at is not None
    assert Account.objects.get().available == 0
    assert "Take part" in page(client, "home")


def test_somebody_who_left_can_join_again(order: Order) -> None:
    members.leave(Member.objects.get(), now=NOW)
    client = visitor(order.customer)
    press(client, "join")
    assert Member.objects.get().left_at is None


def test_who_is_left_out_for_comparison_sees_no_points_and_cannot_join(order: Order) -> None:
    Member.objects.update(is_held_out=True)
    client = visitor(order.customer)
    shown = page(client, "home")
    assert "Nobody can join right now" in shown
    assert ">89<" not in shown
    press(client, "join")
    assert client.get("/s/stride/rewards/mine/").status_code == 302
