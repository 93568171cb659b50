"""Shippo."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from thereafter.commerce.webhooks import Call
from thereafter.tracking.carriers import shippo
from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.tests.adapters.shapes import body, document, parsed, read, scans, statuses

NOW = datetime(2026, 3, 6, 20, tzinfo=UTC)


def call(raw: bytes, secret: bytes = b"s3cret", stamp: datetime = NOW) -> Call:
    seconds = str(int(stamp.timestamp()))
    digest = hmac.new(secret, seconds.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return Call({"shippo-auth-signature": f"t={seconds},v1={digest}"}, raw, NOW)


def test_a_history_and_its_newest_status_are_told_once() -> None:
    doc = parsed("shippo", "push_delivered")
    assert statuses(doc) == ["label_created", "picked_up", "out_for_delivery", "delivered"]


def test_the_announced_day_stays_that_day() -> None:
    assert parsed("shippo", "push_delivered").expected_to == "2026-03-07"


def test_trouble_has_the_reason_of_its_substatus() -> None:
    told = [(scan.status, scan.reason) for scan in scans(parsed("shippo", "push_exception"))]
    assert told[1:] == [("attempted", "consignee_not_home"), ("exception", "consignee_unclaimed")]


def test_a_newest_status_that_is_not_in_the_history_is_told_too() -> None:
    event = document("shippo", "push_delivered")
    event["data"]["tracking_history"].pop()
    assert statuses(read("shippo", json.dumps(event)))[-1] == "delivered"


def test_the_signature_covers_the_time_and_the_body() -> None:
    raw = body("shippo", "push_delivered").encode()
    assert shippo.verify(["s3cret"], call(raw))
    assert not shippo.verify(["s3cret"], call(raw, b"other"))
    assert not shippo.verify(["s3cret"], call(raw, stamp=NOW - timedelta(minutes=6)))
    assert not shippo.verify(["s3cret"], call(raw)._replace(body=raw + b" "))
    assert not shippo.verify(["s3cret"], Call({"shippo-auth-signature": "t=\u0661,v1="}, raw, NOW))


def test_labels_and_batches_are_none_of_ours() -> None:
    assert shippo.parse("push", '{"event": "transaction_created", "data": {"object_id": "t"}}') == []


def test_a_question_names_the_carrier_as_shippo_does() -> None:
    assert shippo.ADAPTER.poll
    request = shippo.ADAPTER.poll.request({"api_token": "t"}, [Ask("JD 1", "DHL Express")], "")
    assert request.url == "https://api.goshippo.com/tracks/dhl_express/JD%201"
