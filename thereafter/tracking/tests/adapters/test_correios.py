"""Correios."""

import json

import pytest

from thereafter.tracking.carriers import correios
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.tests.adapters.shapes import document, parsed, read, scans, statuses


def test_a_delivery_shows_the_clock_of_brasilia() -> None:
    doc = parsed("correios", "poll_delivered")
    assert statuses(doc) == ["picked_up", "in_transit", "out_for_delivery", "delivered"]
    assert {(scan.zone, scan.country) for scan in scans(doc)} == {("America/Sao_Paulo", "BR")}
    assert (doc.expected_to, doc.service) == ("2026-03-09", "SEDEX")


def test_a_parcel_that_waits_says_where_and_until_when() -> None:
    doc = parsed("correios", "poll_exception")
    assert statuses(doc) == ["picked_up", "attempted", "available_for_pickup"]
    assert doc.pickup
    assert (doc.pickup.address, doc.pickup.until) == ("Manaus, AM", "2026-03-17")


def test_duties_hold_a_parcel_until_they_are_settled() -> None:
    doc = parsed("correios", "poll_customs")
    assert [(scan.status, scan.reason) for scan in scans(doc)][-2:] == [
        ("exception", "customs_duties_unpaid"),
        ("in_transit", ""),
    ]
    assert scans(doc)[0].country == ""


def test_nobody_fetched_it_and_it_is_returned() -> None:
    assert statuses(parsed("correios", "poll_returned")) == ["picked_up", "returning", "returned"]


def test_a_number_without_its_zero_is_the_same_code() -> None:
    said = document("correios", "poll_delivered")
    said["objetos"][0]["eventos"][0]["tipo"] = "1"
    assert scans(read("correios", json.dumps(said), "poll"))[-1].code == "BDE-01"


def test_a_number_that_they_do_not_know_is_unknown() -> None:
    assert parsed("correios", "poll_unknown_number").unknown_number


def test_a_token_lives_as_long_as_they_say() -> None:
    answer = {"token": "t", "emissao": "2026-03-06T10:00:00", "expiraEm": "2026-03-07T10:00:00"}
    assert correios.read_token(json.dumps(answer).encode()) == ("t", 86_400)
    assert correios.read_token(b'{"token": "t"}').seconds == 600
    with pytest.raises(BadScan, match="no_token"):
        correios.read_token(b'{"msgs": ["GTW-006"]}')
