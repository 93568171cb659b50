"""Points on birthdays: the day in the member's zone, once a year, told of early enough."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from thereafter.events.loyalty import MilestoneReached
from thereafter.loyalty.actions import birthdays, days, members
from thereafter.loyalty.models import Entry, Member, Programme
from thereafter.loyalty.rules import birthdays as rules
from thereafter.loyalty.tests.givings import has, join, moment, publish
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.tests.tools import assert_recorded

GIVEN: dict[str, Any] = {"birthday": {"points": 200, "min_notice_days": 30}}
pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    made = make_store(time_zone="UTC")
    publish(made, **GIVEN)
    return made


def born(member: Member, month: int, day: int, *, told: str = "2026-01-01 10:00", zone: str = "") -> Member:
    if zone:
        Member.objects.filter(pk=member.pk).update(time_zone=zone)
        member.refresh_from_db()
    members.set_birthday(member, month=month, day=day, now=moment(told))
    return member


def run(store: Store, at: str, since: str = "") -> int:
    return birthdays.run(store.pk, moment(at), moment(since) if since else None)


def test_points_come_on_the_day_and_once(store: Store) -> None:
    ann = born(join(store), 3, 20)
    assert run(store, "2026-03-19 23:59") == 0
    assert run(store, "2026-03-20 00:00") == 200
    assert run(store, "2026-03-20 18:00") == 0
    assert has(ann) == 200
    assert_recorded(MilestoneReached, key="birthday:2026", kind="birthday", number=2026, points=200)
    assert Entry.objects.get(reason="birthday").snapshot["on"] == "2026-03-20"


def test_whoever_tells_of_it_shortly_before_is_given_next_year(store: Store) -> None:
    ann = born(join(store), 3, 20, told="2026-03-01 10:00")
    assert run(store, "2026-03-20 10:00") == 0
    assert run(store, "2027-03-20 10:00") == 200
    born(ann, 6, 15, told="2027-04-01 10:00")
    assert run(store, "2027-06-15 10:00") == 0
    assert has(ann) == 200
    assert run(store, "2028-06-15 10:00") == 200


@pytest.mark.parametrize(("told", "given"), [("2026-02-18 23:59", 200), ("2026-02-19 00:00", 0)])
def test_thirty_days_of_notice_are_enough(store: Store, told: str, given: int) -> None:
    born(join(store), 3, 20, told=told)
    assert run(store, "2026-03-20 10:00") == given


def test_whoever_brought_it_from_elsewhere_gave_notice_there(store: Store) -> None:
    ann = born(join(store), 3, 20)
    Member.objects.filter(pk=ann.pk).update(birthday_set_at=None)
    assert run(store, "2026-03-20 10:00") == 200


def test_29_february_is_kept_on_the_28th_and_the_members_own_zone_decides(store: Store) -> None:
    born(join(store), 2, 29, zone="Pacific/Auckland", told="2026-01-01 00:00")
    assert run(store, "2026-02-27 10:59") == 0
    assert run(store, "2026-02-27 11:00") == 200
    assert run(store, "2028-02-28 12:00") == 200


def test_without_a_zone_of_their_own_the_programmes_decides() -> None:
    store = make_store(time_zone="America/New_York")
    publish(store, **GIVEN)
    born(join(store), 3, 20)
    assert run(store, "2026-03-20 03:59") == 0
    assert run(store, "2026-03-20 04:00") == 200


def test_days_on_which_nobody_ran_are_made_up_for(store: Store) -> None:
    born(join(store), 3, 20)
    assert run(store, "2026-03-25 10:00") == 0
    assert run(store, "2026-03-25 10:00", since="2026-03-18 10:00") == 200


def test_a_birthday_around_new_year_is_of_its_own_year(store: Store) -> None:
    born(join(store), 12, 31)
    assert run(store, "2027-01-01 10:00", since="2026-12-30 10:00") == 200
    assert_recorded(MilestoneReached, key="birthday:2026")


def test_a_tier_may_give_more_and_never_less(store: Store) -> None:
    tiers = [
        {"name": "Silver", "key": "silver", "min": "1", "benefits": {"birthday_points": 50}},
        {"name": "Gold", "key": "gold", "min": "2", "benefits": {"birthday_points": 500}},
    ]
    publish(store, at=moment("2025-01-01 00:00"), **GIVEN, tiers=tiers)
    for email, tier in (("s@example.com", "silver"), ("g@example.com", "gold")):
        Member.objects.filter(pk=born(join(store, email), 3, 20).pk).update(tier=tier)
    assert run(store, "2026-03-20 10:00") == 200 + 500


def test_whoever_left_or_is_held_out_gets_none(store: Store) -> None:
    members.leave(born(join(store, "a@example.com"), 3, 20), now=moment("2026-02-01 00:00"))
    Member.objects.filter(pk=born(join(store, "b@example.com"), 3, 20).pk).update(is_held_out=True)
    assert run(store, "2026-03-20 10:00") == 0


def test_without_birthdays_in_the_programme_nothing_is_given() -> None:
    store = make_store()
    publish(store)
    born(join(store), 3, 20)
    assert run(store, "2026-03-20 10:00") == 0


def test_the_job_looks_after_each_shop_once_and_remembers_until_when(store: Store) -> None:
    ann = born(join(store), 3, 20)
    days.look_after(moment("2026-03-19 10:00"))
    assert days.look_after(moment("2026-03-22 10:00")) == 200
    assert days.look_after(moment("2026-03-22 10:00")) == 0
    assert days.look_after(moment("2026-03-22 11:00")) == 0
    assert has(ann) == 200
    assert Programme.objects.of(store).get().days_done_until == moment("2026-03-22 11:00")


def test_thirty_birthdays_take_as_many_queries_as_three() -> None:
    counted = []
    for slug, people in (("few", 3), ("many", 30)):
        store = make_store(slug)
        publish(store, **GIVEN)
        for number in range(people):
            born(join(store, f"m{number}@example.com"), 3, 20)
        with CaptureQueriesContext(connection) as queries:
            assert run(store, "2026-03-20 10:00") == people * 200
        counted.append(len(queries))
    assert counted[1] <= counted[0]


@pytest.mark.parametrize(
    ("year", "kept"), [(2026, date(2026, 2, 28)), (2028, date(2028, 2, 29)), (2100, date(2100, 2, 28))]
)
def test_leap_days_in_every_year(year: int, kept: date) -> None:
    assert rules.kept_on(2, 29, year) == kept


def test_days_of_people_whose_day_is_kept_in_a_span() -> None:
    assert list(rules.days_between(date(2026, 2, 27), date(2026, 3, 1))) == [(3, 1), (2, 28), (2, 29), (2, 27)]
    assert len(set(rules.days_between(date(2020, 1, 1), date(2026, 1, 1)))) == 366


@pytest.mark.parametrize(("month", "day", "there_is"), [(2, 29, True), (2, 30, False), (13, 1, False), (4, 31, False)])
def test_days_that_there_are(month: int, day: int, there_is: bool) -> None:
    assert rules.is_day(month, day) is there_is
