"""Loyalty by the API: looking members up, points at a checkout, joining, actions, adjustments, quotes."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import PLACED, make_order, order_doc, taken
from thereafter.kit import clock
from thereafter.loyalty.actions import calls, members, programmes, redemptions
from thereafter.loyalty.models import Account, ApiCall, Entry, Member, Redemption
from thereafter.loyalty.queries.ledger import doubted
from thereafter.loyalty.queries.rewards import readiness
from thereafter.loyalty.tests.reward_makers import make_reward, rich
from thereafter.stores.actions import make_api_key
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = PLACED + timedelta(days=2)
JOHN = {"email": "john@example.com"}
PROGRAMME: dict[str, Any] = {
    "rate": "1",
    "expiry": {"mode": "months", "n": 12},
    "tiers": [
        {"name": "Silver", "key": "silver", "min": "500", "multiplier": "2", "benefits": {"free_returns": True}},
    ],
    "actions": {"recycling": {"points": 150, "per_day": 1}, "visit": {"points": 10, "label": "Visit"}},
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


def client(store: Store, *scopes: str) -> Client:
    given = list(scopes or ("loyalty:read", "loyalty:use", "loyalty:write"))
    _, key = make_api_key(store, name="Shop", scopes=given, now=NOW)
    return Client(headers={"Authorization": f"Bearer {key}"})


def post(browser: Client, path: str, body: Any, key: str = "", *, at: Any = NOW) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    with clock.at(at):
        return browser.post(f"/api/v1/loyalty/{path}", body, content_type="application/json", headers=headers)


def get(browser: Client, path: str, **query: str) -> Any:
    with clock.at(NOW):
        return browser.get(f"/api/v1/loyalty/{path}", query)


def available(store: Store) -> int:
    return Account.objects.of(store).get().available


def test_a_member_is_found_by_whatever_names_them(order: Order) -> None:
    browser = client(order.store)
    make_reward(order.store, "amount", is_stepped=True)
    make_reward(order.store, "gift", name="Bottle", cost=2000, value=0, stock=3)
    told = get(browser, "members", **JOHN).json()
    member = Member.objects.get()
    assert (told["card"], told["name"]) == (member.card_code, "John Runner")
    assert told["balance"] == {"available": 899, "pending": 0, "reserved": 0, "debt": 0}
    assert (told["tier"]["key"], told["tier"]["perks"]) == ("silver", {"free_returns": True})
    assert told["next_to_expire"] == {"points": 899, "at": "2027-03-03T23:00:00Z"}
    off, bottle = told["rewards"]
    assert (off["can_be_taken"], off["most_points"], off["worth"]) == (True, 800, "40.00")
    assert (bottle["can_be_taken"], bottle["reason"], bottle["missing_points"]) == (False, "insufficient_points", 1101)
    for named in ({"card": member.card_code.lower()}, {"referral_code": member.referral_code}):
        assert get(browser, "members", **named).json() == told
    assert get(browser, f"members/{member.card_code}").json() == told


def test_who_is_not_found_is_told_apart_from_who_does_not_take_part(order: Order) -> None:
    browser = client(order.store)
    unknown = get(browser, "members", email="nobody@example.com")
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "not_a_member")
    assert "no such customer" in unknown.json()["message"]
    with clock.at(NOW):
        members.leave(Member.objects.get(), now=NOW)
    assert "does not take part" in get(browser, "members", **JOHN).json()["message"]
    assert get(browser, "members", email="a@b.c", card="X").status_code == 422
    assert get(browser, "members").status_code == 422


def test_the_history_is_read_page_by_page(order: Order) -> None:
    browser = client(order.store)
    for at in range(3):
        post(browser, "adjust", {"member": JOHN, "points": 10 + at, "reason": "Sorry"}, f"k{at}")
    card = Member.objects.get().card_code
    first = get(browser, f"members/{card}/history", limit="2").json()
    assert [(one["points"], one["kind"], one["reason"]) for one in first["lines"]] == [
        (12, "adjust", "Sorry"),
        (11, "adjust", "Sorry"),
    ]
    rest = get(browser, f"members/{card}/history", limit="2", after=first["next"]).json()
    assert [(one["points"], one["order"]) for one in rest["lines"]] == [(10, ""), (899, "1001")]
    assert rest["next"] is None
    assert rest["lines"][1]["expires_at"] == "2027-03-03T23:00:00Z"


def test_points_are_held_taken_and_the_same_call_again_moves_nothing(order: Order) -> None:
    browser = client(order.store)
    make_reward(order.store, "amount", is_stepped=True)
    body = {"member": JOHN, "points": 300, "order": "1002", "minutes": 20}
    held = post(browser, "reserve", body, "cart-7")
    assert held.status_code == 200
    told = held.json()
    assert (told["id"], told["state"], told["points"], told["worth"]) == ("cart-7", "held", 300, "15.00")
    assert (told["balance"]["available"], told["balance"]["reserved"], told["repeat"]) == (599, 300, False)
    again = post(browser, "reserve", body, "cart-7")
    assert (again.status_code, again.json()) == (200, told | {"repeat": True})
    other = post(browser, "reserve", body | {"points": 200}, "cart-7")
    assert (other.status_code, other.json()["reason"]) == (409, "key_reused")
    assert "new Idempotency-Key" in other.json()["message"]
    for repeat in (False, True):
        taken = post(browser, "capture", {"reservation": "cart-7", "order": "1002", "key": "paid-7"}).json()
        assert (taken["state"], taken["balance"]["available"], taken["balance"]["reserved"]) == ("taken", 599, 0)
        assert taken["repeat"] is repeat
    assert Redemption.objects.count() == 1
    assert doubted() == {}


def test_what_is_released_or_lapsed_cannot_be_captured(order: Order) -> None:
    browser = client(order.store)
    post(browser, "reserve", {"member": JOHN, "points": 300}, "a")
    assert post(browser, "release", {"reservation": "a"}, "a").json()["state"] == "released"
    late = post(browser, "capture", {"reservation": "a"}, "b")
    assert (late.status_code, late.json()["reason"]) == (409, "reservation_not_held")
    post(browser, "reserve", {"member": JOHN, "points": 300, "minutes": 5}, "c")
    lapsed = post(browser, "capture", {"reservation": "c"}, "d", at=NOW + timedelta(minutes=6))
    assert (lapsed.status_code, lapsed.json()["reason"]) == (409, "reservation_not_held")
    unknown = post(browser, "release", {"reservation": "never"}, "e")
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "unknown_redemption")


def test_a_refused_call_is_not_kept_and_may_succeed_later(order: Order) -> None:
    browser = client(order.store)
    body = {"member": JOHN, "points": 1000}
    short = post(browser, "redeem", body, "k")
    assert (short.status_code, short.json()["reason"]) == (409, "insufficient_points")
    assert "899" in short.json()["message"]
    assert not ApiCall.objects.exists()
    post(browser, "adjust", {"member": JOHN, "points": 500, "reason": "Goodwill"}, "k")
    assert post(browser, "redeem", body, "k").json()["balance"]["available"] == 399


def test_points_pay_in_the_steps_of_the_shop(order: Order) -> None:
    browser = client(order.store)
    make_reward(order.store, "amount", is_stepped=True, most_points=500)
    for points in (250, 600):
        odd = post(browser, "reserve", {"member": JOHN, "points": points}, f"k{points}")
        assert (odd.status_code, odd.json()["message"]) == (422, "Points pay here in steps of 100, at most 500.")
    assert available(order.store) == 899


def test_a_reward_is_taken_and_taken_back(order: Order) -> None:
    browser = client(order.store)
    make_reward(order.store, "amount", name="Five off")
    taken = post(browser, "redeem", {"member": JOHN, "reward": "five-off"}, "r1").json()
    assert (taken["points"], taken["reward"], taken["worth"]) == (100, "five-off", "5.00")
    assert taken["code"]
    back = post(browser, "cancel", {"redemption": "r1"}, "undo").json()
    assert (back["state"], back["balance"]["available"]) == ("cancelled", 899)
    gone = post(browser, "redeem", {"member": JOHN, "reward": "no-such"}, "r2")
    assert (gone.status_code, gone.json()["reason"]) == (422, "not_offered")
    assert doubted() == {}


def test_a_reward_held_for_a_checkout_leaves_no_code_to_use_again(order: Order) -> None:
    browser = client(order.store)
    make_reward(order.store, "amount", name="Five off")
    post(browser, "reserve", {"member": JOHN, "reward": "five-off", "order": "1002"}, "h")
    post(browser, "capture", {"reservation": "h", "order": "1002"}, "c")
    redemption = Redemption.objects.get()
    assert (redemption.coupon, readiness(redemption, NOW)) == (None, "used")


def test_points_come_back_with_an_order_that_came_after_its_capture(order: Order) -> None:
    browser = client(order.store)
    post(browser, "reserve", {"member": JOHN, "points": 300}, "cart")
    post(browser, "capture", {"reservation": "cart", "order": "1002"}, "paid")
    with clock.at(NOW):
        second = make_order(order.store, number="1002", placed_at=NOW)
        run_until_idle(NOW)
        assert Redemption.objects.get().order_id == second.pk
        taken(order.store, order_doc("1002", placed_at=NOW, cancelled_at=NOW, changed_at=NOW))
        run_until_idle(NOW)
    assert available(order.store) == 899


def test_the_order_of_somebody_else_with_the_same_name_takes_nothing_that_was_spent(order: Order) -> None:
    post(client(order.store), "redeem", {"member": JOHN, "points": 300, "order": "1002"}, "till")
    with clock.at(NOW):
        make_order(order.store, number="1002", email="joan@example.com", placed_at=NOW)
        run_until_idle(NOW)
    assert Redemption.objects.get().order is None


@pytest.mark.parametrize("name", ["1002", "#1002", "order-1002"])
def test_the_order_takes_what_was_held_for_it(order: Order, name: str) -> None:
    browser = client(order.store)
    post(browser, "reserve", {"member": JOHN, "points": 300, "order": name}, "cart")
    with clock.at(NOW):
        second = make_order(order.store, number="1002", placed_at=NOW)
        run_until_idle(NOW)
    redemption = Redemption.objects.get()
    assert (redemption.state, redemption.order_id) == ("taken", second.pk)
    late = post(browser, "capture", {"reservation": "cart", "order": "1002"}, "late").json()
    assert (late["state"], late["balance"]["reserved"]) == ("taken", 0)


def test_an_order_that_was_cancelled_first_gives_back_what_was_held(order: Order) -> None:
    post(client(order.store), "reserve", {"member": JOHN, "points": 300, "order": "1002"}, "cart")
    with clock.at(NOW):
        make_order(order.store, number="1002", placed_at=NOW, cancelled_at=NOW)
        run_until_idle(NOW)
    assert Redemption.objects.get().state == "released"
    assert available(order.store) == 899


def test_an_order_of_another_name_takes_nothing(order: Order) -> None:
    post(client(order.store), "reserve", {"member": JOHN, "points": 300, "order": "2000"}, "cart")
    with clock.at(NOW):
        make_order(order.store, number="1002", placed_at=NOW)
        run_until_idle(NOW)
    assert Redemption.objects.get().state == "held"


def test_actions_earn_once_per_key_and_within_limits(order: Order) -> None:
    browser = client(order.store)
    body = {"member": JOHN, "action": "recycling"}
    first = post(browser, "actions", body, "bin-1").json()
    assert (first["points"], first["balance"]["available"], first["repeat"]) == (150, 1049, False)
    assert post(browser, "actions", body, "bin-1").json() == first | {"repeat": True}
    over = post(browser, "actions", body, "bin-2")
    assert (over.status_code, over.json()["reason"]) == (409, "limit_reached")
    unknown = post(browser, "actions", {"member": JOHN, "action": "juggling"}, "j")
    assert (unknown.status_code, unknown.json()["reason"]) == (422, "unknown_action")
    early = post(browser, "actions", body | {"at": (NOW + timedelta(days=1)).isoformat()}, "tomorrow")
    assert early.status_code == 422


def test_adjustments_stop_at_zero(order: Order) -> None:
    browser = client(order.store)
    short = post(browser, "adjust", {"member": JOHN, "points": -900, "reason": "Mistake"}, "a")
    assert (short.status_code, short.json()["reason"]) == (409, "insufficient_points")
    nothing = post(browser, "adjust", {"member": JOHN, "points": 0, "reason": "Mistake"}, "b")
    assert (nothing.status_code, nothing.json()["reason"]) == (422, "no_points")
    until = (NOW + timedelta(days=5)).isoformat()
    post(browser, "adjust", {"member": JOHN, "points": 5, "reason": "Mistake", "expires_at": until}, "c")
    assert Entry.objects.get(kind="adjust").lot.expires_at == NOW + timedelta(days=5)


def test_a_known_customer_joins(store: Store) -> None:
    programmes.publish(store, PROGRAMME | {"joining": "asked"}, by=None, now=PLACED - timedelta(hours=1))
    rich(store, number="1001")
    browser = client(store)
    assert get(browser, "members", **JOHN).status_code == 404
    joined = post(browser, "members", JOHN, "join-john").json()
    assert joined["member"]["email"] == "john@example.com"
    assert Member.objects.get().source == "api"
    stranger = post(browser, "members", {"email": "new@example.com"}, "join-new")
    assert (stranger.status_code, stranger.json()["reason"]) == (404, "unknown_customer")


def test_a_basket_is_quoted_with_what_points_can_pay(order: Order) -> None:
    browser = client(order.store)
    make_reward(order.store, "amount", is_stepped=True)
    basket = {"items": [{"sku": "TR2-42", "quantity": 2, "unit_price": "10.00"}], "discount": "0.50"}
    told = post(browser, "quote", basket | {"member": JOHN}).json()
    assert (told["earns"], told["currency"]) == (39, "EUR")
    assert told["paying"] == {
        "step": 100,
        "step_worth": "5.00",
        "currency": "EUR",
        "most_points": 300,
        "most_worth": "15.00",
        "least_basket": "0.00",
    }
    stranger = post(browser, "quote", basket).json()
    assert (stranger["earns"], stranger["balance"]) == (19, None)
    bad = post(browser, "quote", basket | {"currency": "XYZ"})
    assert (bad.status_code, bad.json()["reason"]) == (422, "bad_money")
    assert available(order.store) == 899


def test_the_programme_is_told_to_who_shows_it(order: Order) -> None:
    make_reward(order.store, "amount", name="Five off")
    told = get(client(order.store, "loyalty:read"), "programme").json()
    assert (told["points_per_unit"], told["tiers"][0]["name"]) == ("1", "Silver")
    assert {one["action"]: one["points"] for one in told["ways"]} == {"recycling": 150, "visit": 10}
    assert [(one["key"], one["points"], one["value"]) for one in told["rewards"]] == [("five-off", 100, "5.00")]


def test_a_key_may_do_what_it_is_for_and_no_other_shop_is_seen(order: Order) -> None:
    reader = client(order.store, "loyalty:read")
    assert post(reader, "redeem", {"member": JOHN, "points": 100}, "k").status_code == 403
    assert (
        post(
            client(order.store, "loyalty:use"), "adjust", {"member": JOHN, "points": 1, "reason": "x"}, "k"
        ).status_code
        == 403
    )
    assert get(client(order.store, "loyalty:use"), "members", **JOHN).status_code == 403
    other = client(make_store("other"))
    assert get(other, "members", **JOHN).status_code == 404
    assert get(other, f"members/{Member.objects.get().card_code}").status_code == 404
    assert post(other, "release", {"reservation": "k"}, "k").status_code == 404


def test_without_a_key_nothing_moves(order: Order) -> None:
    bare = post(client(order.store), "redeem", {"member": JOHN, "points": 100})
    assert bare.status_code == 422
    assert "Idempotency-Key" in bare.json()["detail"]
    assert available(order.store) == 899


def test_the_keys_of_pages_and_of_callers_do_not_meet(order: Order) -> None:
    with clock.at(NOW):
        redemptions.redeem(order.customer, key="page-1", points=100, now=NOW)
    told = post(client(order.store), "redeem", {"member": JOHN, "points": 100}, "page-1").json()
    assert told["balance"]["available"] == 699


def test_calls_are_forgotten_but_redemptions_are_not_made_twice(order: Order) -> None:
    browser = client(order.store)
    body = {"member": JOHN, "points": 100}
    post(browser, "redeem", body, "old")
    assert calls.forget(NOW + calls.KEPT + timedelta(days=1)) == 1
    assert post(browser, "redeem", body, "old").status_code == 200
    assert available(order.store) == 799


def test_points_that_became_usable_are_told_at_once(order: Order) -> None:
    """The nightly work may not have come by yet."""
    customer: Customer = order.customer
    with clock.at(NOW):
        redemptions.reserve(customer, points=300, key="x", minutes=10, now=NOW)
    with clock.at(NOW + timedelta(minutes=11)):
        told = client(order.store).get("/api/v1/loyalty/members", JOHN).json()
    assert told["balance"] == {"available": 899, "pending": 0, "reserved": 0, "debt": 0}


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_outside_the_calendar_is_refused(order: Order, moment: str) -> None:
    browser = client(order.store)
    assert post(browser, "actions", {"member": JOHN, "action": "visit", "at": moment}, "k1").status_code == 422
    body = {"member": JOHN, "points": 5, "reason": "Sorry", "expires_at": moment}
    assert post(browser, "adjust", body, "k2").status_code == 422
    assert available(order.store) == 899
