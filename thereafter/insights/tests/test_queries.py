"""Every figure against a plain count in Python over the same events, with clocks that change in between."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from thereafter.console.tiles import Period
from thereafter.events.base import Event
from thereafter.events.messages import MessageSent
from thereafter.events.orders import OrderPlaced, OrderRefunded
from thereafter.events.parcels import ParcelDelivered, ParcelLate
from thereafter.events.points import PointsAwarded
from thereafter.events.surveys import SurveyAnswerChanged, SurveyAnswered
from thereafter.insights import queries
from thereafter.insights.days import bounds, offsets
from thereafter.insights.rules.days import Days
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.models import Entry

pytestmark = pytest.mark.django_db
DAYS = Days(date(2026, 2, 1), date(2026, 11, 20))
ZONES = ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]


def write(events: Sequence[Event]) -> None:
    """Puts events on the log as `record` does, without waking those who listen."""
    Entry.objects.bulk_create(
        Entry(
            store_id=event.store_id,
            name=event.name,
            occurred_at=event.occurred_at,
            recorded_at=event.occurred_at,
            customer_id=getattr(event, "customer_id", None),
            payload=event.payload(),
        )
        for event in events
    )


def moments(count: int, seed: int) -> list[datetime]:
    """Moments over the year, many of them near midnights and the changes of clocks."""
    chance = random.Random(seed)
    start = datetime(2025, 12, 1, tzinfo=UTC)
    anywhere = [
        start + timedelta(seconds=chance.randrange(31_000_000), microseconds=chance.randrange(10**6))
        for _ in range(count)
    ]
    switches = [
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, tzinfo=UTC),
        datetime(2026, 4, 4, 15, tzinfo=UTC),
    ]
    near = [switch + timedelta(minutes=step) for switch in switches for step in range(-1500, 1500, 30)]
    return anywhere + near


def local(moment: datetime, store: Store) -> date:
    return moment.astimezone(ZoneInfo(store.time_zone)).date()


@pytest.mark.parametrize("zone", ZONES)
def test_orders_and_revenue_agree_with_a_plain_count(zone: str) -> None:
    store, chance = make_store(time_zone=zone), random.Random(1)
    placed = [
        OrderPlaced(
            store_id=store.pk,
            occurred_at=at,
            customer_id=chance.randrange(60),
            number="1",
            total_minor=chance.randrange(10_000_000_000 if n == 0 else 50_000),
            currency=chance.choice(["EUR", "EUR", "EUR", "USD"]),
            items=1,
            source="api",
        )
        for n, at in enumerate(moments(300, seed=2))
    ]
    refunds = [
        OrderRefunded(
            store_id=store.pk, occurred_at=at, customer_id=1, number="1", refund_id=n, amount_minor=n, currency="EUR"
        )
        for n, at in enumerate(moments(40, seed=3))
    ]
    write([*placed, *refunds])
    inside = [event for event in placed if DAYS.first <= local(event.occurred_at, store) <= DAYS.last]
    assert queries.orders(store, DAYS) == Counter(local(event.occurred_at, store) for event in inside)
    minor: Counter[date] = Counter()
    for event in inside:
        if event.currency == "EUR":
            minor[local(event.occurred_at, store)] += event.total_minor
    for back in refunds:
        if DAYS.first <= local(back.occurred_at, store) <= DAYS.last:
            minor[local(back.occurred_at, store)] -= back.amount_minor
    assert {day: n for day, n in queries.revenue(store, DAYS).items() if n} == {day: n for day, n in minor.items() if n}
    assert queries.foreign_orders(store, DAYS) == sum(event.currency == "USD" for event in inside)
    people = Counter(event.customer_id for event in inside)
    assert queries.repeat_customers(store, DAYS) == (sum(n > 1 for n in people.values()), len(people))
    everybody = Counter(event.customer_id for event in placed)
    assert queries.repeat_customers(store) == (sum(n > 1 for n in everybody.values()), len(everybody))


@pytest.mark.parametrize("zone", ZONES[:2])
def test_the_on_time_share_leaves_out_parcels_without_a_promise(zone: str) -> None:
    store, chance = make_store(time_zone=zone), random.Random(4)
    parcels = [
        ParcelDelivered(
            store_id=store.pk,
            occurred_at=at,
            customer_id=1,
            parcel_id=n,
            carrier="dhl",
            late=chance.choice([True, False, None]),
        )
        for n, at in enumerate(moments(200, seed=5))
    ]
    write(parcels)
    inside = [one for one in parcels if DAYS.first <= local(one.occurred_at, store) <= DAYS.last]
    punctual, known = queries.on_time(store, DAYS)
    assert sum(punctual.values()) == sum(one.late is False for one in inside)
    assert sum(known.values()) == sum(one.late is not None for one in inside)


def test_answers_messages_and_points_agree_with_a_plain_count() -> None:
    store, chance = make_store(), random.Random(6)
    at = moments(200, seed=7)
    answers = [
        SurveyAnswered(
            store_id=store.pk,
            occurred_at=when,
            customer_id=1,
            answer_id=n,
            survey="satisfaction",
            score=chance.randrange(1, 6),
        )
        for n, when in enumerate(at)
    ]
    sent = [
        MessageSent(store_id=store.pk, occurred_at=when, customer_id=1, message_id=n, template="x", channel="email")
        for n, when in enumerate(at)
    ]
    points = [
        PointsAwarded(store_id=store.pk, occurred_at=when, customer_id=1, points=n, reason="order", source=str(n))
        for n, when in enumerate(at)
    ]
    write([*answers, *sent, *points])
    inside = [n for n, when in enumerate(at) if DAYS.first <= local(when, store) <= DAYS.last]
    given = queries.answers(store, DAYS)
    assert given.by_score == Counter(answers[n].score for n in inside)
    assert sum(given.happy_by_day.values()) == sum((answers[n].score or 0) >= 4 for n in inside)
    assert sum(queries.messages_sent(store, DAYS).values()) == len(inside)
    assert sum(queries.points_awarded(store, DAYS).values()) == sum(inside)


def test_who_changed_their_mind_counts_once_with_the_last_score() -> None:
    store, at = make_store(), datetime(2026, 5, 5, tzinfo=UTC)
    common: dict[str, Any] = {"store_id": store.pk, "customer_id": 1, "survey": "satisfaction"}
    first = [SurveyAnswered(**common, occurred_at=at, answer_id=n, score=1) for n in (1, 2)]
    later = [
        SurveyAnswerChanged(**common, occurred_at=at + timedelta(days=1), answer_id=1, was=1, score=3),
        SurveyAnswerChanged(**common, occurred_at=at + timedelta(days=2), answer_id=1, was=3, score=5),
    ]
    write([*first, *later])
    only_that_day = Days(at.date(), at.date())
    given = queries.answers(store, only_that_day)
    assert given.by_score == {1: 1, 5: 1}
    assert given.happy_by_day == {at.date(): 1}


def test_figures_of_another_store_are_not_counted() -> None:
    store, other, at = make_store(), make_store("outlet"), datetime(2026, 5, 5, tzinfo=UTC)
    write([MessageSent(store_id=other.pk, occurred_at=at, customer_id=1, message_id=1, template="x", channel="email")])
    assert queries.messages_sent(store, DAYS) == {}
    assert sum(queries.messages_sent(other, DAYS).values()) == 1


def test_a_late_parcel_is_watched_until_it_arrives() -> None:
    store, at = make_store(), datetime(2026, 5, 5, tzinfo=UTC)
    common: dict[str, Any] = {"store_id": store.pk, "customer_id": 1}
    late = [ParcelLate(**common, occurred_at=at, parcel_id=n, promised_on=at.date()) for n in (1, 2)]
    write([*late, ParcelDelivered(**common, occurred_at=at + timedelta(days=1), parcel_id=1, carrier="dhl", late=True)])
    assert [entry.payload["parcel_id"] for entry in queries.late_parcels(store, at - timedelta(days=1))] == [2]


def test_unhappy_answers_are_those_of_one_and_two() -> None:
    store, at = make_store(), datetime(2026, 5, 5, tzinfo=UTC)
    write(
        [
            SurveyAnswered(
                store_id=store.pk, occurred_at=at, customer_id=1, answer_id=n, survey="satisfaction", score=n
            )
            for n in range(1, 6)
        ]
    )
    assert {entry.payload["score"] for entry in queries.unhappy_answers(store, at)} == {1, 2}


def test_the_period_covers_whole_days_of_the_store() -> None:
    store = make_store(time_zone="America/New_York")
    period = Period(*bounds(Days(date(2026, 3, 1), date(2026, 3, 31)), ZoneInfo(store.time_zone)))
    assert period.since == datetime(2026, 3, 1, 5, tzinfo=UTC)
    assert period.until == datetime(2026, 4, 1, 4, tzinfo=UTC)
    assert queries.days_of(store, period) == Days(date(2026, 3, 1), date(2026, 3, 31))


def test_the_change_of_clocks_is_found_to_the_minute() -> None:
    stretches = offsets(Days(date(2026, 1, 1), date(2026, 12, 31)), ZoneInfo("Europe/Berlin"))
    assert stretches[:2] == ((datetime(2026, 3, 29, 1, tzinfo=UTC), 60), (datetime(2026, 10, 25, 1, tzinfo=UTC), 120))
    assert stretches[2][1] == 60
