"""USPS: Tracking v3 and its subscriptions."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from thereafter.tracking.carriers.usps import ADAPTER
from thereafter.tracking.tests.adapters.recorded import (
    body,
    call,
    parcel,
    scan,
    scans,
    statuses,
    taken,
    unread,
    verifies,
)

DELIVERED = "poll_delivered.json"


@pytest.mark.django_db
def test_a_whole_history_delivers_the_parcel() -> None:
    one, (answer,) = taken([parcel("usps", DELIVERED)])
    assert (one.status, answer.new, answer.rejects) == ("delivered", 10, [])


def test_every_event_of_a_history_is_understood() -> None:
    assert statuses("usps", DELIVERED) == [
        "delivered",
        "out_for_delivery",
        *["in_transit"] * 5,
        "picked_up",
        "picked_up",
        "label_created",
    ]


def test_the_clock_of_the_place_is_told_by_utc_and_its_offset() -> None:
    assert scan("usps", DELIVERED, "01").occurred_at == "2026-03-05T13:58:40-05:00"


def test_a_time_without_offset_keeps_its_country() -> None:
    abroad = scan("usps", "poll_customs.json", "C8")
    assert (abroad.occurred_at, abroad.country) == ("2026-03-05T12:00:00", "DE")


def test_where_it_was_left_is_told() -> None:
    assert scan("usps", DELIVERED, "01").detail == "locker"
    assert scans("usps", "push_delivered.json")[0].detail == "signed"


def test_a_parcel_delivered_to_its_sender_was_returned() -> None:
    assert statuses("usps", "poll_returned.json") == ["returned", "returning", "attempted"]


def test_trouble_has_its_reason() -> None:
    assert scan("usps", "poll_exception.json", "22").reason == "consignee_bad_address"
    assert scan("usps", "poll_exception.json", "55").status == "attempted"


def test_words_decide_where_the_code_is_in_no_list() -> None:
    assert statuses("usps", "poll_customs.json") == ["in_transit", "exception", "picked_up"]
    assert scan("usps", "poll_customs.json", "C8").reason == "customs_hold"


def test_arriving_late_is_a_delay_of_a_parcel_on_its_way() -> None:
    late = scan("usps", "poll_late.json", "NT")
    assert (late.status, late.delayed) == ("in_transit", True)


def test_a_code_that_nobody_knows_says_nothing() -> None:
    unknown = scan("usps", "poll_unknown_code.json", "Q9")
    assert (unknown.status, unknown.text) == ("", "Pigeon consulted")


def test_an_announced_midnight_is_a_day() -> None:
    assert parcel("usps", DELIVERED).expected_to == "2026-03-05"


def test_a_number_they_do_not_know_is_said_to_be_unknown() -> None:
    assert parcel("usps", "poll_not_found.json").unknown_number


def test_a_push_is_believed_with_its_signature_and_while_it_is_fresh() -> None:
    text = body("usps", "push_delivered.json")
    envelope = json.loads(text)
    digest = hmac.new(b"s3cret", (envelope["timestamp"] + envelope["payload"]).encode(), hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    then = datetime(2026, 3, 5, 19, 3, tzinfo=UTC)
    assert verifies("usps", ["s3cret"], call(text, then, x_hmac=signature))
    assert not verifies("usps", ["other"], call(text, then, x_hmac=signature))
    assert not verifies("usps", ["s3cret"], call(text.replace("P LANE", "X LANE"), then, x_hmac=signature))
    assert not verifies("usps", ["s3cret"], call(text, then + timedelta(days=2), x_hmac=signature))
    assert not verifies("usps", ["s3cret"], call(text, then))
    assert not verifies("usps", ["s3cret"], call("[]", then, x_hmac=signature))
    assert not verifies("usps", ["s3cret"], call('{"timestamp": "2026-03-05T19:02:00"}', then, x_hmac=signature))


def test_every_documented_code_is_mapped_or_listed() -> None:
    documented = (
        "01 02 03 04 05 06 07 08 09 10 11 14 15 16 17 19 21 22 23 24 25 26 27 28 29 30 31 41 42 43 44 51 52 53 54 55 56"
        " 71 80 81 82 DX EF MA OF PA PC SF TM"
    )
    assert not unread(documented, ADAPTER.codes)
