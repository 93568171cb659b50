from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from thereafter.tracking.rules import estimates
from thereafter.tracking.rules.estimates import Days


def test_a_narrow_lane_wins_over_a_wide_one() -> None:
    lanes = {"BR-SP": Days(3, 6, 9), "BR": Days(5, 10, 20), "": Days(4, 9, 18)}
    assert estimates.estimate(lanes, "BR-SP", "BR").days == Days(3, 6, 9)
    assert estimates.estimate(lanes, "BR-AM", "BR") == estimates.Estimate(Days(5, 10, 20), "lane", "BR")
    assert estimates.estimate(lanes, "PT", "BR").days == Days(4, 9, 18)


def test_without_past_deliveries_we_say_that_it_is_a_guess() -> None:
    assert estimates.estimate({}, "DE", "DE") == estimates.Estimate(estimates.DOMESTIC, "default")
    assert estimates.estimate({}, "US", "DE").days == estimates.ABROAD
    assert estimates.estimate({}, "", "DE").days == estimates.DOMESTIC


def test_fewer_than_twenty_deliveries_are_no_lane() -> None:
    known = estimates.lanes_of({"DE-BE": [2] * 19, "DE-HH": [4] * 20, "FR": [9]})
    assert set(known) == {"DE-HH", "DE", ""}
    assert known["DE"][1] == 39


def test_quantiles_are_days_that_were_seen() -> None:
    assert estimates.quantiles(list(range(1, 11))) == Days(1, 5, 9)


@given(st.lists(st.integers(0, 60), min_size=1))
def test_nine_in_ten_deliveries_took_no_longer_than_the_slow_day(days: list[int]) -> None:
    found = estimates.quantiles(days)
    assert found.fast <= found.usual <= found.slow
    assert sum(one <= found.slow for one in days) >= 0.9 * len(days)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 9), st.integers(0, 9), st.integers(-30, 30))
def test_a_range_never_begins_before_today(ordered: date, fast: int, more: int, passed: int) -> None:
    first, last = estimates.arrival(ordered, Days(fast, fast, fast + more))
    today = date.fromordinal(ordered.toordinal() + passed)
    first, last = estimates.from_today(first, last, today)
    assert today <= first <= last
