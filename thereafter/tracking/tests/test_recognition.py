import csv
import io
import json
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thereafter.config import cli
from thereafter.tracking.rules.check_digits import CHECKS
from thereafter.tracking.rules.number_formats import FORMATS
from thereafter.tracking.rules.recognition import Candidate, candidates, shape, sure

# Made up by us; the check digits are true.
KNOWN = {
    "dhl": [
        "00340434161094042557",
        "00340434292135100186",
        "JJD000390016263780310",
        "JVGL06234450001234567890",
        "563102430313",
    ],
    "gls": ["40123456789", "123456789012", "ZDP7A5RK", "YLQ0WEX9"],
    "hermes": ["02010123456789", "H1001990001234567890", "04211198765432"],
    "evri": ["H01HYA0012345678", "T00AFA0098765432", "1234567890123456"],
    "royal_mail": ["RB123456785GB", "FH000000014GB", "SL987654326GB"],
    "postnl": ["3SABCD1234567", "3SDEVC201611210", "3STBJG012345678"],
    "inpost": ["520000012680041086770096", "620999555111222333444555", "600000000000000000000001"],
    "correios": ["AA123456785BR", "OJ987654326BR", "QB000000014BR"],
    "colissimo": ["6A12345678901", "8R41234567890", "5S00012345678"],
    "auspost": ["33ABC1234567010001", "7123456789012345", "99700123456789012345678"],
    "dpd": ["01445012345678", "15501234567890", "09980000020033F"],
    "ups": ["1Z5R89390357567127", "1z 5r8 939 03 5756 7127", "K1506235620"],
    "usps": ["9400111206206407628746", "420787459400111206206406260787", "EA123456785US"],
    "canada_post": ["0073938000549297", "4002-8470-1640-5018", "LM123456785CA"],
}


@pytest.mark.parametrize(("carrier", "number"), [(carrier, number) for carrier in KNOWN for number in KNOWN[carrier]])
def test_numbers_of_the_carriers_we_know_are_found(carrier: str, number: str) -> None:
    assert carrier in {candidate.post or candidate.carrier for candidate in candidates(number)}


@pytest.mark.parametrize("number", ["40123456789", "3SABCD1234567", "6A12345678901", "520000012680041086770096"])
def test_a_number_without_a_check_digit_is_never_checked_nor_taken_without_asking(number: str) -> None:
    found = candidates(number, carriers=["gls", "postnl", "colissimo", "inpost"], learnt={shape(number): "gls"})
    assert found
    assert not any(candidate.checked for candidate in found)
    assert sure(found) is None


def test_every_valid_number_of_the_shared_set_is_found_and_no_invalid_one_is_checked(shared_data: Path) -> None:
    with (shared_data / "tracking_numbers" / "vectors.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = [(row, candidates(row["number"])) for row in rows]
    valid = [(row["courier"], [each.carrier for each in seen]) for row, seen in found if row["kind"] == "valid"]
    assert [(courier, seen) for courier, seen in valid if courier != (seen or [""])[0]] == []
    invalid = [(row["number"], seen) for row, seen in found if row["kind"] == "invalid"]
    assert [(number, seen) for number, seen in invalid if any(each.checked for each in seen)] == []


def test_a_format_of_the_shared_set_is_one_of_ours(shared_data: Path) -> None:
    named = {json.loads(file.read_text())["courier_code"] for file in (shared_data / "tracking_numbers").glob("*.json")}
    assert named <= {form.carrier for form in FORMATS}


@pytest.mark.parametrize(
    ("check", "serial", "due"),
    [
        ("gs1", "34043416109404255", "7"),
        ("luhn", "7992739871", "3"),
        ("fedex", "98657878885", "5"),
        ("ups", "5R8939035756712", "7"),
        ("seven", "331881002", "5"),
        ("identcode", "56310243031", "3"),
        ("s10", "12345678", "5"),
        ("mod37", "09980000020033", "F"),
    ],
)
def test_check_digits_are_computed_as_their_owners_say(check: str, serial: str, due: str) -> None:
    assert CHECKS[check][0](serial) == due


@pytest.mark.parametrize("number", [KNOWN["ups"][0], KNOWN["usps"][0], KNOWN["dhl"][0], "986578788855"])
def test_one_wrong_digit_is_noticed(number: str) -> None:
    was = candidates(number)[0]
    for at in range(4, len(number)):
        if number[at].isdigit():
            wrong = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
            assert (was.carrier, True) not in {(each.carrier, each.checked) for each in candidates(wrong)}


def test_all_noughts_are_nobodys_number() -> None:
    assert not any(candidate.checked for length in range(8, 35) for candidate in candidates("0" * length))


def test_spaces_hyphens_case_and_foreign_digits_are_forgiven() -> None:
    plain = candidates("1Z5R89390357567127")
    for written in (
        " 1z-5r8 939_03 5756 7127 ",
        "\uff11\uff3a5R89390357567127",
        "1Z5R\u00a08939\u200b0357\u2013567127",
        "1Z5R8\u0669390357567127",
    ):
        assert candidates(written) == plain


def test_an_international_number_names_the_post_and_is_taken_as_the_carrier_behind_it() -> None:
    british, mongolian, nowhere = (candidates(f"RB123456785{country}") for country in ("GB", "MN", "QQ"))
    assert (british[0].carrier, british[0].service, sure(british)) == ("s10", "Royal Mail", "royal_mail")
    assert (mongolian[0].service, sure(mongolian)) == ("Mongol Post", "s10")
    assert "s10" not in {candidate.carrier for candidate in nowhere}


def test_a_check_digit_comes_first_then_what_was_learnt_then_the_stores_carriers_then_the_lane() -> None:
    number = "287809468872"
    assert [each.carrier for each in candidates(number)] == ["purolator", "fedex", "gls"]
    assert _first(candidates(number, origin="CA")) == "purolator"
    assert _first(candidates(number, origin="CA", carriers=["FedEx Ground"])) == "fedex"
    learnt = candidates(number, carriers=["fedex"], learnt={shape(number): "Purolator"})
    assert _first(learnt) == "purolator"
    by_hand = candidates(number, learnt={shape(number): "gls"})
    assert [each.carrier for each in by_hand] == ["purolator", "fedex", "gls"]


def test_the_lane_decides_between_equals() -> None:
    number = "1234567890123456"
    assert _first(candidates(number, destination="GB-ENG")) == "evri"
    assert _first(candidates("71234567890123456"[:16], origin="AU")) == "auspost"


def test_two_that_both_check_are_a_question_until_the_store_is_known_to_work_with_one() -> None:
    number = "287809468872"
    assert sure(candidates(number)) is None
    assert sure(candidates(number, carriers=["fedex"])) == "fedex"
    assert sure(candidates(number, carriers=["fedex", "purolator"])) is None


def test_one_digit_of_chance_is_not_sure_unless_the_store_works_with_the_carrier() -> None:
    assert sure(candidates("3318810025")) is None
    assert sure(candidates("3318810025", carriers=["DHL Express"])) == "dhl"


def test_a_correction_is_never_overruled_without_asking() -> None:
    number = "1Z5R89390357567127"
    assert sure(candidates(number)) == "ups"
    found = candidates(number, learnt={shape(number): "Night Owl"})
    assert ("Night Owl", False) in {(each.carrier, each.checked) for each in found}
    assert sure(found) is None


def test_a_short_german_number_is_checked_only_at_a_shop_that_ships_with_dhl() -> None:
    assert not candidates("563102430313")[0].checked
    at_home = candidates("563102430313", carriers=["DHL Paket"])
    assert (at_home[0].carrier, at_home[0].checked, sure(at_home)) == ("dhl", True, "dhl")
    assert "dhl" not in {each.carrier for each in candidates("563102430314", carriers=["DHL Paket"])}


def test_numbers_of_one_format_have_one_shape_and_others_another() -> None:
    assert shape("1Z5R89390357567127") == shape("1z 999AA10123456784")
    assert shape("RB123456785GB") == shape("LM987654326GB") == "S10:GB"
    assert shape("40123456789") == shape("40987654321")
    assert (
        len({shape(number) for number in ("40123456789", "401234567890", "00340434161094042557", "3SABCD1234567")}) == 4
    )
    assert shape("") == shape("none") == ""


@pytest.mark.parametrize(
    "number", ["", " ", "-", "0", "tracking number", "\x00", "9" * 100_000, "1Z" * 50_000, "é" * 30, "½", "①②③"]
)
def test_what_is_no_number_has_no_candidate(number: str) -> None:
    assert candidates(number) == []
    assert sure([]) is None


@given(st.text(max_size=60))
def test_any_text_is_survived(number: str) -> None:
    found = candidates(number, learnt={shape(number): "gls"} if shape(number) else {})
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert all(0 <= each.score <= 1 for each in found)
    assert len({each.carrier for each in found}) == len(found)
    assert len(shape(number)) <= 80


@given(st.from_regex(r"\A[0-9A-Z]{4,40}\Z"))
def test_how_a_number_is_written_changes_nothing(number: str) -> None:
    assert candidates(" ".join(number.lower())) == candidates(number)


def test_a_number_takes_less_than_a_tenth_of_a_millisecond() -> None:
    numbers = [number for known in KNOWN.values() for number in known] * 20
    spent = []
    for _ in range(3):
        began = time.perf_counter()
        for number in numbers:
            candidates(number)
        spent.append((time.perf_counter() - began) / len(numbers))
    assert min(spent) < 100e-6


def test_the_command_answers_a_json_line_for_each_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("RB123456785GB\n\n40123456789\n"))
    cli.main(["recognise", "-", "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["number"] for line in lines] == ["RB123456785GB", "", "40123456789"]
    assert lines[0]["candidates"][0].keys() == {"carrier", "service", "checked", "score"}
    assert lines[1]["candidates"] == []


def test_the_command_takes_one_number_and_says_it_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["recognise", "1Z5R89390357567127"])
    assert "check digit holds" in capsys.readouterr().out
    cli.main(["recognise", "nothing"])
    assert "no carrier that we know" in capsys.readouterr().out


def _first(found: list[Candidate]) -> str:
    return found[0].carrier
