"""AfterShip."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

from thereafter.commerce.webhooks import Call
from thereafter.tracking.carriers import aftership
from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.tests.adapters.shapes import body, document, parsed, read, scans, statuses

NOW = datetime(2026, 3, 6, tzinfo=UTC)


def test_a_history_keeps_the_clocks_of_its_places() -> None:
    doc = parsed("aftership", "push_delivered")
    assert (doc.carrier, doc.tracking_number) == ("ups", "1Z55W2A90369514772")
    assert statuses(doc) == ["label_created", "picked_up", "in_transit", "out_for_delivery", "delivered"]
    assert (scans(doc)[-1].occurred_at, scans(doc)[-1].detail) == ("2026-03-06T13:58:00-06:00", "signed")
    assert (doc.expected_from, doc.expected_to) == ("2026-03-06", "2026-03-07")
    assert doc.proof
    assert doc.proof.signed_by == "MILLER"


def test_a_hold_at_the_customs_ends_with_the_release() -> None:
    doc = parsed("aftership", "push_customs")
    assert doc.carrier == "dhl_parcel_de"
    assert [(scan.status, scan.reason) for scan in scans(doc)][1:] == [
        ("exception", "customs_hold"),
        ("in_transit", ""),
    ]
    assert [scan.occurred_at for scan in scans(doc)] == ["2026-03-05T09:00:00", "2026-03-06", "2026-03-07T10:30:00"]
    assert [scan.country for scan in scans(doc)] == ["DE", "CH", "CH"]


def test_the_carrier_of_the_last_mile_is_named() -> None:
    doc = parsed("aftership", "push_hand_over")
    assert (doc.next_carrier, doc.next_number) == ("usps", "9261290312345678901239")


def test_back_at_the_sender_is_returned() -> None:
    assert statuses(parsed("aftership", "poll_returned"))[-2:] == ["returning", "returned"]


def test_a_subtag_that_is_new_falls_back_to_its_tag() -> None:
    event = document("aftership", "push_delivered")
    event["msg"]["checkpoints"][1]["subtag"] = "InTransit_099"
    assert scans(read("aftership", json.dumps(event)))[1].status == "in_transit"


def test_the_signature_is_base64_of_the_raw_body() -> None:
    raw = body("aftership", "push_delivered").encode()
    signature = base64.b64encode(hmac.new(b"s3cret", raw, hashlib.sha256).digest()).decode()
    call = Call({"aftership-hmac-sha256": signature}, raw, NOW)
    assert aftership.verify(["old", "s3cret"], call)
    assert not aftership.verify(["s3cret"], call._replace(body=raw + b" "))
    assert aftership.delivery_id(call) == "2c1d7a40-61b4-4f0e-9d51-30c0a7b61f01"


def test_fifty_numbers_are_asked_for_at_once() -> None:
    assert aftership.ADAPTER.poll
    request = aftership.ADAPTER.poll.request({"api_key": "k"}, [Ask("A1"), Ask("A2")], "")
    assert "tracking_numbers=A1%2CA2" in request.url
    assert request.headers["as-api-key"] == "k"
