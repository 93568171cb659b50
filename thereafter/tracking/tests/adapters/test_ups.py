"""UPS: Track API answers and Track Alert calls."""

from typing import Any

import msgspec
import pytest

from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.carriers.ups import ADAPTER, DETAILS
from thereafter.tracking.documents import ScanDoc
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.tests.adapters.recorded import (
    call,
    changed,
    parcel,
    parsed,
    scan,
    scans,
    statuses,
    taken,
    unread,
    verifies,
)

DELIVERED = "poll_delivered.json"


def package(document: Any) -> Any:
    return document["trackResponse"]["shipment"][0]["package"][0]


@pytest.mark.django_db
def test_a_whole_history_delivers_the_parcel() -> None:
    one, (answer,) = taken([parcel("ups", DELIVERED)])
    assert (one.status, answer.new, answer.rejects) == ("delivered", 8, [])


def test_every_step_of_a_history_is_understood() -> None:
    assert statuses("ups", DELIVERED)[::-1] == [
        "label_created",
        "picked_up",
        *["in_transit"] * 4,
        "out_for_delivery",
        "delivered",
    ]


@pytest.mark.django_db
def test_activities_told_oldest_first_make_the_same_parcel() -> None:
    turned = changed("ups", DELIVERED, lambda document: package(document)["activity"].reverse())
    one, _ = taken([parcel("ups", DELIVERED, turned)])
    assert one.status == "delivered"


@pytest.mark.django_db
def test_a_late_scan_after_delivery_leaves_it_delivered() -> None:
    def add(document: Any) -> None:
        late = msgspec.json.decode(msgspec.json.encode(package(document)["activity"][3]))
        package(document)["activity"].insert(0, late | {"date": "20260305", "time": "190000"})

    one, _ = taken([parcel("ups", DELIVERED, changed("ups", DELIVERED, add))])
    assert one.status == "delivered"


def test_out_for_delivery_is_told_by_the_code_and_not_by_the_type_that_says_in_transit() -> None:
    assert scan("ups", DELIVERED, "OT").status == "out_for_delivery"
    assert statuses("ups", "push_out_for_delivery.json") == ["out_for_delivery"]


def test_weather_delays_a_parcel_that_is_still_on_its_way() -> None:
    delayed = scan("ups", "poll_exception.json", "DY")
    assert (delayed.status, delayed.reason, delayed.delayed) == ("in_transit", "weather", True)


def test_a_release_from_customs_is_no_hold() -> None:
    assert scan("ups", "poll_customs.json", "SR").status == "in_transit"
    held = scan("ups", "poll_customs.json", "DJ")
    assert (held.status, held.reason) == ("exception", "customs_documents")


def test_no_activity_is_a_parcel_without_scans() -> None:
    empty = changed("ups", DELIVERED, lambda document: package(document).update(activity=[]))
    assert parcel("ups", DELIVERED, empty).scans == []


def test_an_activity_without_a_status_is_kept() -> None:
    bare = changed("ups", DELIVERED, lambda document: package(document)["activity"][0].update(status=None))
    assert len(scans("ups", DELIVERED, bare)) == 8
    assert scans("ups", DELIVERED, bare)[0].status == ""


@pytest.mark.django_db
def test_a_bad_date_spoils_its_own_scan_only() -> None:
    spoilt = changed("ups", DELIVERED, lambda document: package(document)["activity"][2].update(date="2026-33-99"))
    one, (answer,) = taken([parcel("ups", DELIVERED, spoilt)])
    assert (one.status, answer.new, len(answer.rejects)) == ("delivered", 7, 1)
    assert answer.rejects[0][1].startswith("bad_time")


def test_a_code_that_nobody_knows_says_nothing() -> None:
    unknown = scan("ups", "poll_unknown_code.json", "ZZ")
    assert (unknown.status, unknown.text) == ("", "Zeppelin scan")


def test_the_local_clock_keeps_its_offset() -> None:
    assert scan("ups", DELIVERED, "DP").occurred_at == "2026-03-04T12:03:00-06:00"


def test_an_alert_without_offset_tells_it_by_both_clocks() -> None:
    assert scans("ups", "push_out_for_delivery.json")[0].occurred_at == "2026-03-05T08:35:11-05:00"
    assert scans("ups", "push_delivered.json")[0].occurred_at == "2026-03-05T08:35:11-05:00"


def test_the_rescheduled_day_is_the_estimate_and_a_mere_day_stays_one() -> None:
    moved = parcel("ups", "poll_exception.json")
    assert (moved.expected_from, moved.expected_to) == ("2026-03-06T14:00:00", "2026-03-06T18:00:00")
    assert parcel("ups", DELIVERED).expected_to == "2026-03-05"


def test_a_parcel_that_comes_back_is_returning_and_then_returned() -> None:
    assert statuses("ups", "poll_returned.json")[:3] == ["returned", "returning", "exception"]


def test_a_hand_over_names_who_brings_it_on() -> None:
    doc = parcel("ups", "poll_handed_over.json")
    assert (doc.next_carrier, doc.next_number) == ("usps", "92419900000033499522966220")


def test_an_access_point_tells_until_when_it_waits() -> None:
    doc = parcel("ups", "poll_access_point.json")
    assert doc.pickup
    assert doc.pickup.until == "2026-03-12"
    assert statuses("ups", "poll_access_point.json")[0] == "available_for_pickup"


def test_a_number_they_do_not_know_is_said_to_be_unknown() -> None:
    assert parcel("ups", "poll_not_found.json").unknown_number


def test_another_error_is_told_in_their_words() -> None:
    (wrong,) = parsed(
        "ups", DELIVERED, '{"response":{"errors":[{"code":"250002","message":"Invalid Authentication"}]}}'
    )
    assert isinstance(wrong, BadScan)
    assert "Invalid Authentication" in str(wrong)


def test_a_receiver_is_proof() -> None:
    doc = parcel("ups", "push_delivered.json")
    assert doc.proof
    assert doc.proof.signed_by == "MORGAN"


def test_an_alert_is_believed_with_its_credential_only() -> None:
    assert verifies("ups", ["old", "s3cret"], call("{}", credential="s3cret"))
    assert not verifies("ups", ["s3cret"], call("{}", credential="other"))
    assert not verifies("ups", ["s3cret"], call("{}"))
    assert not verifies("ups", [""], call("{}", credential=""))


def test_every_documented_code_is_mapped_or_listed() -> None:
    missing = {1, 2, 4, 8, 9, 15, 31}  # there are no such numbers
    assert set(DETAILS) == {f"{number:03}" for number in range(70) if number not in missing}
    assert not unread("MP OR AR DP DS PU OT FS DY SR RS XD EP IM MV", ADAPTER.codes)


def test_they_are_asked_with_a_token() -> None:
    assert ADAPTER.poll
    assert ADAPTER.poll.token
    assert ADAPTER.poll.read_token
    who = {"client_id": "id", "client_secret": "secret"}
    assert ADAPTER.poll.token(who).headers["Authorization"] == "Basic aWQ6c2VjcmV0"
    token = ADAPTER.poll.read_token(b'{"access_token": "t", "expires_in": "14399"}')
    request = ADAPTER.poll.request(who, [Ask("1Z5R89390357567127")], token.value)
    assert request.url.startswith("https://onlinetools.ups.com/api/track/v1/details/1Z5R89390357567127?")
    assert (request.headers["Authorization"], token.seconds) == ("Bearer t", 14399)


def test_no_token_is_said_in_their_words() -> None:
    assert ADAPTER.poll
    assert ADAPTER.poll.read_token
    with pytest.raises(BadScan, match="ClientId is Invalid"):
        ADAPTER.poll.read_token(b'{"response":{"errors":[{"code":"10401","message":"ClientId is Invalid"}]}}')


@pytest.mark.parametrize(
    "odd", ["", "[]", "null", "7", '"text"', "{}", "[" * 9_000, '{"trackResponse":{"shipment":[null,7]}}']
)
def test_nonsense_is_refused_and_nothing_else_happens(odd: str) -> None:
    for topic in ("poll", "push"):
        try:
            answers = ADAPTER.parse(topic, odd)
        except BadScan:
            continue
        assert all(isinstance(answer, BadScan) or answer.scans for answer in answers)


def test_a_scan_is_what_the_core_reads() -> None:
    assert isinstance(scans("ups", DELIVERED)[0], ScanDoc)
