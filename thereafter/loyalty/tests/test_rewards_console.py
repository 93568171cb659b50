"""Merchants make rewards, see who took them, and hand over what is to be handed over."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.models import Coupon, Order
from thereafter.commerce.tests.makers import make_product
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.loyalty.actions.reward_pools import Checkout
from thereafter.loyalty.models import Reward
from thereafter.loyalty.queries.rewards import in_order
from thereafter.loyalty.tests.reward_makers import NOW, fresh, make_reward, points_of, rich, take
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
FORM = {
    "name": "€5 off",
    "cost": "100",
    "amount": "5",
    "is_shown": "on",
    "valid_days": "30",
    "delivery": "api",
    "text": "",
    "name_de": "5 € Rabatt",
}


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    return rich(store)


@pytest.fixture
def browser(store: Store) -> Client:
    return signed_in(make_staff(store))


def page(browser: Client, address: str, **query: Any) -> str:
    with clock.at(NOW):
        answer = browser.get(f"/console/stride/loyalty/rewards/{address}", query)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def press(browser: Client, address: str, **said: Any) -> str:
    with clock.at(NOW):
        answer = browser.post(f"/console/stride/loyalty/rewards/{address}", said, follow=True)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_an_empty_list_begins_with_five_rewards_at_one_press(browser: Client, store: Store) -> None:
    assert "Begin with five rewards" in page(browser, "")
    told = press(browser, "begin/")
    assert "€5.00 off your next order" in told
    assert "100 points for €5.00: a point costs you €0.05." in told
    assert Reward.objects.of(store).count() == 5


def test_each_kind_has_its_own_form(browser: Client, store: Store) -> None:
    make_product(store)
    kinds = {
        "amount": ("Taken off, in EUR", "Members choose how many points"),
        "percent": ("Percent off", "Only on these products"),
        "shipping": ("How your checkout knows the codes", "What one costs you, in EUR"),
        "product": ("Choose a product", "today&#39;s price"),
        "credit": ("Credit, in EUR", "Members choose how many points"),
        "gift": ("How many there are", "What one costs you, in EUR"),
        "seat": ("Begins", "Where"),
        "donation": ("Who gets the money", "Given, in EUR"),
    }
    for kind, words in kinds.items():
        shown = page(browser, "new/", kind=kind)
        assert all(word in shown for word in words), kind
    assert "Days the code is good for" not in page(browser, "new/", kind="gift")


def test_a_reward_is_made_shown_and_changed(browser: Client, store: Store) -> None:
    assert "€5 off can be taken from now on." in press(browser, "new/?kind=amount", **FORM)
    reward = Reward.objects.of(store).get()
    assert (reward.value, reward.currency, reward.words["de"]["name"]) == (500, "EUR", "5 € Rabatt")
    assert "5 € Rabatt" in page(browser, f"{reward.pk}/edit/")
    press(browser, f"{reward.pk}/edit/", **FORM | {"amount": "7.50", "name_de": ""})
    reward.refresh_from_db()
    assert (reward.value, reward.words) == (750, {})


def test_what_is_wrong_is_said_beside_its_field(browser: Client, store: Store) -> None:
    shown = press(browser, "new/?kind=amount", **FORM | {"is_stepped": "on", "most_points": "50"})
    assert "That is less than one step." in shown
    assert not Reward.objects.of(store).exists()


def test_a_free_product_takes_todays_price(browser: Client, store: Store) -> None:
    make_product(store, variants=[])
    said = FORM | {"amount": "", "products": "shoe"}
    assert "The shop did not tell its price." in press(browser, "new/?kind=product", **said)
    press(browser, "new/?kind=product", **said | {"amount": "89.90"})
    assert Reward.objects.of(store).get().value == 8990


def test_the_preview_says_what_a_point_costs_and_what_is_pointless(browser: Client, store: Store) -> None:
    make_reward(store, name="Seven", value=700)
    shown = press(browser, "preview/?kind=amount", **FORM)
    assert "a point costs you €0.05" in shown
    assert "Nobody needs “€5 off”" in shown
    assert "Fill in the fields" in press(browser, "preview/?kind=amount", **FORM | {"cost": "many"})


def test_rewards_are_moved_and_archived(browser: Client, store: Store) -> None:
    one, two = make_reward(store, name="One"), make_reward(store, name="Two", value=900)
    press(browser, f"{two.pk}/move/", to="up")
    assert list(in_order(store)) == [two, one]
    assert "One is archived" in press(browser, f"{one.pk}/archive/", archived="1")
    assert "One" in page(browser, "", show="archived")


def test_who_took_it_and_what_became_of_it(browser: Client, store: Store, order: Order) -> None:
    reward = make_reward(store)
    taken = take(order, reward)
    shown = page(browser, f"{reward.pk}/")
    assert "John Runner" in shown
    assert "Has it" in shown
    assert taken.coupon
    assert taken.coupon.code in page(browser, f"taken/{taken.pk}/")


def test_a_taking_is_cancelled_with_a_reason(browser: Client, store: Store, order: Order) -> None:
    taken = take(order, make_reward(store))
    assert "Say why" in press(browser, f"taken/{taken.pk}/cancel/", reason="")
    assert "100 points are back" in press(browser, f"taken/{taken.pk}/cancel/", reason="Took the wrong one")
    assert (fresh(taken).note, points_of(order)) == ("Took the wrong one", 899)
    assert "Took the wrong one" in page(browser, f"taken/{taken.pk}/")


def test_gifts_are_sent_many_at_once_with_their_number(browser: Client, store: Store, order: Order) -> None:
    reward = make_reward(store, "gift", value=0, currency="", name="Cup")
    taken = [take(order, reward, key=f"k{at}") for at in range(2)]
    assert "Allee 7" in page(browser, "hand-over/")
    assert "Choose at least one" in press(browser, "hand-over/done/")
    told = press(browser, "hand-over/done/", row=[one.pk for one in taken], note="DHL 1")
    assert "2 are handed over." in told
    assert "DHL 1" in page(browser, "hand-over/", show="sent")
    assert [fresh(one).handing for one in taken] == ["done", "done"]


def test_addresses_are_a_table_that_runs_no_formulas(browser: Client, store: Store, order: Order) -> None:
    take(order, make_reward(store, "gift", value=0, currency="", name="=Cup"))
    table = page(browser, "hand-over/addresses.csv")
    assert "'=Cup,John Runner,Allee 7" in table


def test_an_address_is_written_down_by_hand(browser: Client, store: Store, order: Order) -> None:
    Order.objects.of(store).update(shipping_address={})
    taken = take(order, make_reward(store, "gift", value=0, currency=""))
    assert "No address" in page(browser, "hand-over/")
    assert "by two letters" in press(browser, f"taken/{taken.pk}/address/", name="John")
    said = {"name": "John", "line1": "Allee 9", "city": "Berlin", "country": "de"}
    assert "The address is kept." in press(browser, f"taken/{taken.pk}/address/", **said)
    assert fresh(taken).address == said | {"country": "DE"}
    assert "It is handed over." in press(browser, f"taken/{taken.pk}/sent/", note="")


def test_seats_donations_and_what_went_wrong_have_their_lists(browser: Client, store: Store, order: Order) -> None:
    begins = {"starts_at": (NOW + timedelta(days=9)).isoformat(), "place": "Studio"}
    seat = make_reward(store, "seat", value=0, currency="", name="Tasting", stock=9, details=begins)
    give = make_reward(store, "donation", details={"recipient": "Sea Watch"})
    code = make_reward(store, checkout=Checkout(delivery="shopify"))
    for at, reward in enumerate((seat, give, code)):
        take(order, reward, key=f"k{at}")
    Coupon.objects.of(store).update(push_state="failed", push_error="No such market.")
    assert "1 member comes. 8 seats are free." in page(browser, "hand-over/", show="seats")
    assert "John Runner" in page(browser, f"{seat.pk}/guests.csv")
    assert "Sea Watch" in page(browser, "hand-over/", show="donations")
    assert "No such market." in page(browser, "hand-over/", show="problems")
    assert "1 reward went wrong" in page(browser, "")


def test_the_warehouse_sends_gifts_and_changes_nothing_else(store: Store, order: Order) -> None:
    reward = make_reward(store, "gift", value=0, currency="")
    taken = take(order, reward)
    packer = signed_in(make_staff(store, role="warehouse"))
    assert "Allee 7" in page(packer, "hand-over/")
    assert "Cancel it" not in page(packer, f"taken/{taken.pk}/")
    for address in ("", "new/", f"{reward.pk}/"):
        assert packer.get(f"/console/stride/loyalty/rewards/{address}").status_code == 403
    assert packer.post(f"/console/stride/loyalty/rewards/taken/{taken.pk}/cancel/", {"reason": "x"}).status_code == 403
