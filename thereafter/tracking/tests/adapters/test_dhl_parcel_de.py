"""DHL Paket: its own events."""

from urllib.parse import parse_qs, urlsplit

import pytest

from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.carriers.dhl_parcel_de import ADAPTER
from thereafter.tracking.tests.adapters.recorded import parcel, scan, statuses, taken, unread

DELIVERED = "poll_delivered.xml"


@pytest.mark.django_db
def test_a_whole_history_delivers_the_parcel() -> None:
    one, (answer,) = taken([parcel("dhl_parcel_de", DELIVERED)])
    assert (one.status, answer.new, answer.rejects) == ("delivered", 6, [])


def test_every_event_of_a_history_is_understood() -> None:
    known = ["label_created", "picked_up", "in_transit", "in_transit", "out_for_delivery", "delivered"]
    assert statuses("dhl_parcel_de", DELIVERED) == known


def test_their_clock_always_hangs_in_berlin() -> None:
    out = scan("dhl_parcel_de", DELIVERED, "PO")
    assert (out.occurred_at, out.zone, out.country) == ("2026-03-04T08:17:00", "Europe/Berlin", "DE")


def test_who_took_it_is_told() -> None:
    doc = parcel("dhl_parcel_de", DELIVERED)
    assert doc.proof
    assert (doc.proof.signed_by, scan("dhl_parcel_de", DELIVERED, "ZU").detail) == ("Kraft", "neighbour")


def test_nobody_at_home_and_then_the_post_office() -> None:
    assert statuses("dhl_parcel_de", "poll_attempted.xml") == ["out_for_delivery", "attempted", "available_for_pickup"]
    assert scan("dhl_parcel_de", "poll_attempted.xml", "ZN").reason == "consignee_not_home"


def test_on_the_way_back_no_event_brings_it_nearer() -> None:
    assert statuses("dhl_parcel_de", "poll_returned.xml") == ["returning", "returning", "returned"]


def test_a_code_that_nobody_knows_says_nothing() -> None:
    assert scan("dhl_parcel_de", "poll_unknown_code.xml", "QX").status == ""


def test_a_number_they_do_not_know_is_said_to_be_unknown() -> None:
    assert parcel("dhl_parcel_de", "poll_not_found.xml").unknown_number


def test_every_documented_code_is_mapped_or_listed() -> None:
    documented = "AA AE EE ES GT HI LA PO RT VA ZN ZU DLVRD LDTMV PCKDU SHRCU SRTED ULFMV"
    assert not unread(documented, ADAPTER.codes)


def test_twenty_are_asked_for_at_once_and_secrets_are_quoted() -> None:
    assert ADAPTER.poll
    who = {"api_key": "k", "api_secret": "s", "username": "zt12345", "password": 'a"<b'}
    request = ADAPTER.poll.request(who, [Ask("003"), Ask("004")], "")
    (document,) = parse_qs(urlsplit(request.url).query)["xml"]
    assert 'piece-code="003;004"' in document
    assert 'a"&lt;b' in document
    assert request.headers["Authorization"] == "Basic azpz"
