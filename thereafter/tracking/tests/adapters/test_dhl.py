"""DHL: the unified tracking of all its divisions."""

import pytest

from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.carriers.dhl import ADAPTER
from thereafter.tracking.tests.adapters.recorded import call, parcel, scan, scans, statuses, taken, unread, verifies

DELIVERED = "poll_delivered.json"


@pytest.mark.django_db
def test_a_whole_history_delivers_the_parcel() -> None:
    one, (answer,) = taken([parcel("dhl", DELIVERED)])
    assert (one.status, answer.new, answer.rejects) == ("delivered", 7, [])


def test_in_transit_is_read_nearer_by_its_words() -> None:
    assert statuses("dhl", DELIVERED) == [
        "delivered",
        "out_for_delivery",
        *["in_transit"] * 3,
        "picked_up",
        "label_created",
    ]


def test_unknown_is_neither_a_delay_nor_a_status() -> None:
    unknown = scans("dhl", "poll_unknown.json")[0]
    assert (unknown.status, unknown.delayed) == ("", None)
    assert unknown.code == "unknown: The recipient thought about it"


def test_what_express_returned_is_returned() -> None:
    assert statuses("dhl", "poll_returned.json") == ["returned", "exception", "out_for_delivery"]
    assert scan("dhl", "poll_returned.json", "RD").reason == "consignee_refused"


def test_a_failure_is_read_by_its_words_and_else_trouble() -> None:
    assert statuses("dhl", "poll_exception.json") == ["attempted", "exception", "in_transit"]


def test_a_clearance_delay_is_a_hold_and_its_release_is_none() -> None:
    assert statuses("dhl", "poll_customs.json") == ["in_transit", "exception"]
    assert scan("dhl", "poll_customs.json", "CD").reason == "customs_hold"


def test_a_clock_without_offset_keeps_its_country_and_one_with_keeps_it() -> None:
    told = scans("dhl", DELIVERED)
    assert (told[0].occurred_at, told[0].country) == ("2026-03-05T10:12:00", "FR")
    assert told[-1].occurred_at == "2026-03-04T09:00:00+01:00"


def test_an_estimate_at_midnight_is_a_day_and_a_frame_keeps_its_hours() -> None:
    assert parcel("dhl", DELIVERED).expected_to == "2026-03-05"
    assert parcel("dhl", "poll_customs.json").expected_from == "2026-03-06T09:00:00+01:00"


def test_proof_and_place_of_pickup_are_told() -> None:
    proof, pickup = parcel("dhl", DELIVERED).proof, parcel("dhl", "push_pickup.json").pickup
    assert proof
    assert pickup
    assert (proof.signed_by, proof.document_url) == ("MARTIN", "https://webpod.dhl.com/webPOD/DHLePODRequest")
    assert (pickup.name, pickup.address) == ("Packstation 117", "Beispielweg 1, 10115, Berlin")


def test_a_push_may_bring_the_newest_status_only() -> None:
    assert parcel("dhl", "push_pickup.json").carrier == "dhl_parcel_de"
    assert statuses("dhl", "push_pickup.json") == ["available_for_pickup"]
    assert scans("dhl", "push_delivered.json")[0].detail == "neighbour"


def test_a_number_they_do_not_know_is_said_to_be_unknown() -> None:
    doc = parcel("dhl", "poll_not_found.json")
    assert (doc.unknown_number, doc.tracking_number) == (True, "7777770999")


def test_a_push_is_believed_with_its_token_only() -> None:
    assert verifies("dhl", ["s3cret"], call("{}", x_thereafter_token="s3cret"))
    assert not verifies("dhl", ["s3cret"], call("{}", x_thereafter_token="other"))
    assert not verifies("dhl", ["s3cret", ""], call("{}"))


def test_every_documented_code_is_mapped_or_listed() -> None:
    documented = (
        "pre-transit transit delivered failure unknown AD AF AR BA BN BR CA CC CD CI CM CR CS CU DD DF DI DM"
        " DS ES FD HI HN HP IC IR MC MD MS NA ND NH OH OK PD PL PU RD RR RT RW SA SC SS TD TP TR UD WC"
    )
    assert not unread(documented, ADAPTER.codes)


def test_the_postcode_is_given_where_it_is_known() -> None:
    assert ADAPTER.poll
    request = ADAPTER.poll.request({"api_key": "k"}, [Ask("777", postcode="69001")], "")
    assert request.url.endswith("?trackingNumber=777&language=en&limit=25&recipientPostalCode=69001")
    assert request.headers["DHL-API-Key"] == "k"
