"""The console's pages of carriers, of asking for one parcel, and of files."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline import inbox
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions import accounts, planning
from thereafter.tracking.models import CarrierAccount, Parcel, PollPlan, Scan
from thereafter.tracking.tests.carrier_server import Carrier, Reply, an_adapter, carrier_server, known, news
from thereafter.tracking.tests.makers import make_parcel

pytestmark = pytest.mark.django_db
LIST, TESTPOST = "/console/stride/parcels/carriers/", "/console/stride/parcels/carriers/testpost/"
IMPORT = "/console/stride/parcels/import/"
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
MOVED = {"status": "in_transit", "occurred_at": "2026-03-05T10:00:00+01:00", "place": "Kassel"}
TABLE = (
    "tracking_number,carrier,status,occurred_at,place\n"
    "TP1,Testpost,in_transit,2026-03-05 10:00,Kassel\n"
    "TP1,Testpost,delivered,someday,Berlin\n"
    "LATER,Testpost,delivered,2026-03-05 11:00,Berlin\n"
)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def browser(store: Store) -> Client:
    client: Client = signed_in(make_staff(store))
    return client


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> Iterator[Carrier]:
    known(monkeypatch, an_adapter())
    with carrier_server() as made:
        yield made


def connect(browser: Client, carrier: Carrier, **given: str) -> str:
    form = {"action": "connect", "key": "s3cret", "host": carrier.host} | given
    return browser.post(TESTPOST, form, follow=True).content.decode()


def test_a_carrier_is_connected_with_the_fields_it_wants(browser: Client, carrier: Carrier, store: Store) -> None:
    assert "API key" in browser.get(TESTPOST).content.decode()
    assert "This field is required" in connect(browser, carrier, key="")
    assert not CarrierAccount.objects.of(store).exists()
    page = connect(browser, carrier)
    assert "Testpost is connected" in page
    assert "s3cret" not in page
    assert "Not asked yet" in browser.get(LIST).content.decode()


def test_new_credentials_take_the_place_of_the_old_and_an_empty_secret_keeps_it(
    browser: Client, carrier: Carrier, store: Store
) -> None:
    connect(browser, carrier)
    assert "Kept; leave it empty" in browser.get(TESTPOST).content.decode()
    connect(browser, carrier, key="")
    assert CarrierAccount.objects.of(store).count() == 1


def test_a_kept_secret_goes_to_no_other_address(browser: Client, carrier: Carrier, store: Store) -> None:
    connect(browser, carrier)
    assert "has to be typed in anew" in connect(browser, carrier, key="", host="https://another.example")
    account = CarrierAccount.objects.of(store).get()
    assert accounts.credentials_of(account)["host"] == carrier.host


def test_another_address_has_to_be_safe(browser: Client, carrier: Carrier, store: Store) -> None:
    for wrong in ("http://evil.example", "http://evil.example\\@localhost", "https://[", "https://a b.example"):
        assert "Begin with https://" in connect(browser, carrier, host=wrong)
    assert not CarrierAccount.objects.of(store).exists()


def test_a_try_shows_what_the_carrier_says_and_keeps_nothing(browser: Client, carrier: Carrier, store: Store) -> None:
    connect(browser, carrier)
    carrier.says(Reply(body=news("TP1", MOVED)), Reply(401), Reply(body=b"<html>"))
    page = browser.post(TESTPOST, {"action": "try", "number": "TP1"}).content.decode()
    assert "It works: 1 scan of TP1" in page
    assert (
        "does not accept the credentials" in browser.post(TESTPOST, {"action": "try", "number": "TP1"}).content.decode()
    )
    assert "bad_document" in browser.post(TESTPOST, {"action": "try", "number": "TP1"}).content.decode()
    assert not Scan.objects.of(store).exists()


def test_disconnecting_forgets_the_credentials(browser: Client, carrier: Carrier, store: Store) -> None:
    connect(browser, carrier)
    browser.post(TESTPOST, {"action": "disconnect"})
    assert not CarrierAccount.objects.of(store).exists()


def test_a_carrier_that_cannot_be_asked_has_no_page(browser: Client) -> None:
    assert browser.get("/console/stride/parcels/carriers/telegraph/").status_code == 404
    assert browser.get("/console/stride/parcels/carriers/csv/").status_code == 404


def test_a_parcels_page_says_when_it_is_asked_for_and_asks_again(
    browser: Client, carrier: Carrier, store: Store
) -> None:
    parcel = make_parcel(store, tracking_number="TP1", carrier="Testpost")
    page = f"/console/stride/parcels/{parcel.pk}/"
    assert "Connect a carrier" in browser.get(page).content.decode()
    connect(browser, carrier)
    assert "asked within a minute" in browser.get(page).content.decode()
    for at in (NOON, NOON + timedelta(days=40)):
        with clock.at(at):
            planning.plan_parcels(store, at)
            run_until_idle(at)
    assert "Not followed any more" in browser.get(page).content.decode()
    browser.post(f"{page}ask/")
    assert PollPlan.objects.of(store).get().expired_at is None
    assert "Not followed any more" not in browser.get(page).content.decode()


def upload(browser: Client, text: str) -> str:
    file = SimpleUploadedFile("scans.csv", text.encode())
    return browser.post(IMPORT, {"file": file}).content.decode()


def test_a_file_is_looked_at_before_anything_is_taken(browser: Client, store: Store) -> None:
    make_parcel(store, tracking_number="TP1", carrier="Testpost")
    page = upload(browser, TABLE)
    assert "2 rows can be read, 1 cannot. 1 of them names a number that no parcel has yet" in page
    assert Scan.objects.of(store).exclude(source="shop").count() == 0


def test_each_row_has_its_fate_and_the_refused_are_kept_and_can_be_mended(browser: Client, store: Store) -> None:
    parcel = make_parcel(store, tracking_number="TP1", carrier="Testpost")
    page = browser.post(IMPORT, {"body": TABLE}).content.decode()
    assert all(said in page for said in ("Taken: 1", "Waits for its parcel: 1", "Refused: 1"))
    parcel.refresh_from_db()
    assert parcel.status == "in_transit"
    (dead,) = inbox.refused(store)
    assert dead.body.splitlines() == [TABLE.splitlines()[0], "TP1,Testpost,delivered,someday,Berlin"]
    table = browser.get(f"{IMPORT}refused.csv").content.decode()
    assert "someday" in table
    inbox.replay(store, dead.pk, NOON, body=dead.body.replace("someday", "2026-03-05 12:00"))
    run_until_idle()
    parcel.refresh_from_db()
    assert parcel.status == "delivered"
    again = browser.post(IMPORT, {"body": TABLE}).content.decode()
    assert "Known already: 1" in again
    assert Parcel.objects.of(store).count() == 1


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "tracking_number,status,occurred_at\n", "\x00\x01"])
def test_a_file_that_is_no_table_of_scans_is_told_so(browser: Client, text: str) -> None:
    page = upload(browser, text or " ")
    assert 'role="alert"' in page


def test_who_may_only_read_imports_and_connects_nothing(store: Store) -> None:
    analyst: Client = signed_in(make_staff(store, role="analyst", email="a@stride.example"))
    assert {analyst.get(page).status_code for page in (LIST, IMPORT, "/console/stride/parcels/codes/")} == {403}
