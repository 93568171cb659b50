"""Processes that do the same thing to the same people at the same moment: one run, one message, nobody lost."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import CustomerDoc, Person
from thereafter.commerce.models import Customer
from thereafter.events.customers import CustomerTracked
from thereafter.journeys.actions import moving, pausing, publishing, sweeping
from thereafter.journeys.models import Journey, Passage, Run, Timer
from thereafter.kit import clock
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.models import Delivery, Entry
from thereafter.timeline.worker import run_until_idle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]
NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ROUNDS, PEOPLE = 4, 60
REST = {"id": "rest", "kind": "wait", "days": 1}
SAY = {"id": "say", "kind": "send", "template": "loyalty_invite"}
BYE = {"id": "bye", "kind": "send", "template": "goes_well_with"}
BOUGHT = {"event": "customer.tracked", "topic": "bought", "once_per": "customer"}
Task = tuple[str, Mapping[str, Any]]


class Racers:
    """Processes on the tests' database that start at the same moment."""

    def __init__(self, count: int) -> None:
        at = connection.settings_dict
        url = f"postgresql://{at['USER']}@/{at['NAME']}?host={at['HOST']}&port={at['PORT']}"
        env = {**os.environ, "DATABASE_URL": url, "THEREAFTER_LOG": "CRITICAL"}
        command = [sys.executable, "-m", "tests.races_parts"]
        pipe = subprocess.PIPE
        self.all = [subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True) for _ in range(count)]
        for one in self.all:
            assert self._heard(one) == "ready"

    def race(self, *tasks: Task, now: datetime = NOW, ahead: Mapping[int, float] | None = None) -> list[Any]:
        """Each task in a process of its own, all at once (one of them `ahead`); what they answered."""
        at = time.time() + 0.03
        for number, (part, given) in enumerate(tasks):
            moment = at - (ahead or {}).get(number, 0)
            asked = {"at": moment, "now": now.isoformat(), "part": part, "given": given}
            stdin = self.all[number].stdin
            assert stdin
            stdin.write(json.dumps(asked) + "\n")
            stdin.flush()
        told = [self._heard(one) for one in self.all[: len(tasks)]]
        assert [one["error"] for one in told if "error" in one] == []
        return [one["answer"] for one in told]

    @staticmethod
    def _heard(one: "subprocess.Popen[str]") -> Any:
        assert one.stdout
        return json.loads(one.stdout.readline())

    def end(self) -> None:
        for one in self.all:
            one.kill()
            one.communicate()


@pytest.fixture(scope="module")
def racers(django_db_setup: None) -> Iterator[Racers]:
    made = Racers(3)
    yield made
    made.end()


@pytest.fixture
def store() -> Store:
    with clock.at(NOW):
        return make_store()


def journey(store: Store, *steps: Mapping[str, Any], **more: Any) -> Journey:
    made = Journey.objects.create(store=store, key="races", name="Races", live=True, created_at=NOW)
    publishing.publish(made, document(*steps, **more), now=NOW)
    return made


def document(*steps: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"trigger": BOUGHT, "steps": list(steps), **more}


def people(store: Store, count: int = PEOPLE) -> list[int]:
    docs = [CustomerDoc(person=Person(email=f"p{at}@example.com")) for at in range(count)]
    with clock.at(NOW):
        take_customers(store, docs, source="api", now=NOW)
        run_until_idle()
    return list(Customer.objects.of(store).order_by("pk").values_list("pk", flat=True))


def tracked(store: Store, ids: list[int], topic: str = "bought", at: datetime = NOW, key: str = "") -> list[Any]:
    return [
        {
            "name": "customer.tracked",
            "store_id": store.pk,
            "customer_id": pk,
            "occurred_at": at.isoformat(),
            "topic": topic,
            "key": key or f"{topic}{pk}",
            "about": {},
        }
        for pk in ids
    ]


def enter(store: Store, ids: list[int], now: datetime = NOW) -> None:
    """They come in and go as far as they can today."""
    events = [
        CustomerTracked(store_id=store.pk, customer_id=pk, occurred_at=now, topic="bought", key=f"b{pk}", about={})
        for pk in ids
    ]
    with clock.at(now):
        with transaction.atomic():
            record(*events)
        run_until_idle()


def edges() -> dict[tuple[str, str], int]:
    rows = Passage.objects.values_list("step", "to").annotate(count=Sum("count")).order_by()
    return {(step, to): count for step, to, count in rows}


def messages() -> list[str]:
    return sorted(Message.objects.values_list("template", flat=True))


def test_an_event_that_two_workers_carry_out_lets_in_once(store: Store, racers: Racers) -> None:
    journey(store, REST, SAY, entry={"again": "never"})
    ids = people(store)
    for _ in range(ROUNDS):
        turned = ids[::-1]
        racers.race(("let_in", {"events": tracked(store, ids)}), ("let_in", {"events": tracked(store, ids)}))
        racers.race(("let_in", {"events": tracked(store, turned)}), ("let_in", {"events": tracked(store, ids)}))
    assert Run.objects.count() == Timer.objects.count() == PEOPLE
    assert edges() == {("", "rest"): PEOPLE}


@pytest.mark.parametrize("again", ["never", "always", {"after_days": 30}])
def test_different_events_at_once_let_in_no_more_than_the_journey_allows(
    store: Store, racers: Racers, again: Any
) -> None:
    journey(store, SAY, REST, entry={"again": again})
    ids = people(store)
    for turn in range(ROUNDS):
        now = NOW + turn * 10 * DAY
        told = [{"events": tracked(store, ids, at=now, key=f"{turn}{name}")} for name in "abc"]
        racers.race(*[("happen", one) for one in told], now=now)
        racers.race(("work", {}), ("work", {}), ("work", {}), now=now)
        racers.race(("work", {}), ("work", {}), now=now + 2 * DAY)
    turns = {"never": 1, "always": ROUNDS}.get(str(again), 2)  # on the first day and on the thirtieth
    assert Run.objects.count() == turns * PEOPLE
    assert messages() == ["loyalty_invite"] * turns * PEOPLE
    assert edges()["", "say"] == edges()["rest", "@done"] == turns * PEOPLE


def test_a_call_that_comes_twice_at_once_is_one_entry_of_one_person(store: Store, racers: Racers) -> None:
    made = Journey.objects.create(store=store, key="races", name="Races", live=True, created_at=NOW)
    publishing.publish(made, document(REST, SAY, trigger={"api": True}), now=NOW)
    for turn in range(ROUNDS * 2):
        given = {"topic": "journey:races", "email": f"new{turn}@example.com", "key": "", "given": f"call{turn}"}
        kept = racers.race(("call", given), ("call", given), ("call", given))
        assert sum(kept) == 1
    assert Customer.objects.count() == Run.objects.count() == Timer.objects.count() == ROUNDS * 2
    assert Entry.objects.filter(name="customer.tracked").count() == ROUNDS * 2


def test_calls_of_the_same_person_at_once_are_one_run(store: Store, racers: Racers) -> None:
    made = Journey.objects.create(store=store, key="races", name="Races", live=True, created_at=NOW)
    publishing.publish(made, document(REST, SAY, trigger={"api": True}), now=NOW)
    for turn in range(ROUNDS * 2):
        calls = [{"topic": "journey:races", "email": f"new{turn}@example.com", "key": key} for key in "abc"]
        racers.race(*[("call", {**one, "key": f"{turn}{one['key']}"}) for one in calls])
    with clock.at(NOW):
        run_until_idle()
    assert Delivery.objects.exclude(state="done").count() == 0
    assert Customer.objects.count() == Run.objects.count() == ROUNDS * 2


ANSWER = {"id": "answer", "kind": "wait_for", "event": "customer.tracked", "topic": "answered", "days": 1}


@pytest.mark.parametrize("early", [-0.02, 0.0, 0.01, 0.03, 0.08])
def test_an_event_that_comes_as_the_time_is_up_takes_each_down_one_way(
    store: Store, racers: Racers, early: float
) -> None:
    journey(store, {**ANSWER, "then": "bye", "else": "say"}, {**SAY, "next": "end"}, BYE)
    ids = people(store)
    enter(store, ids)
    due = NOW + DAY
    told = tracked(store, ids, "answered", at=due)
    racers.race(("happen", {"events": told}), ("work", {}), ("work", {}), now=due, ahead={0: early})
    with clock.at(due):
        run_until_idle(due)
    sent = Counter(messages())
    assert sent.total() == PEOPLE
    assert Run.objects.filter(state=Run.State.DONE).count() == PEOPLE
    ways = edges()
    assert ways.get(("answer", "bye"), 0) == sent["goes_well_with"]
    assert ways.get(("answer", "say"), 0) == sent["loyalty_invite"]


def test_an_event_that_comes_while_people_fall_asleep_wakes_them_all(store: Store, racers: Racers) -> None:
    journey(store, REST, {**ANSWER, "then": "bye", "else": "say"}, {**SAY, "next": "end"}, BYE)
    ids = people(store)
    enter(store, ids)
    due = NOW + DAY
    told = tracked(store, ids, "answered", at=due)
    racers.race(("happen", {"events": told}), ("work", {"limit": 7}), ("work", {"limit": 5}), now=due)
    racers.race(("work", {}), ("work", {}), now=due + HOUR)
    assert messages() == ["goes_well_with"] * PEOPLE


def moved_whole(version: int) -> None:
    """Everybody did everything once, and is on this version or was done before it came."""
    assert Run.objects.filter(state=Run.State.DONE).count() == PEOPLE
    assert not Timer.objects.exists()
    assert messages() == ["goes_well_with"] * PEOPLE + ["loyalty_invite"] * PEOPLE
    ways = edges()
    arrived, left = Counter[str](), Counter[str]()
    for (step, to), count in ways.items():
        left[step] += count
        arrived[to] += count
    for step in ("rest", "say", "bye"):
        assert arrived[step] == left[step], ways
    assert arrived["@moved"] == left["@moved"]
    assert sweeping.sweep(NOW + 30 * DAY) == 0


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_publishing_moves_people_whom_two_workers_move_at_that_moment(store: Store, racers: Racers, turn: int) -> None:
    journey(store, REST, SAY, {"id": "more", "kind": "wait", "days": 1}, BYE)
    enter(store, people(store))
    again = document(REST, {**SAY, "priority": 5}, {"id": "more", "kind": "wait", "days": 2}, BYE)
    racers.race(
        ("work", {"limit": 7}),
        ("work", {"limit": 5}),
        ("publish", {"document": again, "people": "move"}),
        now=NOW + DAY,
        ahead={0: turn * 0.01, 1: turn * 0.01},
    )
    assert set(Run.objects.values_list("version__number", flat=True)) == {2}
    for day in (1, 2, 3, 4):
        racers.race(("work", {}), ("work", {}), now=NOW + day * DAY + HOUR)
    moved_whole(2)


@pytest.mark.parametrize("people_go", ["move", "end"])
def test_publishing_while_people_come_in_and_others_stop_gets_in_nobodys_way(
    store: Store, racers: Racers, people_go: str
) -> None:
    made = journey(store, REST, SAY, stops_on=["customer.tracked"])
    ids = people(store)
    half = PEOPLE // 2
    for turn in range(ROUNDS):
        now = NOW + turn * 3 * DAY
        with transaction.atomic():
            moving.end(list(Run.objects.filter(state=Run.State.WAITING)), "over", now)
        again = document(REST, {**SAY, "priority": turn}, stops_on=["customer.tracked"], entry={"again": "always"})
        publishing.publish(made, again, now=now)
        enter(store, ids[:half], now)
        racers.race(
            ("happen", {"events": tracked(store, ids, at=now + HOUR, key=f"{turn}")}),
            ("publish", {"document": again, "people": people_go}),
            ("work", {}),
            now=now + HOUR,
            ahead={0: 0.03 + turn * 0.02},
        )
        with clock.at(now + HOUR):
            run_until_idle(now + HOUR)
        newest = Journey.objects.get().version_id
        on_the_way = Run.objects.filter(state=Run.State.WAITING)
        assert set(on_the_way.values_list("version_id", flat=True)) <= {newest}
        assert Delivery.objects.exclude(state="done").count() == 0


@pytest.mark.parametrize("turn", range(ROUNDS * 2))
def test_pausing_and_going_on_while_two_workers_move_people_loses_nobody(
    store: Store, racers: Racers, turn: int
) -> None:
    made = journey(store, REST, SAY, BYE)
    enter(store, people(store))
    due = NOW + DAY
    racers.race(("pause", {}), ("work", {"limit": 3}), ("work", {"limit": 2}), now=due, ahead={0: 0.01})
    sent = len(messages())
    racers.race(("work", {"limit": 3}), now=due)
    assert len(messages()) == sent
    pausing.go_on(made, by=None, now=due)
    pausing.pause(made, by=None, now=due)
    racers.race(
        ("go_on", {}),
        ("work", {"limit": 2}),
        ("work", {"limit": 3}),
        now=due + HOUR,
        ahead={1: 0.005 * turn, 2: 0.005 * turn},
    )
    assert Timer.objects.count() == Run.objects.filter(state=Run.State.WAITING).count()
    racers.race(("work", {}), ("work", {}), now=due + HOUR)
    assert Run.objects.filter(state=Run.State.DONE).count() == PEOPLE
    assert messages() == ["goes_well_with"] * PEOPLE + ["loyalty_invite"] * PEOPLE


def test_three_workers_move_each_run_once(store: Store, racers: Racers) -> None:
    journey(store, REST, SAY, BYE)
    enter(store, people(store, 5 * PEOPLE))
    moved = racers.race(("work", {"limit": 7}), ("work", {"limit": 5}), ("work", {"limit": 11}), now=NOW + DAY)
    assert sum(moved) == 5 * PEOPLE
    assert min(moved) > 0
    assert len(messages()) == 10 * PEOPLE
    assert edges() == dict.fromkeys([("", "rest"), ("rest", "say"), ("say", "bye"), ("bye", "@done")], 5 * PEOPLE)
    ended = Counter(line["run_id"] for line in _lines("journey.ended"))
    assert set(ended.values()) == {1}


def _lines(name: str) -> list[dict[str, Any]]:
    return list(Entry.objects.filter(name=name).values_list("payload", flat=True))
