"""Canada Post: the details of a parcel."""

import pytest

from thereafter.tracking.carriers.adapter import Ask
from thereafter.tracking.carriers.canada_post import ADAPTER
from thereafter.tracking.tests.adapters.recorded import parcel, scan, statuses, taken, unread

DELIVERED = "poll_delivered.xml"


@pytest.mark.django_db
def test_a_whole_history_delivers_the_parcel() -> None:
    one, (answer,) = taken([parcel("canada_post", DELIVERED)])
    assert (one.status, answer.new, answer.rejects) == ("delivered", 8, [])


def test_codes_are_known_with_and_without_their_zeros() -> None:
    assert scan("canada_post", DELIVERED, "0174").status == "out_for_delivery"
    assert scan("canada_post", DELIVERED, "0100").status == "in_transit"
    assert "174" in ADAPTER.codes


def test_every_event_but_the_signature_is_understood() -> None:
    assert statuses("canada_post", DELIVERED) == [
        "",
        "delivered",
        "out_for_delivery",
        *["in_transit"] * 3,
        "picked_up",
        "label_created",
    ]


def test_the_letters_of_a_zone_are_its_offset() -> None:
    assert scan("canada_post", DELIVERED, "0170").occurred_at == "2026-03-03T21:03:00-08:00"
    assert scan("canada_post", "poll_returned.xml", "1417").occurred_at == "2026-03-06T13:00:00-03:30"


def test_who_signed_is_told() -> None:
    doc = parcel("canada_post", DELIVERED)
    assert doc.proof
    assert (doc.proof.signed_by, scan("canada_post", DELIVERED, "1496").detail) == ("TREMBLAY", "signed")


def test_a_possible_delay_is_one_and_the_changed_day_counts() -> None:
    assert scan("canada_post", DELIVERED, "0173").delayed is True
    assert parcel("canada_post", "poll_pickup.xml").expected_to == "2026-03-06"


def test_a_parcel_that_waits_tells_where() -> None:
    doc = parcel("canada_post", "poll_pickup.xml")
    assert doc.pickup
    assert doc.pickup.name == "MAPLE DRUG MART PO"
    assert statuses("canada_post", "poll_pickup.xml")[0] == "available_for_pickup"


def test_delivered_to_the_sender_is_returned() -> None:
    assert statuses("canada_post", "poll_returned.xml") == ["returned", "returning", "out_for_delivery"]
    assert scan("canada_post", "poll_returned.xml", "1417").reason == "consignee_refused"


def test_a_hold_at_customs_ends_with_its_release() -> None:
    assert statuses("canada_post", "poll_customs.xml") == ["in_transit", "exception", "in_transit"]


def test_a_code_that_nobody_knows_says_nothing() -> None:
    assert scan("canada_post", "poll_unknown_code.xml", "9876").status == ""


def test_a_number_they_do_not_know_is_said_to_be_unknown() -> None:
    assert parcel("canada_post", "poll_not_found.xml").unknown_number


def test_an_answer_that_says_nothing_is_no_crash() -> None:
    assert parcel("canada_post", DELIVERED, "<tracking-detail><pin>7</pin></tracking-detail>").scans == []


def test_every_documented_code_is_mapped_or_listed() -> None:
    documented = (
        "20 21 100 102 104 105 106 107 113 114 115 116 117 118 120 121 127 130 150 152 156 159 160 161 162"
        " 163 167 168 169 170 171 172 173 174 175 179 181 182 183 184 190 198 400 405 410 500 610 611 612 613"
        " 614 615 616 617 618 619 620 621 622 623 624 625 626 627 628 629 630 700 701 710 800 804 810 815 900"
        " 910 1100 1200 1203 1210 1214 1215 1216 1220 1221 1223 1224 1225 1230 1232 1234 1240 1241 1244 1245"
        " 1300 1301 1302 1303 1405 1406 1407 1408 1409 1410 1411 1412 1414 1415 1416 1417 1418 1419 1420 1421"
        " 1422 1423 1424 1425 1426 1427 1428 1429 1430 1431 1432 1433 1434 1435 1436 1437 1438 1441 1442 1443"
        " 1444 1450 1461 1462 1463 1465 1466 1467 1468 1469 1471 1472 1473 1475 1476 1479 1480 1481 1482 1483"
        " 1484 1487 1488 1490 1491 1492 1493 1494 1495 1496 1498 1701 1703 1705 2001 2101 2300 2407 2410 2411"
        " 2412 2414 2500 2501 2600 2601 2802 3000 3001 3002 4000 4100 4202 4310 4311 4330 4400 4450 4500 4550"
        " 4600 4650 4700 4900 4950 5201 5300 8901"
    )
    assert not unread(documented, ADAPTER.codes)


def test_they_are_asked_for_the_details_in_english() -> None:
    assert ADAPTER.poll
    request = ADAPTER.poll.request({"username": "u", "password": "p"}, [Ask("70/1")], "")
    assert request.url == "https://soa-gw.canadapost.ca/vis/track/pin/70%2F1/detail"
    assert request.headers["Accept-language"] == "en-CA"
