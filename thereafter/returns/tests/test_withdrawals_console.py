"""Where the shop's people see declarations of withdrawal, and what they can do about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, ship
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.returns.actions import withdrawals
from thereafter.returns.actions.withdrawals import Circumstances
from thereafter.returns.models import Case, Withdrawal
from thereafter.returns.statements import Declared
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 8, 9, 30, 15, tzinfo=UTC)
HERE = "/console/stride/withdrawals/"


@pytest.fixture
def store(db: None) -> Store:
    cache.clear()
    return make_store(country="DE", time_zone="Europe/Berlin", shop_url="https://stride.example")


@pytest.fixture
def client(store: Store) -> Client:
    return signed_in(make_staff(store))


def order_of(store: Store, days: int = 5) -> Order:
    order = make_order(store, placed_at=NOW - timedelta(days=days))
    ship(order)
    return order


def declared(store: Store, **more: Any) -> Withdrawal:
    given = {"name": "Ana Runner", "contract": "1001", "email": "eve@example.com"} | more
    source = f"page:{Withdrawal.objects.count()}"
    how = Circumstances(source=source, language="en")
    made = withdrawals.declare(store, Declared(**given), how, declared_at=NOW, now=NOW)
    run(NOW)
    made.refresh_from_db()
    return made


def run(now: datetime) -> None:
    with clock.at(now):
        run_until_idle(now)


def page(client: Client, path: str = "", now: datetime = NOW, **query: Any) -> str:
    with clock.at(now):
        response = client.get(f"{HERE}{path}", query)
    assert response.status_code == 200
    return response.content.decode()


def do(client: Client, one: Withdrawal, /, **data: Any) -> str:
    now = data.pop("now", NOW)
    with clock.at(now):
        page = client.post(f"{HERE}{one.pk}/do/", data, follow=True).content.decode()
    run(now)
    one.refresh_from_db()
    return page


def test_a_shop_without_any_is_told_what_to_do(client: Client) -> None:
    assert "Links for your shop" in page(client)


def test_what_found_no_order_is_on_the_list_until_it_is_matched_by_hand(store: Store, client: Client) -> None:
    order, one = order_of(store), declared(store)
    assert "No order found" in page(client)
    found = page(client, f"{one.pk}/")
    assert "Contract: 1001" in found
    assert "It is this one" in found, "the number was named, so its order is offered"
    do(client, one, do="match", order=order.pk)
    assert (one.state, one.order_id) == ("opened", order.pk)
    assert "All seen to" in page(client, view="todo")
    assert Case.objects.get().number in page(client, f"{one.pk}/")


def test_an_order_is_found_by_searching(store: Store, client: Client) -> None:
    order_of(store)
    one = declared(store, contract="the red shoes")
    assert "It is this one" not in page(client, f"{one.pk}/")
    assert "It is this one" in page(client, f"{one.pk}/", q="John")


def test_an_order_of_another_shop_cannot_be_chosen(store: Store, client: Client) -> None:
    one, other = declared(store), make_order(make_store(slug="other", name="Other"))
    assert "Choose one of the orders" in do(client, one, do="match", order=other.pk)
    assert one.order_id is None


def test_what_is_late_is_red_and_counts_against_the_hundred_percent(store: Store, client: Client) -> None:
    order_of(store)
    declared(store, email="john@example.com")
    assert "Overdue</span>" not in page(client, view="unanswered")
    late = page(client, view="unanswered", now=NOW + timedelta(days=20))
    assert "Overdue</span>" in late
    assert "0%" in late.replace("\xa0", "")


def test_it_is_answered_when_its_cases_are_over(store: Store) -> None:
    order = order_of(store)
    one = declared(store, email="john@example.com")
    case = Case.objects.get()
    withdrawals.answer(store.pk, order.pk, case.pk, NOW)
    one.refresh_from_db()
    assert one.answered_at is None, "the case goes on"
    Case.objects.update(state="resolved")
    withdrawals.answer(store.pk, order.pk, case.pk, NOW)
    one.refresh_from_db()
    assert one.answered_at == NOW


def test_it_is_set_aside_only_with_a_reason(store: Store, client: Client) -> None:
    one = declared(store)
    assert "Say why" in do(client, one, do="set_aside", why=" ")
    do(client, one, do="set_aside", why="They bought it elsewhere.")
    assert one.state == "set_aside"
    assert "They bought it elsewhere." in page(client, f"{one.pk}/")
    do(client, one, do="take_up")
    assert one.state == "unmatched"


def test_a_part_in_words_is_opened_by_saying_which_items(store: Store, client: Client) -> None:
    order_of(store)
    one = declared(store, email="john@example.com", items="only the shoes")
    assert "Open the return" in page(client, f"{one.pk}/")
    do(client, one, do="open", basis="withdrawal", **{"line:1": "1"})
    assert one.state == "opened"
    assert Case.objects.get().basis == "withdrawal"


def test_too_late_for_the_law_can_be_opened_by_the_policy_if_that_allows_it(store: Store, client: Client) -> None:
    order_of(store, days=60)
    one = declared(store, email="john@example.com")
    assert "ended on" in page(client, f"{one.pk}/")
    assert "toast" in do(client, one, do="open", basis="withdrawal", **{"line:1": "1"})
    assert not Case.objects.exists()
    assert one.state == "look"


def test_a_receipt_that_came_back_is_sent_elsewhere(store: Store, client: Client) -> None:
    one = declared(store)
    withdrawals.bounced([one.pk], "The mailbox does not take mail any more.")
    assert "Came back" in page(client)
    do(client, one, do="send_again", email="new@example.com", now=NOW + timedelta(hours=1))
    assert (one.email, one.receipt) == ("new@example.com", "sent")
    assert "eve@example.com" in one.text, "what was declared stays as it was"


def test_a_call_or_a_letter_is_typed_in_and_counts_from_its_day(store: Store, client: Client) -> None:
    order_of(store)
    form = page(client, "new/")
    key = form.partition('name="key" value="')[2].partition('"')[0]
    given = {
        "channel": "phone", "on": "2026-07-07", "name": "John", "contract": "1001", "email": "john@example.com",
        "items": "", "postcode": "", "language": "de", "key": key,
    }  # fmt: skip
    with clock.at(NOW):
        for _ in range(2):
            assert client.post(f"{HERE}new/", given).status_code == 302
        run_until_idle(NOW)
    one = Withdrawal.objects.get()
    assert (one.state, one.channel, one.receipt) == ("opened", "phone", "sent")
    assert f"{one.declared_at:%Y-%m-%d}" == "2026-07-07"
    assert one.text.startswith("An: ")


def test_who_only_reads_sees_no_button(store: Store) -> None:
    one = declared(store)
    reader = signed_in(make_staff(store, email="wh@example.com", role="warehouse"))
    assert "Set aside" not in page(reader, f"{one.pk}/")
    assert reader.post(f"{HERE}{one.pk}/do/", {"do": "set_aside", "why": "x"}).status_code == 403


def test_another_shops_declaration_does_not_exist(store: Store, client: Client) -> None:
    other = make_store(slug="other", name="Other")
    one = declared(other)
    assert client.get(f"{HERE}{one.pk}/").status_code == 404


@pytest.mark.parametrize(("language", "label"), [("de", "Vertrag widerrufen"), ("fr", "Renoncer au contrat ici")])
def test_links_for_the_shop_are_ready_to_copy(client: Client, language: str, label: str) -> None:
    text = client.get("/console/stride/returns/links/", {"language": language}).content.decode()
    assert label in text
    assert "/s/stride/returns/withdraw/" in text
    # What is copied is shown as text, not as the link that it makes.
    assert "&lt;a href=" in text
    assert 'data-copy="&lt;a href=' in text
