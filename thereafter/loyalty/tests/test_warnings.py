"""Members hear that points run out, some days before and once more, and never twice."""

from datetime import date

import pytest

from thereafter.events.points import PointsExpireSoon
from thereafter.loyalty.actions import days, members, points, warnings
from thereafter.loyalty.models import Member
from thereafter.loyalty.tests.givings import join, moment, publish
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded, recorded

pytestmark = pytest.mark.django_db


def shop(mode: str = "days", *, zone: str = "UTC", **expiry: object) -> Store:
    made = make_store(time_zone=zone)
    publish(made, expiry={"mode": mode, "n": 365, **expiry})
    return made


def give(member: Member, number: int, at: str, source: str = "gift") -> None:
    award = points.Award(member.customer_id, number, f"{source}:{at}", "gift", moment(at))
    points.award_many(member.store_id, [award], now=moment(at))


def told(*, since: int = 0) -> list[tuple[int, date, int, bool]]:
    events = [event for event in recorded(PointsExpireSoon) if isinstance(event, PointsExpireSoon)]
    return [(event.points, event.on, event.days, event.last) for event in events[since:]]


def test_thirty_days_before_and_once_more_a_week_before() -> None:
    store = shop()
    ann = join(store)
    give(ann, 80, "2025-03-10 10:00")
    days.look_after(moment("2026-02-07 10:00"))
    assert told() == []
    days.look_after(moment("2026-02-08 10:00"))
    days.look_after(moment("2026-02-08 11:00"))
    assert told() == [(80, date(2026, 3, 10), 30, False)]
    days.look_after(moment("2026-03-03 10:00"))
    assert told(since=1) == [(80, date(2026, 3, 10), 7, True)]
    assert_recorded(PointsExpireSoon, times=2, customer_id=ann.customer_id)


def test_the_day_that_is_told_is_the_last_on_which_they_can_be_used() -> None:
    store = shop("end_of_month", warn_days=[3])
    give(join(store), 80, "2026-03-10 10:00")
    warnings.run(store.pk, moment("2026-03-28 10:00"))
    assert told() == [(80, date(2026, 3, 31), 3, True)]


def test_points_of_one_day_are_told_together_and_of_another_apart() -> None:
    store = shop(warn_days=[7])
    ann = join(store)
    give(ann, 80, "2025-03-10 10:00")
    give(ann, 20, "2025-03-10 18:00")
    give(ann, 5, "2025-03-11 18:00")
    warnings.run(store.pk, moment("2026-03-03 10:00"))
    assert told() == [(100, date(2026, 3, 10), 7, True)]


def test_what_was_spent_meanwhile_is_not_told() -> None:
    store = shop(warn_days=[7])
    ann = join(store)
    give(ann, 80, "2025-03-10 10:00")
    spent = moment("2025-06-01 10:00")
    points.adjust(ann.customer, points=-50, reason="spent", source="spent", by=None, now=spent)
    warnings.run(store.pk, moment("2026-03-03 10:00"))
    assert told() == [(30, date(2026, 3, 10), 7, True)]


def test_whoever_is_away_for_long_hears_of_the_whole_balance() -> None:
    store = shop("inactivity", n=None, months=6)
    ann = join(store)
    give(ann, 80, "2026-01-05 10:00")
    give(ann, 20, "2026-01-10 10:00")
    for at in ("2026-06-10 10:00", "2026-07-03 10:00"):
        days.look_after(moment(at))
    assert told() == [(100, date(2026, 7, 10), 30, False), (100, date(2026, 7, 10), 7, True)]


def test_whoever_comes_back_is_not_warned() -> None:
    store = shop("inactivity", n=None, months=6)
    ann = join(store)
    give(ann, 80, "2026-01-10 10:00")
    give(ann, 20, "2026-05-01 10:00")
    days.look_after(moment("2026-06-10 10:00"))
    assert told() == []


def test_days_are_those_of_the_shop() -> None:
    store = shop(zone="Pacific/Auckland", warn_days=[7])
    give(join(store), 80, "2025-03-10 10:00")
    warnings.run(store.pk, moment("2026-03-02 10:00"))
    assert told() == []
    warnings.run(store.pk, moment("2026-03-02 12:00"))
    assert told() == [(80, date(2026, 3, 10), 7, True)]


def test_a_day_on_which_nobody_ran_is_made_up_for_with_the_days_that_are_left() -> None:
    store = shop()
    give(join(store), 80, "2025-03-10 10:00")
    warnings.run(store.pk, moment("2026-03-01 10:00"))
    warnings.run(store.pk, moment("2026-03-05 10:00"))
    assert told() == [(80, date(2026, 3, 10), 5, True)]


def test_after_a_long_rest_nobody_is_flooded_with_old_warnings() -> None:
    store = shop()
    give(join(store), 80, "2025-03-10 10:00")
    warnings.run(store.pk, moment("2025-12-01 10:00"))
    warnings.run(store.pk, moment("2026-02-20 10:00"))
    assert told() == []


def test_whoever_left_hears_nothing() -> None:
    store = shop("inactivity", n=None, months=6)
    ann = join(store)
    give(ann, 80, "2026-01-10 10:00")
    members.leave(ann, now=moment("2026-02-01 10:00"))
    days.look_after(moment("2026-06-10 10:00"))
    assert told() == []


def test_a_shop_whose_points_never_end_says_nothing() -> None:
    store = make_store()
    publish(store)
    give(join(store), 80, "2025-03-10 10:00")
    assert warnings.run(store.pk, moment("2026-03-03 10:00")) == 0
