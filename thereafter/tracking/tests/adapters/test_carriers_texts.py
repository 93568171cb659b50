"""Reading what carriers send: times, places, documents."""

import pytest

from thereafter.tracking.carriers import reading
from thereafter.tracking.rules.scans import BadScan


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("1405", "14:05:00"),
        ("74700", "07:47:00"),
        ("14:05:09.250", "14:05:09"),
        ("2:05 pm", "14:05:00"),
        ("12:10 a.m.", "00:10:00"),
        ("13:58 PM", "13:58:00"),
        ("25:00", ""),
        ("noon", ""),
    ],
)
def test_a_clock_is_read_in_the_morning_and_in_the_afternoon(said: str, read: str) -> None:
    assert reading.clock_of(said) == read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("20260303", "2026-03-03"),
        ("03.04.2026", "2026-04-03"),
        ("March 3, 2026", "2026-03-03"),
        ("3 Mar 2026", "2026-03-03"),
        ("20260231", ""),
        ("soon", ""),
    ],
)
def test_a_day_is_read_as_many_write_it(said: str, read: str) -> None:
    assert reading.day(said) == read


def test_an_american_day_begins_with_its_month() -> None:
    assert reading.day("03/04/2026", month_first=True) == "2026-03-04"


@pytest.mark.parametrize(
    ("said", "read"), [("-4", "-04:00"), ("-04.00", "-04:00"), ("+0530", "+05:30"), ("Z", "+00:00"), ("-25", "")]
)
def test_an_offset_is_read_as_many_write_it(said: str, read: str) -> None:
    assert reading.offset(said) == read


def test_what_is_no_time_is_given_back_for_the_core_to_refuse() -> None:
    assert reading.when("2026-33-99", "12:00") == "2026-33-99 12:00"
    assert reading.when("20260303", "99:99") == "2026-03-03"


def test_an_announced_day_is_never_shifted_and_a_placeholder_is_none() -> None:
    assert reading.expected("2026-03-05") == "2026-03-05"
    assert reading.expected("2026-03-05T00:00:00Z") == "2026-03-05"
    assert reading.expected("0001-01-01T00:00:00") == ""


def test_utc_is_shown_as_the_clock_of_the_place() -> None:
    assert reading.local("2026-03-05T02:00:00Z", "-05:00") == "2026-03-04T21:00:00-05:00"
    assert reading.beside("2026-03-05T21:00:00", "2026-03-06T02:00:00") == "2026-03-05T21:00:00-05:00"


def test_carriers_do_not_shout_at_our_shoppers() -> None:
    assert reading.place("SAINTE-FOY", "QC", "", "QC", "CA") == "Sainte-Foy, QC, CA"


def test_xml_becomes_what_json_is() -> None:
    document = reading.xml_document('<a xmlns="urn:x" k="1"><b>t</b><b x="2">u</b></a>')
    assert document == {"a": {"k": "1", "b": ["t", {"x": "2", "#": "u"}]}}


def test_entities_are_refused() -> None:
    with pytest.raises(BadScan, match="not XML"):
        reading.xml_document('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


def test_half_characters_and_huge_numbers_spoil_nothing_else() -> None:
    document = reading.json_document('{"a": "\\ud800", "b": %s, "c": "ok\\u0000"}' % ("9" * 5_000))
    assert (reading.text(document, "a"), reading.text(document, "c")) == ("?", "ok")
    assert len(reading.text(document, "b")) == 5_000
