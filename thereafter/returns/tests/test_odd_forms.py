"""What no browser types: PostgreSQL keeps no NUL character, and a page that is sent one goes on without it."""

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.kit import clock
from thereafter.returns import links
from thereafter.returns.models import CaseUnit, Remark, Visit
from thereafter.returns.tests import visits
from thereafter.returns.tests.desks import Desk
from thereafter.returns.tests.test_counter import address, make_point, tell
from thereafter.returns.tests.test_portal import Shopper
from thereafter.returns.tests.visits import ASKED, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


def test_shoppers_pages_leave_it_out(store: Store) -> None:
    john = Shopper(delivered_order(store)).chooses("1")
    john.press(**{"outcome-0": "refund"}).press(method="own_carrier").press()
    case = CaseUnit.objects.of(store).get().case
    number = reverse("returns_storefront:number", args=[store.slug, links.case_token(case)])
    with clock.at(ASKED):
        assert Client().post(number, {"carrier": "d\0hl", "number": "JJD\x0012"}).status_code == 302
    assert visits.parcel(case).tracking_number == "JJD12"


def test_reasons_and_notes_leave_it_out(store: Store) -> None:
    john = Shopper(delivered_order(store)).look()
    line = john.lines["1"]
    john.press(**{f"line-{line}": "1"})
    john.press(**{f"reason-{line}": "size_small", f"note-{line}": "too\0 tight"})
    assert Visit.objects.of(store).get().items[0]["note"] == "too tight"


def test_a_counter_and_its_scans_leave_it_out(store: Store) -> None:
    point, client = make_point(store), Client()
    assert client.get(address(point), {"code": "AB\0CD"}).status_code == 200
    assert tell(client, point, {"code": "AB\0CD"})[0]["taken"] is False
    deep = client.post(address(point, "counter_scans"), "[" * 50_000, content_type="application/json")
    assert deep.status_code == 400


def test_the_desk_leaves_it_out(store: Store) -> None:
    case, desk = ask_for_one(delivered_order(store)), Desk(store)
    desk.see(q="a\0b")
    desk.do(case, "note", text="They called\0 twice.")
    assert Remark.objects.of(store).get(case=case).text == "They called twice."
