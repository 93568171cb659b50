"""`thereafter bench clv`: the published figures from transactions, and clear words for files that cannot be read."""

import csv
import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from thereafter.insights import clv_bench
from thereafter.insights.tests.clv_makers import sample

CUT = date(1997, 9, 30)
KEYS = {"r", "alpha", "a", "b", "p", "q", "gamma", "holdout_mae", "holdout_rmse", "holdout_total_error", "fit_seconds"}


def written(folder: Path, text: str) -> Path:
    path = folder / "told.csv"
    path.write_text(text, encoding="utf-8")
    return path


def transactions(histories: list[tuple[int, int, int, float]]) -> list[tuple[str, date, float]]:
    """Purchases that have just these histories at the cut; each customer comes back once, on the day after."""
    told = []
    for customer, (frequency, recency, age, mean) in enumerate(histories):
        first = CUT - timedelta(days=age)
        days = [0, *range(1, frequency), *([recency] if frequency else []), age + 1]
        told += [(f"c{customer}", first + timedelta(days=day), 99.0 if day in (0, age + 1) else mean) for day in days]
    return told


def test_transactions_of_the_published_sample_give_the_published_rates(tmp_path: Path) -> None:
    told = sample()
    rows = np.repeat(np.column_stack([told.frequency, told.recency, told.age]), told.weight, axis=0)
    bought = transactions([(x, t_x, t, 20.0 + place % 9) for place, (x, t_x, t) in enumerate(rows.tolist())])
    lines = [f"{day:%Y%m%d},{amount:.2f},{who}" for who, day, amount in bought]
    report = clv_bench.measure_files(written(tmp_path, "\n".join(["date,amount,customer", *lines])), CUT)
    assert set(report) >= KEYS
    assert [report[name] for name in ("r", "alpha", "a", "b")] == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=6e-4)
    assert report["log_likelihood"] == pytest.approx(-9582.4, abs=0.05)
    assert report["customers"] == report["holdout_actual"] == 2357


def test_the_published_spending_comes_out_of_transactions(tmp_path: Path, shared_data: Path) -> None:
    with (shared_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv").open() as file:
        rows = [[float(cell) for cell in row[1:]] for row in list(csv.reader(file))[1:]]
    bought = transactions([(int(x), round(t_x * 7), round(t * 7), mean) for x, t_x, t, mean in rows])
    lines = [f"{who};{amount:.2f};{day}" for who, day, amount in bought]
    report = clv_bench.measure_files(written(tmp_path, "\n".join(["Customer;Amount;Date", *lines])), CUT)
    assert [report[name] for name in ("p", "q", "gamma")] == pytest.approx([6.25, 3.74, 15.44], rel=2e-3)
    assert "purchases expected" in clv_bench.in_words(report)


PLAIN = "customer,date,amount\na,1997-01-01,10\na,1997-03-01,7.50\nb,1997-02-01,4\nc,1997-01-05,3\nb,1997-12-24,9\n"


def test_two_purchases_on_one_day_are_one_and_others_columns_are_let_be(tmp_path: Path) -> None:
    twice = PLAIN.replace("a,1997-03-01,7.50\n", "a,1997-03-01,2.50\na,1997-03-01 18:30:00,5\n")
    more = "\n".join(f"{line},x" for line in twice.splitlines())
    one, other = (clv_bench.measure_files(written(tmp_path, text), CUT) for text in (PLAIN, more))
    for report in (one, other):
        assert report["holdout_days"] == 85
        assert (report["customers"], report["repeaters"], report["holdout_actual"]) == (3, 1, 1)
    assert one["r"] == other["r"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no column customer or date or amount"),
        ("customer,day,amount\na,1997-01-01,1\n", "no column date; its first line names: customer, day, amount"),
        (PLAIN + "d,1997-13-01,5\n", "line 7: the date “1997-13-01” is none; write it as 1997-09-30"),
        (PLAIN + "d,1997-01-01,five\n", "line 7: the amount “five” is no number"),
        (PLAIN + "d,1997-01-01,-5\n", "line 7: the amount -5 is below nought"),
        (PLAIN + ",1997-01-01,5\n", "line 7: it names no customer"),
        (PLAIN + "d,1997-01-01\n", "line 7: it does not have as many columns"),
        (PLAIN + "d,1997-01-01,5,6\n", "line 7: it does not have as many columns"),
        ("customer,date,amount\n", "holds no purchase"),
        ("customer,date,amount\na,1997-01-01,1\n", "ends on 1997-01-01; nothing follows 1997-09-30"),
        ("customer,date,amount\na,1998-01-01,1\n", "begins on 1998-01-01, after 1997-09-30"),
        ("customer,date,amount\na,1997-01-01,1\na,1997-12-01,1\n", "Nobody has bought a second time"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        clv_bench.measure_files(written(tmp_path, text), CUT)
    assert sentence in str(raised.value)


def test_a_file_that_is_not_there_or_no_text_is_said_too(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("bench", "clv", str(tmp_path / "nowhere.csv"), calibration_end=CUT)
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"picture\.csv"):
        clv_bench.measure_files(tmp_path / "picture.csv", CUT)


def test_the_command_ends_with_one_line_of_json(tmp_path: Path) -> None:
    out = StringIO()
    call_command("bench", "clv", str(written(tmp_path, PLAIN)), calibration_end=CUT, json=True, stdout=out)
    report = json.loads(out.getvalue().splitlines()[-1])
    assert set(report) >= KEYS
    assert report["p"] is None  # One customer paid for a second purchase: all spend the same.
