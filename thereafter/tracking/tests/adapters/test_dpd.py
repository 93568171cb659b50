"""DPD."""

import pytest

from thereafter.tracking.carriers import dpd
from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.tests.adapters.shapes import parsed, scans, statuses

FAULT = "<Envelope><Body><Fault><faultstring>{}</faultstring></Fault></Body></Envelope>"


def test_an_afternoon_is_an_afternoon() -> None:
    doc = parsed("dpd", "poll_delivered")
    assert statuses(doc) == ["picked_up", "in_transit", "out_for_delivery", "delivered"]
    assert (scans(doc)[-1].occurred_at, scans(doc)[-1].country) == ("2026-03-06T13:58:00", "BE")


@pytest.mark.parametrize(
    "said", ["17.08.2026, 19:11", "17/08/2026 19:11", "8/17/2026 7:11:00 PM", "2026-08-17T19:11:00"]
)
def test_a_date_is_read_in_each_of_their_ways(said: str) -> None:
    assert dpd.when(said) == "2026-08-17T19:11:00"


def test_back_at_the_depot_is_late_and_not_out_for_delivery() -> None:
    assert [(scan.status, scan.delayed) for scan in scans(parsed("dpd", "poll_exception"))] == [
        ("out_for_delivery", None),
        ("attempted", None),
        ("in_transit", True),
        ("available_for_pickup", None),
    ]


def test_the_scans_of_the_rest_service_count_before_its_steps() -> None:
    doc = parsed("dpd", "poll_returned")
    assert (doc.tracking_number, doc.service) == ("01405512345678", "DPD CLASSIC")
    assert statuses(doc) == ["in_transit", "out_for_delivery", "attempted", "returning"]


def test_a_number_without_a_life_cycle_is_unknown() -> None:
    assert parsed("dpd", "poll_unknown_number").unknown_number


def test_a_fault_is_refused_with_its_sentence() -> None:
    with pytest.raises(BadScan, match="Authentication failure"):
        dpd.parse("poll", FAULT.format("Authentication failure"))
    with pytest.raises(BadScan, match="no_token: Wrong password"):
        dpd.read_token(FAULT.format("Wrong password").encode())


def test_a_token_is_read_and_a_question_carries_it() -> None:
    told = b"<getAuthResponse><return><authToken>T&amp;1</authToken></return></getAuthResponse>"
    token = dpd.read_token(b"<Envelope><Body>" + told + b"</Body></Envelope>")
    assert dpd.ADAPTER.poll
    who = {"delis_id": "ab&c", "password": "p", "country": "nl"}
    request = dpd.ADAPTER.poll.request(who, [Ask("0140<1")], token.value)
    assert request.url == "https://wsshipper.dpd.nl/soap/services/ParcelLifeCycleService/V2_0"
    assert b"<authToken>T&amp;1</authToken>" in request.body
    assert b"0140&lt;1" in request.body
