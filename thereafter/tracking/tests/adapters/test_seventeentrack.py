"""17TRACK."""

import hashlib
from datetime import UTC, datetime

from thereafter.commerce.webhooks import Call
from thereafter.tracking.carriers import seventeentrack
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.tests.adapters.shapes import body, parsed, scans, statuses

NOW = datetime(2026, 3, 6, 20, tzinfo=UTC)


def test_two_carriers_of_one_parcel_tell_one_story() -> None:
    doc = parsed("seventeentrack", "push_hand_over")
    assert set(statuses(doc)) == {"picked_up", "in_transit", "out_for_delivery", "delivered"}
    assert (doc.next_carrier, doc.next_number) == ("usps", "92612999985322000012345678")
    assert {scan.occurred_at[-6:] for scan in scans(doc)} == {"+08:00", "-05:00", "-06:00"}


def test_announced_days_of_the_destination_are_kept_with_their_offset() -> None:
    assert parsed("seventeentrack", "push_hand_over").expected_from.startswith("2026-03-12")


def test_where_the_zone_was_not_found_out_the_carriers_clock_counts() -> None:
    arrived, refused = scans(parsed("seventeentrack", "push_exception"))
    assert (arrived.occurred_at, arrived.country) == ("2026-03-06T09:15:00", "AT")
    # It has no code: its words are certain enough.
    assert arrived.status == "in_transit"
    assert (refused.status, refused.reason) == ("exception", "consignee_refused")


def test_what_is_not_registered_is_said_and_what_is_no_number_too() -> None:
    taken, invalid, unregistered = seventeentrack.parse("poll", body("seventeentrack", "poll_returned"))
    assert isinstance(taken, ParcelDoc)
    assert statuses(taken) == ["returning", "returned"]
    assert isinstance(invalid, ParcelDoc)
    assert invalid.unknown_number
    assert isinstance(unregistered, BadScan)
    assert "please register first" in str(unregistered)


def test_the_end_of_the_watch_tells_nothing_of_the_parcel() -> None:
    assert seventeentrack.parse("push", body("seventeentrack", "push_stopped")) == []


def test_the_signature_is_a_hash_of_the_body_and_the_key() -> None:
    raw = body("seventeentrack", "push_exception").encode()
    call = Call({"sign": hashlib.sha256(raw + b"/s3cret").hexdigest()}, raw, NOW)
    assert seventeentrack.verify(["s3cret"], call)
    assert not seventeentrack.verify(["other"], call)
    assert not seventeentrack.verify(["s3cret"], call._replace(body=raw + b" "))
