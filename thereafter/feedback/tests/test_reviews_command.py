"""`thereafter reviews` answers without a database."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

FIXTURES = Path(__file__).parent / "fixtures" / "reviews"


def test_a_file_is_read_and_what_was_not_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        "rating,body,date,handle,photos\n5,Good,2025-01-02,a,javascript:x\n4.5,So,2025-01-02,a,\n5,Good,2025-01-02,a,\n"
    )
    call_command("reviews", "read", "auto", str(file), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["rows"], told["taken"]) == ("thereafter", 3, 1)
    assert [one["line"] for one in (*told["refused"], *told["left_out"], *told["notes"])] == [3, 4, 2]
    assert told["reviews"][0]["body"] == "Good"


def test_dates_that_can_be_read_in_two_ways_are_asked_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text("rating,body,date,handle\n5,Good,05/03/2024,a\n")
    call_command("reviews", "read", "auto", str(file), "--json")
    assert json.loads(capsys.readouterr().out)["asked"] == ["05/03/2024"]
    with pytest.raises(CommandError, match="--dates dmy"):
        call_command("reviews", "write", "loox", str(file))
    call_command("reviews", "write", "loox", str(file), "--dates", "mdy")
    assert "2024-05-03" in capsys.readouterr().out


@pytest.mark.parametrize("key", ["judgeme", "judgeme_export", "okendo", "loox_export", "ryviu"])
def test_a_file_is_written_for_its_own_app_letter_by_letter(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = FIXTURES / f"{key}.csv"
    call_command("reviews", "write", key, str(file))
    assert capsys.readouterr().out == file.read_bytes().decode()


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name,points\nAnn,3\n")
    with pytest.raises(CommandError, match="needs stars, a date and a product"):
        call_command("reviews", "read", "auto", str(file))
    with pytest.raises(CommandError, match="is no time zone"):
        call_command("reviews", "read", "auto", str(FIXTURES / "loox.csv"), "--zone", "Mars/Base")
