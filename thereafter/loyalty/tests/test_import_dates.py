"""Dates of files from elsewhere that no calendar can hold in every zone."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from thereafter.loyalty.console.forms import AdjustForm
from thereafter.loyalty.importing.values import BadCell, moment

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize("text", ["9999-12-31", "9999-12-31T23:59:59-05:00", "0001-01-01", "31.12.9999"])
def test_a_day_at_the_end_of_the_calendar_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadCell, match="too far away"):
        moment(text, "", NEW_YORK, ends=True)


def test_points_by_hand_do_not_end_after_the_calendar() -> None:
    given = {"points": "5", "reason": "Sorry", "ends_on": "9999-12-31", "once": "k"}
    form = AdjustForm(given, today=date(2026, 3, 2), zone=NEW_YORK)
    assert not form.is_valid()
    assert list(form.errors) == ["ends_on"]
