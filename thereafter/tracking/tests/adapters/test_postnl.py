"""PostNL."""

import json

from thereafter.tracking.tests.adapters.shapes import document, parsed, read, scans, statuses


def test_an_event_and_the_status_of_its_moment_are_told_once() -> None:
    doc = parsed("postnl", "poll_delivered")
    assert [scan.code for scan in scans(doc)] == ["01A", "01B", "99", "J01", "J05", "I01"]
    assert [status for status in statuses(doc) if status] == [
        "label_created",
        "picked_up",
        "in_transit",
        "out_for_delivery",
        "delivered",
    ]


def test_an_event_that_is_not_known_means_what_the_status_of_its_moment_says() -> None:
    said = document("postnl", "poll_delivered")
    said["CompleteStatus"]["Shipment"]["Event"][0]["Code"] = "I77"
    assert scans(read("postnl", json.dumps(said), "poll"))[-1].status == "delivered"


def test_days_come_before_months_but_not_in_the_expectation() -> None:
    doc = parsed("postnl", "poll_delivered")
    assert scans(doc)[-1].occurred_at == "2026-03-06T11:17:40"
    assert (doc.expected_from, doc.expected_to) == ("2026-03-06T10:00:00", "2026-03-06T12:00:00")


def test_fetched_at_the_post_office_is_delivered() -> None:
    doc = parsed("postnl", "poll_pickup")
    assert statuses(doc) == ["attempted", "available_for_pickup", "delivered"]
    assert scans(doc)[-1].detail == "picked_up_by_customer"


def test_an_answer_without_a_shipment_is_an_unknown_number() -> None:
    assert parsed("postnl", "poll_unknown_number").unknown_number
