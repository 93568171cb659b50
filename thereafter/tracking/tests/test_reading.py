"""Reading what carriers write."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.tracking.carriers import ours, shopify
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.rules import scans

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_offset_of_the_place_is_kept() -> None:
    told = scans.local_time("2026-03-03T14:05:09-05:00", scans.Clocks(BERLIN))
    assert (scans.offset_minutes(told.at), told.precision, told.zone) == (-300, "second", "payload")


def test_a_time_without_zone_is_taken_as_the_shops_and_says_so() -> None:
    told = scans.local_time("2026-03-03T14:05", scans.Clocks(BERLIN))
    assert (told.at.astimezone(UTC), told.precision, told.zone) == (
        datetime(2026, 3, 3, 13, 5, tzinfo=UTC),
        "minute",
        "assumed",
    )


def test_a_mere_date_stays_that_date() -> None:
    told = scans.local_time("2026-03-03", scans.Clocks(BERLIN))
    assert (told.at.date().isoformat(), told.precision) == ("2026-03-03", "day")


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "0001-01-01T00:00:00Z", "13:58 PM"])
def test_what_is_no_time_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(scans.BadScan, match="bad_time"):
        scans.local_time(text, scans.Clocks(BERLIN))


def test_a_clock_that_runs_ahead_is_not_believed() -> None:
    now = datetime(2026, 3, 3, tzinfo=UTC)
    assert scans.within_reach(now + timedelta(hours=25), now) == now
    assert scans.within_reach(now + timedelta(hours=23), now) > now


def test_a_scan_that_comes_again_with_a_city_is_the_same_scan() -> None:
    when = datetime(2026, 3, 3, tzinfo=UTC)
    first = scans.key(source="carrier", scan_id="", status="in_transit", code="AR", at=when)
    again = scans.key(source="carrier", scan_id="", status="in_transit", code="AR", at=when.astimezone(BERLIN))
    assert first == again


def test_numbers_and_carriers_are_compared_without_their_spelling() -> None:
    assert scans.number_key(" 1z 999-aa1 ") == "1Z999AA1"
    assert scans.carrier_key("DHL Express") == scans.carrier_key("dhl_express")


def test_a_call_may_tell_of_one_parcel_or_of_many() -> None:
    one = ours.parse("scans", '{"tracking_number": "A1", "scans": []}')
    many = ours.parse("scans", '{"parcels": [{"tracking_number": "A1", "scans": []}, {"scans": 7}]}')
    assert isinstance(one[0], ParcelDoc)
    assert [type(row) for row in many] == [ParcelDoc, scans.BadScan]


def test_too_many_parcels_in_one_call_are_refused() -> None:
    with pytest.raises(scans.BadScan, match="too_many"):
        ours.parse("scans", '{"parcels": [' + ",".join(["{}"] * 1001) + "]}")


@given(st.one_of(st.text(max_size=60), st.sampled_from(["[]", "null", "7", '{"parcels": 1}', '{"scans": null}'])))
def test_whatever_is_posted_is_read_or_refused_with_a_reason(body: str) -> None:
    for parse in (ours.parse, shopify.parse):
        try:
            rows = parse("scans", body)
        except scans.BadScan:
            continue
        assert all(isinstance(row, ParcelDoc | scans.BadScan) for row in rows)


def test_shopifys_words_are_ours() -> None:
    event = {"id": 9, "fulfillment_id": 7, "status": "out_for_delivery", "happened_at": "2026-03-03T08:00:00-05:00"}
    body = json.dumps(event | {"city": "Boston"})
    (doc,) = shopify.parse("fulfillment_events/create", body)
    assert isinstance(doc, ParcelDoc)
    assert doc.fulfilment == "7"
    assert b'"status":"out_for_delivery"' in bytes(doc.scans[0])
