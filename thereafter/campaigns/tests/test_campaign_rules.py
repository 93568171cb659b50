"""Who gets what, and when: pure rules."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from thereafter.campaigns.rules import drawing, plans, timing, winners
from thereafter.campaigns.rules.plans import Plan, Variant
from thereafter.campaigns.rules.winners import Tried

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
LOCAL = Plan(when="local", at="2026-03-29T10:00")
ZONES = sorted(
    zone for zone in available_timezones() if zone.split("/")[0] in ("Africa", "America", "Asia", "Europe", "Pacific")
)


def test_a_readers_own_hour_comes_once_within_twenty_six_hours_wherever_they_are() -> None:
    launch = timing.launch_at(LOCAL, now=NOW, shop_zone="Europe/Berlin")
    assert launch == datetime(2026, 3, 28, 20, tzinfo=UTC)
    for name in ZONES:
        due = timing.due_at(LOCAL, zone=name, launched_at=launch)
        assert launch <= due <= launch + timedelta(hours=26), name
        # 29 March is the day on which clocks in Europe jump; ten o'clock is still ten o'clock.
        assert due.astimezone(ZoneInfo(name)).strftime("%d %H:%M") == "29 10:00", name


def test_where_the_hour_has_passed_already_it_is_the_next_days() -> None:
    plan = Plan(when="local", at="2026-03-03T09:00")
    launch = timing.launch_at(plan, now=NOW, shop_zone="Europe/Berlin")
    assert launch == NOW
    berlin = timing.due_at(plan, zone="Europe/Berlin", launched_at=launch)
    new_york = timing.due_at(plan, zone="America/New_York", launched_at=launch)
    assert berlin == datetime(2026, 3, 4, 8, tzinfo=UTC)
    assert new_york == datetime(2026, 3, 3, 14, tzinfo=UTC)


def test_a_moment_is_meant_on_the_clock_of_the_shop() -> None:
    plan = Plan(when="at", at="2026-07-01T10:00")
    assert timing.launch_at(plan, now=NOW, shop_zone="Europe/Berlin") == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert timing.launch_at(Plan(when="at", at="2026-01-01T10:00"), now=NOW, shop_zone="UTC") == NOW


def test_a_throttle_spaces_messages_evenly() -> None:
    turns = timing.slots(Plan(throttle=120), 121, next_slot=NOW)
    assert turns[120] - turns[0] == timedelta(minutes=1)
    assert timing.slots(Plan(throttle=60, throttle_per="hour"), 2, next_slot=NOW)[1] == NOW + timedelta(minutes=1)
    assert set(timing.slots(Plan(), 5, next_slot=NOW)) == {NOW}


def test_who_waited_for_the_winner_gets_it_at_the_same_hour_of_theirs() -> None:
    due = NOW - timedelta(hours=30)
    assert timing.later(due, NOW, is_local=True) == NOW + timedelta(hours=18)
    assert timing.later(due, NOW, is_local=False) == NOW
    assert timing.later(NOW + timedelta(hours=1), NOW, is_local=True) == NOW + timedelta(hours=1)


def test_the_draw_is_even_the_same_every_time_and_apart_for_each_campaign() -> None:
    plan = Plan(holdout=20, variants=(Variant(template="a"), Variant(template="b")), test_share=30)
    drawn = [drawing.part_of(plan, 7, customer) for customer in range(20_000)]
    assert drawn == [drawing.part_of(plan, 7, customer) for customer in range(20_000)]
    shares = {part: sum(one[0] == part for one in drawn) / 20_000 for part in (drawing.HELD, drawing.TEST)}
    assert shares[drawing.HELD] == pytest.approx(0.2, abs=0.01)
    assert shares[drawing.TEST] == pytest.approx(0.8 * 0.3, abs=0.01)
    tested = [variant for part, variant in drawn if part == drawing.TEST]
    assert tested.count(0) / len(tested) == pytest.approx(0.5, abs=0.02)
    assert all(variant is None for part, variant in drawn if part != drawing.TEST)
    other = [drawing.part_of(plan, 8, customer)[0] for customer in range(20_000)]
    both = sum(one[0] == two == drawing.HELD for one, two in zip(drawn, other, strict=True)) / 20_000
    assert both == pytest.approx(0.04, abs=0.006), "the same people are not held out of everything"


def test_the_variant_with_the_highest_rate_wins_and_of_equals_the_first() -> None:
    clear = winners.choose([Tried(0, 1000, 30), Tried(1, 1000, 60)])
    assert (clear.variant, clear.is_tie) == (1, False)
    assert clear.confidence > 0.99
    tie = winners.choose([Tried(0, 100, 5), Tried(1, 100, 5)])
    assert (tie.variant, tie.is_tie, tie.confidence) == (0, True, 0.5)
    assert winners.choose([Tried(0, 0, 0), Tried(1, 0, 0)]).variant == 0
    assert winners.choose([Tried(0, 10, 1), Tried(1, 10, 2)]).confidence < 0.95


def test_a_plan_says_what_is_missing_in_its_own_part() -> None:
    known: dict[str, Any] = {"templates": {"news": "News"}, "segments": {1: "VIP"}}
    where = [problem.where for problem in plans.problems(Plan(when="at", segments=(9,)), **known)]
    assert where == ["audience", "message", "when"]
    same = Plan(variants=(Variant(template="news"), Variant(template="news")))
    assert "are the same" in next(plans.problems(same, **known)).text
    fine = Plan(variants=(Variant(template="news"), Variant(template="news", subject="Other")), segments=(1,))
    assert not list(plans.problems(fine, **known))
    assert plans.read(plans.write(fine)) == fine
