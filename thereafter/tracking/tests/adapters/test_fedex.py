"""FedEx: Track API answers and the pushes of Advanced Integrated Visibility."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.carriers.fedex import ADAPTER
from thereafter.tracking.models import Scan
from thereafter.tracking.tests.adapters.recorded import (
    body,
    call,
    changed,
    parcel,
    scan,
    scans,
    statuses,
    taken,
    unread,
    verifies,
)

DELIVERED = "poll_delivered.json"


def events(document: Any) -> Any:
    return document["output"]["completeTrackResults"][0]["trackResults"][0]["scanEvents"]


@pytest.mark.django_db
def test_a_whole_history_delivers_the_parcel() -> None:
    one, (answer,) = taken([parcel("fedex", DELIVERED)])
    assert (one.status, answer.new, answer.rejects) == ("delivered", 7, [])


@pytest.mark.django_db
def test_the_offset_of_the_place_is_kept() -> None:
    assert scan("fedex", DELIVERED, "DL").occurred_at == "2026-03-05T12:41:57-04:00"
    taken([parcel("fedex", DELIVERED)])
    kept = Scan.objects.get(code="DL")
    assert (kept.occurred_at.isoformat(), kept.offset_minutes) == ("2026-03-05T16:41:57+00:00", -240)


@pytest.mark.django_db
def test_a_scan_told_again_with_a_place_added_is_one_scan() -> None:
    def bare(document: Any) -> None:
        for event in events(document):
            event["scanLocation"] = {}

    first = parcel("fedex", DELIVERED, changed("fedex", DELIVERED, bare))
    one, (before, again) = taken([first, parcel("fedex", DELIVERED)])
    assert (before.new, again.new) == (7, 0)
    assert Scan.objects.get(parcel=one, code="DL").place == "Boston, MA, US"


@pytest.mark.django_db
def test_a_scan_told_twice_in_one_answer_is_one_scan() -> None:
    twice = changed("fedex", DELIVERED, lambda document: events(document).extend(events(document)[:]))
    _, (answer,) = taken([parcel("fedex", DELIVERED, twice)])
    assert answer.new == 7


def test_where_it_was_left_and_who_signed_is_told() -> None:
    assert scan("fedex", DELIVERED, "DL").detail == "left_safe"
    assert scans("fedex", "push_delivered.json")[0].detail == "signed"
    proof = parcel("fedex", "push_delivered.json").proof
    assert proof
    assert (proof.signed_by, proof.place) == ("K.MEYER", "Receptionist/Front Desk")


def test_an_exception_is_read_by_its_words() -> None:
    tried, wrong = (scan("fedex", "poll_exception.json", code) for code in ("DE", "SE"))
    assert (tried.status, tried.reason) == ("attempted", "consignee_not_home")
    assert (wrong.status, wrong.reason) == ("exception", "consignee_bad_address")


def test_a_clearance_delay_is_a_hold_and_its_release_is_none() -> None:
    held, released = (scan("fedex", "poll_customs.json", code) for code in ("CD", "CC"))
    assert (held.status, held.reason, released.status) == ("exception", "customs_hold", "in_transit")


def test_weather_delays_a_parcel_that_is_still_on_its_way() -> None:
    late = scan("fedex", "poll_weather.json", "DY")
    assert (late.status, late.reason, late.delayed) == ("in_transit", "weather", True)


def test_a_code_that_nobody_knows_says_nothing() -> None:
    unknown = scan("fedex", "poll_unknown_code.json", "QQ")
    assert (unknown.status, unknown.text) == ("", "Moon phase recorded")


def test_a_parcel_on_its_way_back_is_returning() -> None:
    assert statuses("fedex", "poll_returning.json") == ["returning", "exception", "picked_up"]


def test_a_parcel_that_waits_tells_where() -> None:
    doc = parcel("fedex", "poll_pickup.json")
    assert doc.pickup
    assert (doc.pickup.name, doc.pickup.address) == ("Corner Pharmacy", "2420 N Example Ave, Fresno, CA, 93703")
    assert statuses("fedex", "poll_pickup.json")[0] == "available_for_pickup"


def test_a_hand_over_names_who_brings_it_on() -> None:
    assert parcel("fedex", "poll_handed_over.json").next_carrier == "usps"


def test_an_estimate_at_midnight_is_a_day_and_a_window_keeps_its_hours() -> None:
    assert parcel("fedex", DELIVERED).expected_to == "2026-03-05"
    window = parcel("fedex", "poll_exception.json")
    assert (window.expected_from, window.expected_to) == ("2026-03-06T10:00:00-07:00", "2026-03-06T14:00:00-07:00")


def test_a_number_they_do_not_know_is_said_to_be_unknown() -> None:
    doc = parcel("fedex", "poll_not_found.json")
    assert (doc.unknown_number, doc.tracking_number) == (True, "449044304137999")


def test_a_push_is_believed_with_its_signature_only() -> None:
    text = body("fedex", "push_delivered.json")
    digest = hmac.new(b"s3cret", text.encode(), hashlib.sha256)
    for signature in (base64.b64encode(digest.digest()).decode(), digest.hexdigest()):
        assert verifies("fedex", ["old", "s3cret"], call(text, fdx_signature=signature))
        assert not verifies("fedex", ["s3cret"], call(text + " ", fdx_signature=signature))
        assert not verifies("fedex", ["other"], call(text, fdx_signature=signature))
    assert not verifies("fedex", ["s3cret"], call(text))


def test_every_documented_code_is_mapped_or_listed() -> None:
    documented = (
        "AA AC AD AF AO AP AR AX BR CA CC CD CH CP CU DD DE DL DP DR DS DY EA ED EO EP FD HA HL HP IT IX LO MD OC OD OF"
        " OX PD PF PL PM PU PX RC RD RG RM RP RR RS RT SE SF SP TP TR"
    )
    assert not unread(documented, ADAPTER.codes)


def test_thirty_parcels_are_asked_for_at_once() -> None:
    assert ADAPTER.poll
    request = ADAPTER.poll.request({}, [Ask("1"), Ask("2")], "t")
    numbers = [row["trackingNumberInfo"]["trackingNumber"] for row in json.loads(request.body)["trackingInfo"]]
    assert (request.method, numbers, ADAPTER.poll.batch) == ("POST", ["1", "2"], 30)
