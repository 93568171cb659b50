"""The merchants' pages of parcels."""

from datetime import date

import pytest
from django.test import Client

from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.tracking.models import Parcel
from thereafter.tracking.tests.makers import make_parcel, scan, scan_doc
from thereafter.tracking.tests.test_page import FRIDAY

pytestmark = pytest.mark.django_db
LIST = "/console/stride/parcels/"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def staff(client: Client, store: Store) -> Client:
    client.force_login(make_staff(store, role="warehouse"))
    return client


def listed(staff: Client, query: str = "") -> str:
    with clock.at(FRIDAY):
        response = staff.get(LIST + query)
    assert response.status_code == 200
    return response.content.decode()


def test_without_parcels_the_list_says_how_they_come(staff: Client) -> None:
    assert "No parcels yet" in listed(staff)


def test_each_view_shows_its_parcels(staff: Client, store: Store) -> None:
    make_parcel(store, number="1", tracking_number="LATE1", promised_on=date(2026, 3, 5))
    make_parcel(store, number="2", tracking_number="OK2", promised_on=date(2026, 3, 9))
    make_parcel(store, number="3", tracking_number="BAD3", promised_on=date(2026, 3, 9))
    make_parcel(store, number="4", tracking_number="DONE4", promised_on=date(2026, 3, 9))
    scan(store, scan_doc("exception", FRIDAY, reason="weather"), tracking_number="BAD3")
    scan(store, scan_doc("delivered", FRIDAY), tracking_number="DONE4")
    shown = {
        view: {name for name in ("LATE1", "OK2", "BAD3", "DONE4") if name in listed(staff, f"?show={view}")}
        for view in ("", "on_the_way", "late", "trouble", "delivered", "nonsense")
    }
    everything = {"LATE1", "OK2", "BAD3", "DONE4"}
    assert shown == {
        "": everything,
        "on_the_way": {"LATE1", "OK2", "BAD3"},
        "late": {"LATE1"},
        "trouble": {"BAD3"},
        "delivered": {"DONE4"},
        "nonsense": everything,
    }


@pytest.mark.parametrize("q", ["003404", "0034-0434", "#1001", "1001"])
def test_a_parcel_is_found_by_its_number_or_its_order(staff: Client, store: Store, q: str) -> None:
    make_parcel(store, number="1001", tracking_number="00340434161094042557")
    make_parcel(store, number="2002", tracking_number="ZZZ9")
    page = staff.get(LIST, {"q": q}).content.decode()
    assert ("00340434161094042557" in page, "ZZZ9" in page) == (True, False)


def test_a_parcels_page_shows_what_was_said_and_how_we_read_it(staff: Client, store: Store) -> None:
    parcel = make_parcel(store)
    scan(store, scan_doc("in_transit", "2026-03-05T10:00", place="Kassel", code="AR"), scan_doc("zz", FRIDAY))
    page = staff.get(f"{LIST}{parcel.pk}/").content.decode()
    assert "Kassel · code AR" in page
    assert "no zone given" in page
    assert "Said, but not understood" in page
    assert "Trail Runner 2" in page


def test_the_orders_page_shows_its_parcels(staff: Client, store: Store) -> None:
    parcel = make_parcel(store)
    page = staff.get(f"/console/stride/orders/{parcel.order_id}/").content.decode()
    assert parcel.tracking_number in page


def test_a_parcel_of_another_store_does_not_exist(staff: Client) -> None:
    make_parcel(make_store("other"))
    assert staff.get(f"{LIST}{Parcel.objects.get().pk}/").status_code == 404
    assert "No parcels yet" in listed(staff)


def test_who_may_not_read_parcels_is_told_so(client: Client, store: Store) -> None:
    assert client.get(LIST).status_code == 302
