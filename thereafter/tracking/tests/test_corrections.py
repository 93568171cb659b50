"""Whose parcel it is: never guessed, told by a number that leaves no doubt, and by a person against everyone."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from thereafter.commerce.tests.makers import ship
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.corrections import correct_carrier
from thereafter.tracking.models import NumberChoice, Parcel
from thereafter.tracking.tests.makers import make_parcel

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, tzinfo=UTC)
UPS, WITHOUT_CHECK = "1Z999AA10123456784", "123456789012345"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def staff(store: Store) -> Staff:
    return make_staff(store)


def page_of(staff: Staff, parcel: Parcel) -> str:
    browser: Client = signed_in(staff)
    return browser.get(f"/console/stride/parcels/{parcel.pk}/").content.decode()


def test_a_number_that_leaves_no_doubt_names_its_carrier(store: Store) -> None:
    parcel = make_parcel(store, tracking_number=UPS, carrier="")
    assert (parcel.carrier, parcel.carrier_key, parcel.carrier_by) == ("UPS", "ups", "number")


def test_a_number_without_a_check_digit_is_never_guessed(store: Store, staff: Staff) -> None:
    parcel = make_parcel(store, tracking_number=WITHOUT_CHECK, carrier="")
    assert (parcel.carrier, parcel.carrier_by) == ("", "")
    assert "Nobody said which carrier has this parcel" in page_of(staff, parcel)


def test_what_the_shop_says_comes_before_what_the_number_tells(store: Store) -> None:
    assert make_parcel(store, tracking_number=UPS, carrier="Hermes").carrier == "Hermes"


def test_a_correction_sticks_against_the_shop(store: Store, staff: Staff) -> None:
    parcel = make_parcel(store, carrier="ups")
    correct_carrier(parcel, "Royal Mail", by=staff, now=NOW)
    with clock.at(NOW):
        ship(parcel.order, tracking_number=parcel.tracking_number, carrier="fedex")
        run_until_idle(NOW)
    parcel.refresh_from_db()
    assert (parcel.carrier, parcel.carrier_key, parcel.carrier_by) == ("Royal Mail", "royalmail", "staff")


def test_a_correction_is_remembered_for_numbers_that_look_alike(store: Store, staff: Staff) -> None:
    parcel = make_parcel(store, tracking_number=WITHOUT_CHECK, carrier="")
    correct_carrier(parcel, "Hermes", by=staff, now=NOW)
    alike = make_parcel(store, tracking_number="123456789099999", carrier="", external_id="b", number="2002")
    assert (alike.carrier, alike.carrier_by) == ("Hermes", "number")
    elsewhere = make_parcel(make_store("other"), tracking_number="123456789099999", carrier="")
    assert elsewhere.carrier == ""
    assert NumberChoice.objects.of(store).get().carrier == "Hermes"


def test_one_click_on_the_parcels_page_names_the_carrier(store: Store, staff: Staff) -> None:
    parcel = make_parcel(store, tracking_number=WITHOUT_CHECK, carrier="")
    browser: Client = signed_in(staff)
    browser.post(f"/console/stride/parcels/{parcel.pk}/carrier/", {"carrier": "gls"})
    parcel.refresh_from_db()
    assert (parcel.carrier, parcel.carrier_by) == ("GLS", "staff")
    assert "chosen by one of you" in page_of(staff, parcel)
    browser.post(f"/console/stride/parcels/{parcel.pk}/carrier/", {"carrier": " "})
    parcel.refresh_from_db()
    assert parcel.carrier == "GLS"


def test_who_may_only_read_changes_nothing(store: Store) -> None:
    parcel = make_parcel(store)
    analyst: Client = signed_in(make_staff(store, role="analyst", email="a@stride.example"))
    assert analyst.post(f"/console/stride/parcels/{parcel.pk}/carrier/", {"carrier": "gls"}).status_code == 403
