"""QR codes that give points: what members see, what a press gives, how often, and who makes them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock, tokens
from thereafter.loyalty.actions import codes, programmes
from thereafter.loyalty.actions.codes import CodeSettings
from thereafter.loyalty.links import join_page
from thereafter.loyalty.models import Account, EarningCode, JoinRequest, Member
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = PLACED + timedelta(days=2)
PROGRAMME: dict[str, Any] = {"rate": "1", "actions": {"qr": {"points": 20}, "recycling": {"points": 150, "total": 1}}}


@pytest.fixture
def store() -> Store:
    store = make_store()
    programmes.publish(store, PROGRAMME, by=None, now=PLACED - timedelta(days=1))
    return store


def make_code(store: Store, **settings: Any) -> EarningCode:
    given: dict[str, Any] = {"label": "Repair café", "action": "qr"}
    return codes.make(store, CodeSettings(**given | settings), by=None, now=PLACED)


def buyer(store: Store, number: int = 1) -> Customer:
    """Somebody with 89 points."""
    with clock.at(NOW):
        customer = make_order(store, number=str(1000 + number), email=f"m{number}@example.com").customer
        run_until_idle(NOW)
    return customer


def phone(customer: Customer | None = None) -> Client:
    client = Client()
    if customer:
        token = tokens.sign("shopper-session", customer.store_id, customer.pk)
        client.cookies[f"shopper_{customer.store_id}"] = token
    return client


def address(code: EarningCode) -> str:
    return reverse("loyalty_storefront:collect", args=["stride", code.token])


def press(client: Client, code: EarningCode, *, at: Any = NOW, **fields: str) -> str:
    with clock.at(at):
        return str(client.post(address(code), fields).content.decode())


def see(client: Client, code: EarningCode, *, at: Any = NOW) -> str:
    with clock.at(at):
        return str(client.get(address(code)).content.decode())


def points(customer: Customer) -> int:
    return Account.objects.get(customer=customer).available


def test_looking_gives_nothing_and_a_press_gives_once(store: Store) -> None:
    code, customer = make_code(store), buyer(store)
    client = phone(customer)
    for _ in range(2):
        assert "Get 20 points" in see(client, code)
    assert points(customer) == 89
    assert "You got 20 points" in press(client, code)
    assert "You have these points already" in press(client, code)
    assert points(customer) == 109
    code.refresh_from_db()
    assert (code.uses, code.points) == (1, 20)


def test_once_a_day_counts_again_tomorrow(store: Store) -> None:
    code, customer = make_code(store, how_often="daily"), buyer(store)
    client = phone(customer)
    press(client, code)
    assert "already" in press(client, code)
    assert "You got 20 points" in press(client, code, at=NOW + timedelta(days=1))
    assert points(customer) == 129


def test_uses_run_out_for_the_next_one_but_not_for_who_had_theirs(store: Store) -> None:
    code, first, second = make_code(store, most_uses=1), buyer(store, 1), buyer(store, 2)
    press(phone(first), code)
    assert "All points of this code are taken" in press(phone(second), code)
    assert "You have these points already" in press(phone(first), code)
    assert points(second) == 89
    code.refresh_from_db()
    assert code.uses == 1


def test_the_limits_of_the_programme_hold_over_several_codes(store: Store) -> None:
    customer = buyer(store)
    one, two = make_code(store, action="recycling"), make_code(store, action="recycling")
    press(phone(customer), one)
    assert "That is enough for now" in press(phone(customer), two)
    assert points(customer) == 239
    two.refresh_from_db()
    assert two.uses == 0


def test_before_and_after_its_time_it_gives_nothing(store: Store) -> None:
    code = make_code(store, starts_at=NOW, ends_at=NOW + timedelta(hours=2))
    customer = buyer(store)
    client = phone(customer)
    assert "not open yet" in press(client, code, at=NOW - timedelta(hours=1))
    assert "This code is over" in press(client, code, at=NOW + timedelta(hours=2))
    assert points(customer) == 89
    codes.set_closed(code, closed=True, by=None, now=NOW)
    assert "gives nothing any more" in see(client, code)


def test_what_the_programme_switched_off_gives_nothing(store: Store) -> None:
    code, customer = make_code(store), buyer(store)
    off = {"rate": "1", "actions": {"qr": {"points": 20, "is_on": False}}}
    programmes.publish(store, off, by=None, now=NOW - timedelta(minutes=1))
    assert "gives nothing any more" in see(phone(customer), code)
    press(phone(customer), code)
    assert points(customer) == 89


def test_somebody_new_joins_by_the_mail_and_comes_back_to_the_code(store: Store) -> None:
    code, client = make_code(store), phone()
    assert "Who gets them?" in see(client, code)
    press(client, code, email="new@example.com")
    asked = JoinRequest.objects.get()
    assert not Member.objects.exists()
    link = join_page(asked)
    with clock.at(NOW):
        answer = client.post(link[link.index("/s/") :])
    assert answer.headers["Location"] == address(code)
    assert "Get 20 points" in see(client, code)
    assert "You got 20 points" in press(client, code)
    assert Account.objects.get().available == 20


def test_a_wrong_address_is_said_and_codes_are_not_guessed(store: Store) -> None:
    code = make_code(store)
    assert "Enter a valid email address" in press(phone(), code, email="nobody")
    assert len(code.token) == 16
    with clock.at(NOW):
        missing = phone().get(reverse("loyalty_storefront:collect", args=["stride", "x" * 16]))
        assert missing.status_code == 404
        answers = [phone().get(address(code)).status_code for _ in range(60)]
    assert answers[-1] == 429


def test_a_code_of_another_shop_is_not_there(store: Store) -> None:
    code = make_code(store)
    make_store("other")
    with clock.at(NOW):
        assert phone().get(reverse("loyalty_storefront:collect", args=["other", code.token])).status_code == 404


def test_a_merchant_makes_prints_and_closes_one(store: Store) -> None:
    client = signed_in(make_staff(store, "marketer"))
    with clock.at(NOW):
        client.post(
            reverse("loyalty_console:new_code", args=["stride"]),
            {"label": "Bin", "action": "recycling", "how_often": "once", "most_uses": "100"},
        )
        code = EarningCode.objects.get()
        assert (code.label, code.action, code.most_uses) == ("Bin", "recycling", 100)
        poster = client.get(reverse("loyalty_console:code_poster", args=["stride", code.pk])).content.decode()
        assert "<svg" in poster
        assert "150 points" in poster
        assert code.token in poster
        picture = client.get(reverse("loyalty_console:code_picture", args=["stride", code.pk]))
        assert picture.headers["Content-Type"] == "image/svg+xml"
        client.post(reverse("loyalty_console:close_code", args=["stride", code.pk]))
    code.refresh_from_db()
    assert code.closed_at is not None
    analyst = signed_in(make_staff(store, "analyst", email="a@example.com"))
    with clock.at(NOW):
        assert analyst.get(reverse("loyalty_console:codes", args=["stride"])).status_code == 200
        assert analyst.get(reverse("loyalty_console:new_code", args=["stride"])).status_code == 403


def test_fewer_uses_than_there_were_cannot_be_set(store: Store) -> None:
    code, client = make_code(store, most_uses=5), signed_in(make_staff(store, "marketer"))
    for number in (1, 2):
        press(phone(buyer(store, number)), code)
    wanted = {"label": "Bin", "action": "qr", "how_often": "once", "most_uses": "1"}
    with clock.at(NOW):
        page = client.post(reverse("loyalty_console:code", args=["stride", code.pk]), wanted).content.decode()
    assert "It was used 2 times already" in page
