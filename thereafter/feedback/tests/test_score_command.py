"""`thereafter score`: the score of a file of answers, for people and for programs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from thereafter.commerce.connectors.tables import LONGEST_FIELD


def csv_of(path: Path, counts: dict[int, int], name: str = "a.csv") -> Path:
    file = path / name
    rows = [str(score) for score, times in counts.items() for _ in range(times)]
    file.write_text("\n".join(["score", *rows, ""]))
    return file


def scored(capsys: pytest.CaptureFixture[str], kind: str, file: Path, **options: Any) -> dict[str, Any]:
    call_command("score", kind, str(file), json=True, **options)
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_nps_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = scored(capsys, "nps", csv_of(tmp_path, {10: 50, 8: 30, 3: 20}))
    assert (found["score"], found["n"], found["refused"]) == (30.0, 100, 0)
    assert (found["promoters"], found["passives"], found["detractors"]) == (50, 30, 20)
    assert found["low"] == pytest.approx(14.05, abs=0.01)
    assert found["high"] == pytest.approx(44.20, abs=0.01)


def test_csat_of_a_file_in_per_cent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = scored(capsys, "csat", csv_of(tmp_path, {5: 50, 4: 30, 2: 20}))
    assert (found["score"], found["satisfied"], found["mean"]) == (80.0, 80, 4.1)
    assert (round(found["low"], 1), round(found["high"], 1)) == (71.1, 86.7)


def test_ces_of_a_file_is_the_mean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = scored(capsys, "ces", csv_of(tmp_path, {7: 2, 6: 1, 5: 1, 3: 1}))
    assert (found["score"], found["mean"], found["share"], found["index"]) == (5.6, 5.6, 0.8, 40.0)
    assert found["low"] == pytest.approx(3.522, abs=0.001)


def test_two_files_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = csv_of(tmp_path, {10: 60, 8: 25, 3: 15})
    before = csv_of(tmp_path, {10: 50, 8: 30, 3: 20}, "b.csv")
    found = scored(capsys, "nps", now, against=str(before))
    assert (found["score"], found["against"]["score"], found["difference"]) == (45.0, 30.0, 15.0)
    assert (round(found["z"], 2), found["significant"]) == (1.39, False)
    assert found["verdict"] == "no significant change"


def test_who_did_not_answer_does_not_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = csv_of(tmp_path, {10: 50, 8: 30, 3: 20})
    file.write_text(file.read_text() + "\n" * 25)
    found = scored(capsys, "nps", file)
    assert (found["score"], found["n"], found["refused"]) == (30.0, 100, 25)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_are_read_as_people_export_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], delimiter: str, end: str, encoding: str
) -> None:
    rows = [["id", " Score ", "comment"], ["1", "9", '"über; zwei\nZeilen, ja"'], ["2", "9.0", ""], ["3", "0", "x"]]
    text = end.join(delimiter.join(row) for row in rows)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    found = scored(capsys, "nps", tmp_path / "a.csv")
    assert (found["promoters"], found["detractors"], found["refused"]) == (2, 1, 0)


def test_what_is_no_score_is_listed_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("id,score\n1,5\n2,\n3,good\n4,6\n5,4.5\n6,-1\n7\n8,4\n")
    call_command("score", "csat", str(tmp_path / "a.csv"), json=True)
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert (found["n"], found["refused"], found["score"]) == (2, 6, 100.0)
    assert "line 3: has no score" in told.err
    assert "line 4: 'good' is not a whole number" in told.err
    assert "line 5: the score is 6; it must be a whole number from 1 to 5" in told.err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        ("rating\n5\n", "no column 'score'; its first line has 'rating'"),
        ("score\n", "a heading and no answers"),
        ("score\nten\n\n", "none of the 2 rows has a score that can be read; line 2: 'ten'"),
        # Longer than any reader of ours takes a cell to be.
        ("score,x\n9," + "y" * (LONGEST_FIELD + 1), "line 2 cannot be read as CSV"),
    ],
)
def test_a_file_without_scores_is_refused_with_a_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("score", "nps", str(tmp_path / "a.csv"), json=True)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("score", "nps", str(tmp_path / "a.csv"))


def test_people_read_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now, before = csv_of(tmp_path, {7: 2, 6: 1, 5: 1, 3: 1}), csv_of(tmp_path, {4: 2, 3: 1, 1: 1}, "b.csv")
    call_command("score", "ces", str(now), against=str(before))
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("CES 5.60, in 95 of 100 cases between 3.52 and 7.00 (5 answers")
    assert told[2].startswith("Verdict: significantly higher. The difference is +2.60")


def test_the_command_answers_without_settings_or_a_database(tmp_path: Path) -> None:
    file = csv_of(tmp_path, {10: 1})
    asked = [sys.executable, "-m", "thereafter.config.cli", "score", "nps", str(file), "--json"]
    env = {"DJANGO_SETTINGS_MODULE": "nowhere", "PATH": ""}
    done = subprocess.run(asked, capture_output=True, text=True, env=env, check=False)
    assert json.loads(done.stdout)["score"] == 100.0
    done = subprocess.run([*asked[:-2], "no.csv"], capture_output=True, text=True, env=env, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "CommandError: no.csv cannot be read" in done.stderr
