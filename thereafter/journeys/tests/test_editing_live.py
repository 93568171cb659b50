"""A live journey is changed under many people: what was shown beforehand is what happens, and nobody is lost."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import CustomerDoc, Person
from thereafter.commerce.models import Customer
from thereafter.events.customers import CustomerTracked
from thereafter.journeys.actions import publishing, sweeping
from thereafter.journeys.actions.migrating import ENDED_BY_CHANGE, Preview, preview_publish
from thereafter.journeys.models import Journey, Passage, Run, Timer
from thereafter.kit import clock
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EACH = 200
TRIGGER = {"event": "customer.tracked", "topic": "bought", "once_per": "customer"}
REST = {"id": "rest", "kind": "wait", "days": 3}
ANSWER = {"id": "answer", "kind": "wait_for", "event": "survey.answered", "days": 3}
SAY = {"id": "say", "kind": "send", "template": "loyalty_invite"}
LATER = {"id": "later", "kind": "wait", "days": 3}
BYE = {"id": "bye", "kind": "send", "template": "goes_well_with"}
OLD = (REST, ANSWER, SAY, LATER, BYE)
# The first wait is another one, the second is gone, the third is as it was.
NEW = ({**REST, "days": 4}, SAY, LATER, BYE)


def document(steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"trigger": TRIGGER, "steps": list(steps)}


@pytest.fixture
def store() -> Iterator[Store]:
    with clock.at(BEGIN):
        yield make_store()


def crowded(store: Store, each: int = EACH) -> tuple[Journey, datetime]:
    """A journey with so many people in each of its three waits, and what time it is then."""
    docs = [CustomerDoc(person=Person(email=f"p{at}@example.com")) for at in range(3 * each)]
    take_customers(store, docs, source="api", now=BEGIN)
    made = Journey.objects.create(store=store, key="crowd", name="Crowd", live=True, created_at=BEGIN)
    publishing.publish(made, document(OLD), now=BEGIN)
    ids = list(Customer.objects.of(store).order_by("pk").values_list("pk", flat=True))
    now = BEGIN
    for turn in range(3):
        now = BEGIN + turn * (3 * DAY + HOUR)
        enter(store, ids[turn * each : (turn + 1) * each], now)
    return made, now + HOUR


def enter(store: Store, ids: Sequence[int], now: datetime) -> None:
    with clock.at(now):
        with transaction.atomic():
            record(
                *(
                    CustomerTracked(
                        store_id=store.pk, customer_id=pk, occurred_at=now, topic="bought", key=f"{pk}", about={}
                    )
                    for pk in ids
                )
            )
        run_until_idle()


def standing(journey: Journey) -> Counter[tuple[int, str]]:
    waiting = Run.objects.filter(journey=journey, state=Run.State.WAITING)
    return Counter(
        (number, at or node) for number, at, node in waiting.values_list("version__number", "asleep_at", "node")
    )


def previewed(shown: Preview, *, version: int) -> Counter[tuple[int, str]]:
    return Counter({(version, to): count for to, count in _goes(shown).items()})


def _goes(shown: Preview) -> Counter[str]:
    found = Counter[str]()
    for one in shown.standpoints:
        found[one.to] += one.count
    return found


def finish(now: datetime) -> None:
    for days in range(15):
        with clock.at(now + days * DAY):
            run_until_idle()
    assert not Run.objects.filter(state=Run.State.WAITING).exists()
    assert not Timer.objects.exists()
    assert sweeping.sweep(now + 30 * DAY) == 0
    # Whoever came to a step left it.
    ways = Passage.objects.values_list("step", "to").annotate(count=Sum("count")).order_by()
    arrived, left = Counter[str](), Counter[str]()
    for step, to, count in ways:
        arrived[to] += count
        left[step] += count
    assert {step: arrived[step] for step in (*_STEPS, "@moved")} == {step: left[step] for step in (*_STEPS, "@moved")}


_STEPS = [str(step["id"]) for step in OLD]


def sent() -> Counter[str]:
    return Counter(Message.objects.values_list("template", flat=True))


def test_people_who_are_kept_go_the_old_way_to_its_end(store: Store) -> None:
    made, now = crowded(store)
    assert {one.at: one.count for one in preview_publish(made, document(NEW)).standpoints} == {
        "rest": EACH,
        "answer": EACH,
        "later": EACH,
    }
    publishing.publish(made, document(NEW), now=now, people="keep")
    assert standing(made) == {(1, "rest"): EACH, (1, "answer"): EACH, (1, "later"): EACH}
    finish(now)
    assert sent() == {"loyalty_invite": 3 * EACH, "goes_well_with": 3 * EACH}


@pytest.mark.parametrize("mapping", [{}, {"answer": "later"}])
def test_people_who_are_moved_come_to_stand_where_it_was_shown(store: Store, mapping: dict[str, str]) -> None:
    made, now = crowded(store)
    shown = preview_publish(made, document(NEW), mapping)
    assert {(one.at, one.count, one.change) for one in shown.standpoints} == {
        ("rest", EACH, "anew"),
        ("answer", EACH, "gone"),
        ("later", EACH, "same"),
    }
    publishing.publish(made, document(NEW), now=now, people="move", mapping=mapping)
    assert standing(made) == previewed(shown, version=2)
    assert not Run.objects.exclude(waits_for="").exists()
    finish(now)
    skipped = EACH if mapping else 0
    assert sent() == {"loyalty_invite": 3 * EACH - skipped, "goes_well_with": 3 * EACH}


def test_a_wait_that_is_reckoned_anew_counts_from_when_it_began(store: Store) -> None:
    made, now = crowded(store, each=5)
    publishing.publish(made, document(NEW), now=now, people="move")
    with clock.at(now):
        run_until_idle()
    began = BEGIN + 2 * (3 * DAY + HOUR)
    assert set(Timer.objects.filter(run__asleep_at="rest").values_list("due_at", flat=True)) == {began + 4 * DAY}


def test_people_whose_way_is_ended_leave_at_once_and_get_nothing_more(store: Store) -> None:
    made, now = crowded(store)
    people = preview_publish(made, document(NEW)).people
    before = sent()
    publishing.publish(made, document(NEW), now=now, people="end")
    assert Run.objects.filter(state=Run.State.STOPPED, outcome=ENDED_BY_CHANGE).count() == people == 3 * EACH
    finish(now)
    assert sent() == before


@pytest.mark.parametrize("people", ["keep", "move", "end"])
def test_changing_a_journey_asks_the_database_no_more_often_for_more_people(store: Store, people: str) -> None:
    made, now = crowded(store, each=5)
    few = queries_of(made, people, now)
    publishing.publish(made, document(OLD), now=now, people="end")
    many, later = crowded_again(store, made, now)
    # A document that is read for the first time is one more.
    assert queries_of(many, people, later) <= few + 2


def crowded_again(store: Store, made: Journey, now: datetime) -> tuple[Journey, datetime]:
    docs = [CustomerDoc(person=Person(email=f"q{at}@example.com")) for at in range(EACH)]
    take_customers(store, docs, source="api", now=now)
    ids = list(Customer.objects.of(store).filter(email__startswith="q").order_by("pk").values_list("pk", flat=True))
    for turn in range(3):
        enter(store, ids[turn * EACH // 3 : (turn + 1) * EACH // 3], now + turn * (3 * DAY + HOUR))
    return made, now + 2 * (3 * DAY + HOUR) + HOUR


def queries_of(journey: Journey, people: str, now: datetime) -> int:
    with CaptureQueriesContext(connection) as captured:
        preview_publish(journey, document(NEW))
        publishing.publish(journey, document(NEW), now=now, people=people)
    return len(captured)
