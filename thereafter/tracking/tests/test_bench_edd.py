"""`thereafter bench edd`: its last line, and that the bars hold on the sample."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from thereafter.tracking import olist_bench
from thereafter.tracking.rules.forecast import boosting


def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict:
    call_command("bench", "edd", str(folder), "--json")
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.timeout(300)
def test_the_lane_tables_and_the_alerts_reach_their_bars(
    shared_data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boosting, "lightgbm", None)
    report = run(shared_data / "olist", capsys)
    lane, retailer = report["models"]["lane"], report["models"]["retailer"]
    alert = next(one for one in report["alerts"] if one["threshold"] == 0.7)
    assert set(report["models"]) == {"retailer", "lane"}
    assert retailer["mae_days"] == pytest.approx(13.59, abs=0.01)
    assert lane["mae_days"] <= 4.4
    assert 0.78 <= lane["coverage"] <= 0.84
    assert lane["width_days"] <= 17
    assert alert["precision"] >= 0.58
    assert alert["recall"] >= 0.84


def test_the_sample_is_read_as_it_was_measured(shared_data: Path) -> None:
    trips = olist_bench.read(shared_data / "olist")
    before = trips.ordered_at < olist_bench.day_of("2018-04-01 00:00:00")
    assert (before.sum(), (~before).sum()) == (3_447, 1_717)


def test_another_folder_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="does not hold the Olist tables"):
        call_command("bench", "edd", str(tmp_path))
