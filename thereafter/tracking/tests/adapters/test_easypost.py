"""EasyPost."""

import hashlib
import hmac
import json
import unicodedata
from datetime import UTC, datetime, timedelta

from thereafter.commerce.webhooks import Call
from thereafter.tracking.carriers import easypost
from thereafter.tracking.tests.adapters.shapes import body, document, parsed, read, scans, statuses

NOW = datetime(2026, 3, 6, 20, tzinfo=UTC)
SECRET = "s\u00e9cret"
KEY = unicodedata.normalize("NFKD", SECRET).encode()


def hexed(signed: bytes) -> str:
    return "hmac-sha256-hex=" + hmac.new(KEY, signed, hashlib.sha256).hexdigest()


def test_details_say_more_than_the_status_and_vague_ones_less() -> None:
    doc = parsed("easypost", "push_delivered")
    assert statuses(doc) == ["label_created", "picked_up", "in_transit", "out_for_delivery", "delivered"]


def test_an_announced_day_is_not_shifted() -> None:
    """Midnight in UTC is how a day is written, not a moment."""
    doc = parsed("easypost", "push_delivered")
    assert (doc.expected_from, doc.expected_to) == ("2026-03-06", "2026-03-06")


def test_bad_weather_delays_and_holds_nothing_up() -> None:
    delayed, damaged = scans(parsed("easypost", "push_exception"))[1:]
    assert (delayed.status, delayed.delayed) == ("in_transit", True)
    assert (damaged.status, damaged.reason) == ("exception", "carrier_damaged")


def test_a_number_that_is_unknown_is_said_to_be() -> None:
    assert parsed("easypost", "poll_unknown_number").unknown_number


def test_events_of_other_objects_are_none_of_ours() -> None:
    said = json.dumps({"description": "batch.created", "result": {"object": "Batch", "id": "b"}})
    assert easypost.parse("push", said) == []


def test_the_first_edition_of_the_signature_covers_the_body() -> None:
    raw = body("easypost", "push_delivered").encode()
    call = Call({"x-hmac-signature": hexed(raw)}, raw, NOW)
    assert easypost.verify([SECRET], call)
    assert not easypost.verify([SECRET], call._replace(body=raw + b" "))
    assert not easypost.verify([SECRET], call._replace(headers={"x-hmac-signature": hexed(raw)[16:]}))
    assert easypost.delivery_id(call) == "evt_8f1a6c20"


def test_the_second_edition_covers_the_time_and_the_path_too() -> None:
    raw = b"{}"
    for stamp in (NOW.isoformat(), NOW.strftime("%a, %d %b %Y %H:%M:%S +0000")):
        signed = f"{stamp}POST/hooks/acme/easypost".encode() + raw
        headers = {"x-hmac-signature-v2": hexed(signed), "x-timestamp": stamp, "x-path": "/hooks/acme/easypost"}
        call = Call(headers, raw, NOW)
        assert easypost.verify([SECRET], call)
        assert not easypost.verify([SECRET], call._replace(now=NOW + timedelta(minutes=6)))
        assert not easypost.verify([SECRET], call._replace(headers=headers | {"x-path": "/hooks/other/easypost"}))


def test_a_wrong_second_signature_is_not_saved_by_a_right_first_one() -> None:
    headers = {"x-hmac-signature": hexed(b"{}"), "x-hmac-signature-v2": hexed(b"x"), "x-timestamp": NOW.isoformat()}
    assert not easypost.verify([SECRET], Call(headers, b"{}", NOW))


def test_a_time_beyond_all_clocks_is_not_fresh() -> None:
    for stamp in ("1 Jan 99999999999999 00:00:00", "Mon, 01 Jan 2024 00:00:00 +99999999999999999"):
        headers = {"x-hmac-signature-v2": hexed(f"{stamp}POST".encode() + b"{}"), "x-timestamp": stamp}
        assert not easypost.verify([SECRET], Call(headers, b"{}", NOW))


def test_a_status_without_a_detail_is_read() -> None:
    event = document("easypost", "push_delivered")
    event["result"]["tracking_details"][-1]["status_detail"] = None
    assert statuses(read("easypost", json.dumps(event)))[-1] == "delivered"
