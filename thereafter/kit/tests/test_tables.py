"""Cells for spreadsheets, and days from addresses."""

from datetime import date

import pytest

from thereafter.kit.tables import harmless
from thereafter.kit.written_dates import asked_day


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_is_never_run_as_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Ann", "a=b", -2, 0.5, None])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert harmless(cell) == cell


def test_a_day_that_is_none_or_too_far_away_was_not_asked_for() -> None:
    assert asked_day("2026-03-01") == date(2026, 3, 1)
    assert [asked_day(text) for text in (None, "", "soon", "2026-02-30", "0001-01-01", "9999-12-31")] == [None] * 6
