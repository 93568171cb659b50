"""GLS."""

import json

import pytest

from thereafter.tracking.carriers import gls
from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.tests.adapters.shapes import body, parsed, read, scans, statuses


def test_a_history_keeps_its_offsets() -> None:
    doc = parsed("gls", "poll_delivered")
    assert statuses(doc) == ["label_created", "picked_up", "in_transit", "out_for_delivery", "delivered"]
    assert scans(doc)[-1].occurred_at == "2026-03-06T11:02:00+01:00"


def test_a_number_in_the_same_answer_may_be_unknown() -> None:
    _, unknown = gls.parse("poll", body("gls", "poll_delivered"))
    assert isinstance(unknown, ParcelDoc)
    assert (unknown.tracking_number, unknown.unknown_number) == ("604831862624", True)


def test_delivered_to_a_parcel_shop_is_not_delivered() -> None:
    assert statuses(parsed("gls", "poll_parcel_shop"))[-1] == "available_for_pickup"


def test_words_tell_what_an_unknown_code_means_when_they_are_certain() -> None:
    last = scans(parsed("gls", "poll_exception"))[-1]
    assert (last.status, last.reason, last.code) == ("exception", "consignee_bad_address", "NODELI.ADDRESS")
    assert scans(parsed("gls", "poll_unknown_code"))[-1].status == ""


def test_without_events_the_status_of_the_parcel_counts() -> None:
    said = {"parcels": [{"requested": "1", "status": "INDELIVERY", "statusDateTime": "2026-03-06T08:00:00+0100"}]}
    assert statuses(read("gls", json.dumps(said), "poll")) == ["out_for_delivery"]


def test_an_answer_that_is_a_complaint_is_refused_with_it() -> None:
    with pytest.raises(BadScan, match="quota"):
        gls.parse("poll", '{"message": "quota exceeded"}')


def test_ten_numbers_are_asked_for_in_one_question() -> None:
    assert gls.ADAPTER.poll
    request = gls.ADAPTER.poll.request({}, [Ask("1"), Ask("2/3")], "t")
    assert "/trackids/1,2%2F3?" in request.url
