"""Birthdays and other days of customers' own."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.events.customers import CustomerDateCame
from thereafter.journeys.actions import dates, publishing
from thereafter.journeys.models import Journey, Run
from thereafter.journeys.rules.anniversaries import days_meant
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
# In Berlin it is two hours later.
MORNING = datetime(2026, 6, 1, 7, 30, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


def person(store: Store, email: str = "ann@example.com", **traits: Any) -> Customer:
    with clock.at(MORNING - timedelta(days=90)):
        customer = make_order(store, email=email, placed_at=MORNING - timedelta(days=90)).customer
        set_traits(store, {customer.pk: traits})
        run_until_idle()
    return customer


def birthday_journey(store: Store, **trigger: Any) -> Journey:
    journey = Journey.objects.create(
        store=store, key=f"b{Journey.objects.count()}", name="B", live=True, created_at=MORNING
    )
    document = {
        "trigger": {"date": "trait.birthday", "yearly": True, "at": "09:00", **trigger},
        "steps": [{"id": "rest", "kind": "wait", "days": 1}],
    }
    publishing.publish(journey, document, now=MORNING)
    return journey


def told(store: Store) -> list[tuple[int | None, str, int]]:
    rows = Entry.objects.of(store).filter(name=CustomerDateCame.name).order_by("id")
    return [(row.customer_id, row.payload["on"], row.payload["days"]) for row in rows]


def test_a_birthday_lets_its_customer_in_once(store: Store) -> None:
    ann = person(store, birthday="1990-06-01")
    person(store, "bob@example.com", birthday="1990-06-02")
    birthday_journey(store)
    with clock.at(MORNING):
        dates.tell_of_days(MORNING)
        dates.tell_of_days(MORNING + timedelta(hours=1))
        run_until_idle()
    assert told(store) == [(ann.pk, "2026-06-01", 0)]
    assert Run.objects.of(store).get().customer_id == ann.pk


def test_next_year_it_comes_again(store: Store) -> None:
    person(store, birthday="1990-06-01T00:00:00Z")
    birthday_journey(store)
    dates.tell_of_days(MORNING)
    dates.tell_of_days(datetime(2027, 6, 1, 8, tzinfo=UTC))
    assert [on for _, on, _ in told(store)] == ["2026-06-01", "2027-06-01"]


def test_it_waits_for_its_hour_in_the_shops_zone(store: Store) -> None:
    person(store, birthday="1990-06-01")
    birthday_journey(store)
    assert dates.tell_of_days(datetime(2026, 6, 1, 6, 59, tzinfo=UTC)) == 0
    assert dates.tell_of_days(datetime(2026, 6, 1, 7, 0, tzinfo=UTC)) == 1


@pytest.mark.parametrize(("days", "born"), [(-3, "1990-06-04"), (0, "1990-06-01"), (7, "1990-05-25")])
def test_days_are_before_or_after_the_day(store: Store, days: int, born: str) -> None:
    ann = person(store, birthday=born)
    birthday_journey(store, days=days)
    dates.tell_of_days(MORNING)
    assert told(store) == [(ann.pk, f"2026-{born[5:]}", days)]


def test_a_day_that_was_missed_by_more_than_a_day_is_not_told_of(store: Store) -> None:
    person(store, birthday="1990-05-30")
    ann = person(store, "ann2@example.com", birthday="1990-05-31")
    birthday_journey(store, at="12:00")
    dates.tell_of_days(MORNING)
    assert [customer for customer, _, _ in told(store)] == [ann.pk]


@pytest.mark.parametrize(
    ("on", "meant"),
    [
        (date(2026, 2, 28), ("02-28", "02-29")),
        (date(2028, 2, 28), ("02-28",)),
        (date(2028, 2, 29), ("02-29",)),
        (date(2026, 3, 1), ("03-01",)),
    ],
)
def test_who_was_born_on_a_leap_day_has_it_on_the_28th_of_other_years(on: date, meant: tuple[str, ...]) -> None:
    assert days_meant(on) == meant


def test_a_leap_day_is_found(store: Store) -> None:
    ann = person(store, birthday="1992-02-29")
    birthday_journey(store)
    dates.tell_of_days(datetime(2026, 2, 28, 9, tzinfo=UTC))
    dates.tell_of_days(datetime(2026, 3, 1, 9, tzinfo=UTC))
    assert told(store) == [(ann.pk, "2026-02-28", 0)]


def test_an_anniversary_is_never_the_first_day_itself(store: Store) -> None:
    person(store, birthday="2026-06-01")
    birthday_journey(store)
    assert dates.tell_of_days(MORNING) == 0


def test_a_day_that_is_not_yearly_comes_once(store: Store) -> None:
    ann = person(store, birthday="2026-06-01")
    person(store, "bob@example.com", birthday="1990-06-01")
    birthday_journey(store, yearly=False)
    dates.tell_of_days(MORNING)
    assert told(store) == [(ann.pk, "2026-06-01", 0)]


@pytest.mark.parametrize("value", ["", "soon", "2023-06-31", 19900601, True, None, "1990-6-1"])
def test_what_is_no_day_never_comes(store: Store, value: Any) -> None:
    person(store, birthday=value)
    birthday_journey(store)
    birthday_journey(store, yearly=False)
    assert dates.tell_of_days(MORNING) == 0


def test_a_journey_that_is_off_waits_for_no_day(store: Store) -> None:
    person(store, birthday="1990-06-01")
    Journey.objects.filter(pk=birthday_journey(store).pk).update(live=False)
    assert dates.tell_of_days(MORNING) == 0


def test_customers_of_another_shop_have_no_birthday_here(store: Store) -> None:
    person(make_store("theirs"), birthday="1990-06-01")
    birthday_journey(store)
    assert dates.tell_of_days(MORNING) == 0
