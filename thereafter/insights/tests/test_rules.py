from datetime import date

from thereafter.insights.rules import days as rules
from thereafter.insights.rules.days import Days

MARCH = Days(date(2026, 3, 1), date(2026, 3, 31))


def test_the_days_before_are_as_many_and_touch() -> None:
    assert MARCH.before == Days(date(2026, 1, 29), date(2026, 2, 28))
    assert len(MARCH.before) == len(MARCH) == 31
    assert len(MARCH.with_before()) == 62


def test_one_day_is_a_period() -> None:
    today = Days(date(2026, 3, 1), date(2026, 3, 1))
    assert list(today) == [date(2026, 3, 1)]
    assert today.before == Days(date(2026, 2, 28), date(2026, 2, 28))


def test_weeks_begin_on_monday_and_empty_ones_are_kept() -> None:
    weeks = rules.by_week({date(2026, 3, 1): 2, date(2026, 3, 31): 5, date(2026, 4, 1): 9}, MARCH)
    assert weeks[date(2026, 2, 23)] == 2
    assert weeks[date(2026, 3, 30)] == 5
    assert list(weeks.values()) == [2, 0, 0, 0, 0, 5]


def test_nothing_is_divided_by_nothing() -> None:
    assert rules.share(0, 0) is None
    assert rules.change(5, 0) is None
    assert rules.change(15, 10) == 0.5


def test_four_and_five_of_five_are_happy() -> None:
    assert [score for score in range(1, 6) if rules.is_happy(score)] == [4, 5]
