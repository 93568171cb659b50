"""The till: finding a member, points that pay, rewards, receipts, undoing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.loyalty.actions import members, programmes
from thereafter.loyalty.models import Account, Entry, JoinRequest, Member, Redemption
from thereafter.loyalty.queries import standings
from thereafter.loyalty.queries.ledger import doubted
from thereafter.loyalty.tests.reward_makers import make_reward, rich
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = PLACED + timedelta(days=2)
PROGRAMME: dict[str, Any] = {
    "rate": "1",
    "tiers": [{"name": "Silver", "key": "silver", "min": "500", "multiplier": "2", "benefits": {"free_returns": True}}],
    "actions": {"workshop_attended": {"points": 100, "per_day": 1}, "survey": {"points": 25}},
}


@pytest.fixture
def store() -> Store:
    store = make_store()
    programmes.publish(store, PROGRAMME, by=None, now=PLACED - timedelta(days=1))
    return store


@pytest.fixture
def order(store: Store) -> Order:
    """John has 899 points and is silver."""
    return rich(store, number="1001")


@pytest.fixture
def browser(store: Store) -> Client:
    return signed_in(make_staff(store, "warehouse"))


def see(browser: Client, name: str = "till", *args: Any, **query: str) -> Any:
    with clock.at(NOW):
        return browser.get(reverse(f"loyalty_console:{name}", args=["stride", *args]), query)


def press(browser: Client, name: str, *, at: Any = NOW, **fields: Any) -> Any:
    with clock.at(at):
        return browser.post(reverse(f"loyalty_console:till_{name}", args=["stride", Member.objects.get().pk]), fields)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def left() -> int:
    return Account.objects.get().available


def test_a_scan_of_a_card_leads_to_the_member(order: Order, browser: Client) -> None:
    member = Member.objects.get()
    there = reverse("loyalty_console:till_member", args=["stride", member.pk])
    scanned = (
        member.card_code,
        f"https://stride.example/rewards/card/{member.card_code}",
        f" {member.card_code.lower()} ",
    )
    for content in (*scanned, "john@example.com", "John Run", member.referral_code):
        assert see(browser, who=content).headers.get("Location") == there, content
    page = text(see(browser, "till_member", member.pk))
    assert "John Runner" in page
    assert "899" in page
    assert "Silver" in page
    assert "Free returns" in page


def test_two_of_a_name_are_a_choice_and_nobody_is_said_so(order: Order, browser: Client) -> None:
    rich(order.store, number="1002", email="joan@example.com")
    page = text(see(browser, who="Runner"))
    assert "john@example.com" in page
    assert "joan@example.com" in page
    assert "Nobody found" in text(see(browser, who="XYZ"))


def test_a_customer_who_does_not_take_part_joins_at_the_counter(order: Order, browser: Client) -> None:
    with clock.at(NOW):
        members.leave(Member.objects.get(), now=NOW)
    page = text(see(browser, who="john@example.com"))
    assert "does not take part yet" in page
    with clock.at(NOW):
        browser.post(reverse("loyalty_console:till_join", args=["stride"]), {"customer": order.customer_id})
    assert Member.objects.get().left_at is None


def test_somebody_new_gets_a_mail_to_join(order: Order, browser: Client) -> None:
    assert "Send a mail to join" in text(see(browser, who="new@example.com"))
    with clock.at(NOW):
        browser.post(reverse("loyalty_console:till_join", args=["stride"]), {"email": "new@example.com"})
    assert JoinRequest.objects.get().email == "new@example.com"
    assert Member.objects.count() == 1


def test_points_take_money_off_once_however_often_it_is_pressed(order: Order, browser: Client) -> None:
    make_reward(order.store, "amount", is_stepped=True)
    fields = {"pay-points": "300", "pay-receipt": "K-1", "once": "abc"}
    done = press(browser, "pay", **fields)
    press(browser, "pay", **fields)
    assert left() == 599
    with clock.at(NOW):
        page = text(browser.get(done.headers["Location"]))
    assert "Take off" in page
    assert "€15.00" in page
    redemption = Redemption.objects.get()
    assert (redemption.coupon, redemption.order_ref, redemption.said["value"]) == (None, "K-1", 1500)
    assert doubted() == {}


def test_more_than_there_is_cannot_be_chosen(order: Order, browser: Client) -> None:
    make_reward(order.store, "amount", is_stepped=True)
    assert press(browser, "pay", **{"pay-points": "900", "once": "a"}).status_code == 422
    assert left() == 899


def test_a_payment_is_undone_within_minutes_only(order: Order, browser: Client) -> None:
    make_reward(order.store, "amount", is_stepped=True)
    press(browser, "pay", **{"pay-points": "300", "once": "a"})
    move = f"redemption:{Redemption.objects.get().pk}"
    late = press(browser, "undo", at=NOW + timedelta(minutes=20), move=move)
    assert (late.status_code, left()) == (409, 599)
    for _ in range(2):
        assert press(browser, "undo", at=NOW + timedelta(minutes=5), move=move).status_code == 302
    assert left() == 899
    assert doubted() == {}


def test_a_reward_is_handed_out(order: Order, browser: Client) -> None:
    bottle = make_reward(order.store, "gift", name="Bottle", value=0, stock=1)
    for _ in range(2):
        assert press(browser, "take", reward=str(bottle.pk), once="a").status_code == 302
    assert left() == 799
    gone = press(browser, "take", reward=str(bottle.pk), once="b")
    assert gone.status_code == 409
    assert "Bottle is gone" in text(gone)


def test_a_receipt_earns_by_the_rules_and_once(order: Order, browser: Client) -> None:
    fields = {"receipt-amount": "12.50", "receipt-number": "k 77"}
    press(browser, "earn", **fields)
    entry = Entry.objects.get(source="till:K 77")
    assert (entry.points, entry.snapshot["receipt"]) == (25, "K 77")
    again = press(browser, "earn", **{**fields, "receipt-number": "K 77"})
    assert again.status_code == 409
    assert "were given before" in text(again)
    assert left() == 924


def test_an_order_that_is_known_earns_nothing_twice(order: Order, browser: Client) -> None:
    answer = press(browser, "earn", **{"receipt-amount": "12.50", "receipt-number": "1001"})
    assert answer.status_code == 409
    assert "earns by itself" in text(answer)
    assert left() == 899


def test_a_wrong_amount_is_undone_and_typed_again(order: Order, browser: Client) -> None:
    press(browser, "earn", **{"receipt-amount": "1250", "receipt-number": "K77"})
    entry = Entry.objects.get(source="till:K77")
    press(browser, "undo", move=f"award:{entry.pk}")
    assert left() == 899
    press(browser, "earn", **{"receipt-amount": "12.50", "receipt-number": "K77"})
    assert left() == 924
    assert press(browser, "earn", **{"receipt-amount": "1", "receipt-number": "K77"}).status_code == 409
    assert doubted() == {}


def test_a_visit_counts_as_the_programme_says(order: Order, browser: Client) -> None:
    fields = {"visit-action": "workshop_attended"}
    for _ in range(2):
        assert press(browser, "visit", **fields, once="a").status_code == 302
    assert left() == 999
    more = press(browser, "visit", **fields, once="b")
    assert (more.status_code, left()) == (409, 999)
    assert press(browser, "visit", **{"visit-action": "survey"}, once="c").status_code == 422


def test_only_moves_of_the_till_are_undone_there(order: Order, browser: Client) -> None:
    earned = Entry.objects.get(kind="earn")
    assert press(browser, "undo", move=f"award:{earned.pk}").status_code == 404
    assert left() == 899


def test_who_may_not_work_at_the_till_sees_none_of_it(order: Order) -> None:
    analyst = signed_in(make_staff(order.store, "analyst", email="a@example.com"))
    assert see(analyst).status_code == 403
    stranger = signed_in(make_staff(make_store("other"), email="s@example.com"))
    assert see(stranger, "till_member", Member.objects.get().pk).status_code == 404


def test_somebody_without_orders_is_found_by_nothing_odd(store: Store) -> None:
    make_order(store)
    for odd in ("", " ", "\x01", "/", "?", "%", "a" * 500, "@"):
        assert standings.find_by_any(store, odd) == []
