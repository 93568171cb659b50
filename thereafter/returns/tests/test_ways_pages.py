"""The console's pages of the ways back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from thereafter.console.tests.tools import signed_in
from thereafter.returns.models import DropOffPoint, LabelAccount
from thereafter.returns.queries import settings_of
from thereafter.returns.tests.test_points import TABLE
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline import inbox

pytestmark = pytest.mark.django_db
WAYS, POINTS = "/console/stride/returns/ways/", "/console/stride/returns/points/"
ADDRESS = {"name": "Returns", "line1": "Lagerweg 5", "postcode": "50667", "city": "Köln", "country": "DE"}
PLACE = {
    "name": "Stride Mitte", "kind": "own", "address": "Weg 1", "postcode": "10115", "city": "Berlin", "country": "DE",
    "is_counter": "on",
}  # fmt: skip
USUAL = {"weight_g": "800", "length_mm": "300", "width_mm": "200", "height_mm": "100"}


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


@pytest.fixture
def browser(store: Store) -> Client:
    return signed_in(make_staff(store, role="support"))


def text(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def test_the_address_is_checked_and_kept(store: Store, browser: Client) -> None:
    assert "Say where returns go" in text(browser, WAYS)
    page = browser.post(WAYS, ADDRESS | {"country": "US"}).content.decode()
    assert "need a state or province" in page
    assert browser.post(WAYS, ADDRESS).status_code == 302
    assert settings_of(store).address == ADDRESS
    assert "Say where returns go" not in text(browser, WAYS)


def test_a_destination_is_added_renamed_and_dropped(store: Store, browser: Client) -> None:
    browser.post(WAYS, ADDRESS)
    browser.post(f"{WAYS}destination/", ADDRESS | {"called": "Outlet"})
    page = browser.post(f"{WAYS}destination/", ADDRESS | {"called": "Outlet"}).content.decode()
    assert "There is a destination of this name." in page
    browser.post(f"{WAYS}destination/?name=Outlet", ADDRESS | {"called": "Workshop"})
    assert list(settings_of(store).destinations) == ["Workshop"]
    assert browser.get(f"{WAYS}destination/?name=Outlet").status_code == 404
    browser.post(f"{WAYS}destination/drop/", {"name": "Workshop"})
    assert settings_of(store).destinations == {}


def test_labels_are_chosen_only_with_an_account_and_an_address(store: Store, browser: Client) -> None:
    page = browser.post(f"{WAYS}labels/", {"adapter": "shippo"}, follow=True).content.decode()
    assert "Connect Shippo first." in page
    browser.post(f"{WAYS}labels/shippo/", {"action": "connect", "api_key": "secret-key-1", **USUAL})
    account = LabelAccount.objects.of(store).get()
    assert account.usual_parcel["weight_g"] == 800
    page = browser.post(f"{WAYS}labels/", {"adapter": "shippo"}, follow=True).content.decode()
    assert "Say first where returns go" in page
    browser.post(WAYS, ADDRESS)
    browser.post(f"{WAYS}labels/", {"adapter": "shippo"})
    assert settings_of(store).label_adapter == "shippo"
    assert "secret-key-1" not in text(browser, f"{WAYS}labels/shippo/")
    browser.post(f"{WAYS}labels/shippo/", {"action": "disconnect"})
    assert settings_of(store).label_adapter == ""
    assert browser.get(f"{WAYS}labels/pigeon/").status_code == 404


def test_what_is_missing_of_an_account_is_said(browser: Client) -> None:
    page = browser.post(f"{WAYS}labels/karrio/", {"host": "http://elsewhere", "api_key": "k", **USUAL}).content.decode()
    assert "begins with https://" in page
    page = browser.post(f"{WAYS}labels/easypost/", USUAL | {"weight_g": "0"}).content.decode()
    assert "greater than or equal to 1" in page


def test_a_place_is_added_changed_closed_and_found(store: Store, browser: Client) -> None:
    assert "No places yet" in text(browser, POINTS)
    page = browser.post(f"{POINTS}new/", PLACE | {"latitude": "52.5"}).content.decode()
    assert "Give latitude and longitude, or neither." in page
    page = browser.post(f"{POINTS}new/", PLACE | {"latitude": "95", "longitude": "1"}).content.decode()
    assert "Between -90 and 90." in page
    browser.post(f"{POINTS}new/", PLACE)
    point = DropOffPoint.objects.of(store).get()
    assert (point.postcode_key, point.is_counter, point.link_edition) == ("10115", True, 1)
    assert "Whoever has it can take parcels in for you." in text(browser, f"{POINTS}{point.pk}/")
    browser.post(f"{POINTS}{point.pk}/change/", {"action": "renew"})
    browser.post(f"{POINTS}{point.pk}/change/", {"action": "close"})
    point.refresh_from_db()
    assert (point.link_edition, point.is_active) == (2, False)
    assert "Stride Mitte" in text(browser, f"{POINTS}?q=101")
    assert "Nothing found" in text(browser, f"{POINTS}?q=99")


def test_a_table_is_imported_and_its_bad_rows_are_told(store: Store, browser: Client) -> None:
    table = TABLE + "x,Nowhere,own,Weg 9,Berlin,,DE\n"
    file = SimpleUploadedFile("points.csv", table.encode())
    page = browser.post(f"{POINTS}import/", {"file": file}).content.decode()
    assert "4 places were taken" in page
    assert "The postcode is missing." in page
    assert inbox.refused(store).count() == 1
    assert "1 row of a table could not be read" in text(browser, POINTS)
    wrong = SimpleUploadedFile("points.csv", b"name,city\nA,B\n")
    assert "There is no column" in browser.post(f"{POINTS}import/", {"file": wrong}).content.decode()


def test_who_may_not_set_returns_sees_nothing_of_it(store: Store) -> None:
    analyst = signed_in(make_staff(store, role="analyst", email="analyst@stride.example"))
    assert analyst.get(WAYS).status_code == analyst.get(POINTS).status_code == 403
