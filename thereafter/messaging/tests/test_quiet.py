"""Nights, days off and the law, on every clock of the world."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from thereafter.messaging.rules.contact_rules import Quiet
from thereafter.messaging.rules.quiet import WEEK, Week, first_allowed, is_quiet, quiet_week, week_of

NIGHT = Quiet(channels=("email",), start="21:00", end="08:00")
NEW_YORK, BERLIN, HONOLULU = "America/New_York", "Europe/Berlin", "Pacific/Honolulu"


def moment(zone: str, *at: int) -> datetime:
    return datetime(*at, tzinfo=ZoneInfo(zone)).astimezone(UTC)  # type: ignore[misc,arg-type]  # year, month, day, …


def clock_changes(zone: ZoneInfo, year: int) -> set[date]:
    """The days of a year on which the clocks of a zone are changed."""
    noon = datetime(year, 1, 1, 12, tzinfo=UTC)
    days = [noon + timedelta(days=day) for day in range(366)]
    return {
        after.astimezone(zone).date()
        for before, after in pairwise(days)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()
    }


def quarters(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Every quarter of an hour from the evening before to the morning after."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) - timedelta(hours=6)
    return (start + timedelta(minutes=15 * step) for step in range(4 * 36))


@pytest.mark.parametrize("window", [("21:00", "08:00"), ("02:30", "06:00"), ("22:15", "02:30")])
def test_in_every_zone_nothing_goes_in_the_night_and_nothing_waits_for_ever(window: tuple[str, str]) -> None:
    week = quiet_week(Quiet(channels=("email",), start=window[0], end=window[1]), "email")
    begins, ends = window
    zones = sorted(available_timezones())
    assert len(zones) > 400
    for name in zones:
        zone = ZoneInfo(name)
        for day in clock_changes(zone, 2026) or {date(2026, 6, 1)}:
            for now in quarters(day, zone):
                until = first_allowed(week, (name,), now)
                assert until is not None
                assert now <= until <= now + timedelta(hours=13), (name, now)
                wall = f"{until.astimezone(zone):%H:%M}"
                inside = begins <= wall < ends if begins < ends else wall >= begins or wall < ends
                assert not inside, (name, now, until)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ((2026, 3, 3, 12, 0), (2026, 3, 3, 12, 0)),
        ((2026, 3, 3, 20, 59), (2026, 3, 3, 20, 59)),
        ((2026, 3, 3, 21, 0), (2026, 3, 4, 8, 0)),
        ((2026, 3, 4, 3, 0), (2026, 3, 4, 8, 0)),
        ((2026, 3, 4, 8, 0), (2026, 3, 4, 8, 0)),
    ],
)
def test_a_night_goes_over_midnight(at: tuple[int, ...], until: tuple[int, ...]) -> None:
    assert first_allowed(quiet_week(NIGHT, "email"), (BERLIN,), moment(BERLIN, *at)) == moment(BERLIN, *until)


def test_the_hour_that_comes_twice_is_quiet_both_times() -> None:
    week = quiet_week(Quiet(channels=("email",), start="22:00", end="02:30"), "email")
    first = datetime(2026, 10, 25, 0, 10, tzinfo=UTC)
    assert f"{first.astimezone(ZoneInfo(BERLIN)):%H:%M}" == "02:10"
    assert first_allowed(week, (BERLIN,), first) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_day_off_joins_the_nights_around_it() -> None:
    quiet = Quiet(channels=("email",), start="21:00", end="08:00", silent_days=(6,))
    week = quiet_week(quiet, "email")
    assert first_allowed(week, (BERLIN,), moment(BERLIN, 2026, 3, 7, 22)) == moment(BERLIN, 2026, 3, 9, 8)


def test_weekends_may_have_a_night_of_their_own() -> None:
    quiet = Quiet(channels=("email",), start="21:00", end="08:00", weekend_start="22:00", weekend_end="10:00")
    week = quiet_week(quiet, "email")
    assert not is_quiet(week, (BERLIN,), moment(BERLIN, 2026, 3, 6, 21, 30))
    assert first_allowed(week, (BERLIN,), moment(BERLIN, 2026, 3, 7, 9)) == moment(BERLIN, 2026, 3, 7, 10)
    assert first_allowed(week, (BERLIN,), moment(BERLIN, 2026, 3, 8, 23)) == moment(BERLIN, 2026, 3, 9, 8)


@pytest.mark.parametrize(
    ("state", "at", "allowed"),
    [
        ("CA", (2026, 3, 3, 7, 59), False),
        ("CA", (2026, 3, 3, 20, 59), True),
        ("FL", (2026, 3, 3, 20, 0), False),
        ("MD", (2026, 3, 3, 8, 0), True),
        ("OK", (2026, 3, 3, 20, 30), False),
        ("NJ", (2026, 3, 3, 19, 59), True),
        ("CT", (2026, 3, 3, 8, 30), False),
        ("TX", (2026, 3, 3, 20, 30), True),
        ("TX", (2026, 3, 8, 11, 0), False),
        ("TX", (2026, 3, 8, 12, 0), True),
        ("", (2026, 3, 3, 8, 30), False),
        ("", (2026, 3, 3, 12, 0), True),
    ],
)
def test_texts_keep_to_the_hours_of_the_state(state: str, at: tuple[int, ...], allowed: bool) -> None:
    week = quiet_week(Quiet(channels=(), us_law=True), "sms", "US", state)
    assert is_quiet(week, (NEW_YORK,), moment(NEW_YORK, *at)) is not allowed


def test_the_law_of_one_country_and_channel_binds_no_other() -> None:
    assert quiet_week(Quiet(channels=()), "email", "US", "FL") == Week()
    assert quiet_week(Quiet(channels=()), "sms", "DE") == Week()


def test_who_may_be_in_several_zones_is_left_alone_in_all_of_them() -> None:
    week = quiet_week(NIGHT, "email")
    zones = (NEW_YORK, HONOLULU)
    until = first_allowed(week, zones, moment(NEW_YORK, 2026, 3, 3, 9))
    assert until == moment(HONOLULU, 2026, 3, 3, 8)
    assert not is_quiet(week, zones, until)


def test_when_no_moment_suits_every_zone_none_is_named() -> None:
    week = quiet_week(Quiet(channels=("email",), start="10:00", end="09:00"), "email")
    assert first_allowed(week, (BERLIN, HONOLULU), moment(BERLIN, 2026, 3, 3, 9)) is None


@pytest.mark.parametrize(
    "stretches",
    [
        [(0, 60)],
        [(WEEK - 30, WEEK + 30)],
        [(10, 20), (15, 40), (40, 50)],
        [(WEEK - 30, WEEK + 30), (20, 60), (WEEK - 60, WEEK - 20)],
        [(day * 1440 + 1260, day * 1440 + 1920) for day in range(7)],
        [(0, WEEK)],
        [(100, 5000), (4000, WEEK + 90)],
        [(100, 5000), (4000, WEEK + 110)],
        [(0, 1440), (WEEK - 1440, WEEK)],
    ],
)
def test_a_week_says_of_every_minute_how_long_it_stays_quiet(stretches: list[tuple[int, int]]) -> None:
    week = week_of(stretches)
    silent = {minute % WEEK for start, end in stretches for minute in range(start, end)}
    for minute in range(WEEK):
        left = week.until(minute)
        assert (left is not None) == (minute in silent), minute
        if left is not None and len(silent) < WEEK:
            assert (minute + left) % WEEK not in silent
            assert all((minute + step) % WEEK in silent for step in range(0, left, 7))
