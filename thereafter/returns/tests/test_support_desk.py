import re

import pytest

from thereafter.commerce.documents import Line
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.panels import tellers
from thereafter.console.tests.tools import signed_in
from thereafter.events.base import Event
from thereafter.kit import clock
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import Case, Grant
from thereafter.returns.tests import visits
from thereafter.returns.tests.desks import Desk
from thereafter.returns.tests.visits import ASKED, ask_for_one, delivered_order
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store, role="support")


def shoes(order: Order) -> int:
    return order.lines.get(external_id="1").pk


def asked(order: Order, reason: str = "size_small") -> dict[str, str]:
    key = shoes(order)
    return {f"quantity-{key}": "1", f"reason-{key}": reason}


def test_every_line_says_until_when_it_can_come_back(store: Store, desk: Desk) -> None:
    order = delivered_order(store)
    page = desk.see(f"orders/{order.pk}/start/")
    assert page.count("until Thu 9 Apr") == 2
    assert "How many" in page


def test_the_offers_show_what_each_comes_to(store: Store, desk: Desk) -> None:
    order = delivered_order(store)
    page = desk.see(f"orders/{order.pk}/start/", **asked(order))
    assert "Store credit" in page
    assert "€89.90 credit" in page
    assert re.search(r"€84.95 back, after €4.95 fees · Withdrawal", page)


def test_support_opens_a_case_once_however_often_the_button_is_pressed(store: Store, desk: Desk) -> None:
    order = delivered_order(store)
    form = asked(order) | {f"outcome-{shoes(order)}": "store_credit", f"note-{shoes(order)}": "On the phone"}
    for _ in range(2):
        assert "R1001" in desk.send(f"orders/{order.pk}/open/", visit="token", **form)
    case = Case.objects.get()
    assert (case.channel, case.outcome, case.basis) == ("support", "store_credit", "voluntary")
    assert visits.units(case)[0].note == "On the phone"
    assert case.steps.filter(machine="case", by=desk.staff).exists()


def test_what_is_missing_in_the_form_is_said(store: Store, desk: Desk) -> None:
    order = delivered_order(store)
    assert "what the shopper gets" in desk.send(f"orders/{order.pk}/open/", **asked(order))
    form = asked(order) | {f"outcome-{shoes(order)}": "exchange_product", f"sku-{shoes(order)}": "NOPE"}
    assert "has the SKU NOPE" in desk.send(f"orders/{order.pk}/open/", **form)
    assert "at least one item" in desk.send(f"orders/{order.pk}/open/")
    assert not Case.objects.exists()


def test_goodwill_is_given_once_with_its_reason(store: Store, desk: Desk) -> None:
    order = delivered_order(store)
    path, form = f"orders/{order.pk}/goodwill/", {"line": shoes(order), "amount": "5,50", "visit": "token"}
    assert "Say why you give it" in desk.send(path, **form)
    for _ in range(2):
        desk.send(path, why="Waited on the phone", **form)
    granted = Grant.objects.get()
    assert (granted.amount_minor, granted.basis, granted.granted_by) == (550, "goodwill", desk.staff)
    assert Audit.objects.filter(store=store, verb="returns.goodwill")[0].detail["why"] == "Waited on the phone"
    assert granted.items[0]["units"] == 0


def test_goodwill_never_goes_beyond_what_was_paid(store: Store, desk: Desk) -> None:
    order = delivered_order(store, Line(external_id="1", title="Shoes", quantity=1, unit_price="20.00"))
    page = desk.send(f"orders/{order.pk}/goodwill/", line=shoes(order), amount="20.01", why="Kindness")
    assert "20.00" in page
    assert not Grant.objects.exists()


def test_the_order_and_the_shopper_show_their_cases(store: Store, desk: Desk) -> None:
    order = delivered_order(store)
    ask_for_one(order, Wish(line="1", outcome="store_credit"))
    browser = signed_in(make_staff(store))
    with clock.at(ASKED):
        page = browser.get(f"/console/{store.slug}/orders/{order.pk}/").content.decode()
        person = browser.get(f"/console/{store.slug}/customers/{order.customer_id}/").content.decode()
    assert "Start a return" in page
    assert f"/returns/orders/{order.pk}/" in page
    assert "1 of 4 items came back, 25%." in person
    assert "Return R1001 was asked for" in person


def test_what_can_come_back_is_read_after_the_page_of_the_order(store: Store, desk: Desk) -> None:
    order = delivered_order(store)
    ask_for_one(order, Wish(line="1", outcome="store_credit"))
    part = desk.see(f"orders/{order.pk}/")
    assert "until Thu 9 Apr" in part
    assert "R1001" in part


def test_a_shopper_without_returns_has_no_panel(store: Store, desk: Desk) -> None:
    order = delivered_order(store)
    customer = Customer.objects.get(pk=order.customer_id)
    page = desk.browser.get(f"/console/{store.slug}/customers/{customer.pk}/").content.decode()
    assert "came back" not in page


def test_whatever_becomes_of_a_return_has_its_line_on_the_timeline() -> None:
    rooms = ("return", "exchange", "claim", "withdrawal")
    assert {name for name in Event.names if name.split(".")[0] in rooms} - tellers.keys() == set()
