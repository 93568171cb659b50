"""What the crash proof runs in processes of its own: the worker, and a keeper that seeds, counts and tells on request.

The clock stands in the file `CRASH_CLOCK` and goes on from there as the real one does, so that waits of days need no
waiting.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import django

from thereafter.kit import clock


def moved() -> datetime:
    path = os.environ["CRASH_CLOCK"]
    begin, since = _hand(path, os.stat(path).st_mtime_ns)
    return begin + (datetime.now(UTC) - since)


@lru_cache(maxsize=1)
def _hand(path: str, written: int) -> tuple[datetime, datetime]:
    """Where the clock was set, and when."""
    return datetime.fromisoformat(Path(path).read_text(encoding="utf-8")), datetime.fromtimestamp(written / 1e9, UTC)


# Before anything asks for the time, models' defaults too.
clock.now = moved
django.setup()

from django.core.management import call_command
from django.db import Error, connection, transaction
from django.db.models import Sum

from thereafter.commerce.actions.people import take_customers
from thereafter.commerce.documents import CustomerDoc, Person
from thereafter.commerce.models import Customer
from thereafter.events.customers import CustomerTracked
from thereafter.journeys.actions import publishing, sweeping
from thereafter.journeys.models import Journey, Passage, Run, Stuck, Timer
from thereafter.messaging.models import Message
from thereafter.stores import actions as stores
from thereafter.stores.models import Store
from thereafter.timeline import schedule
from thereafter.timeline.log import record
from thereafter.timeline.models import Delivery, Due, Entry

CHUNK = 2_000
RUNS_EACH = 4  # of one customer
DOCUMENT = {
    "trigger": {"event": "customer.tracked", "topic": "bought", "once_per": "event"},
    "steps": [
        {"id": "rest", "kind": "wait", "days": 3},
        {"id": "tell", "kind": "send", "template": "loyalty_invite"},
        {"id": "large", "kind": "branch", "if": "fact.about.size > 50.0", "then": "gift", "else": "plain"},
        {"id": "gift", "kind": "trait", "name": "gift", "value": "yes", "next": "halves"},
        {"id": "plain", "kind": "tag", "tag": "plain"},
        {
            "id": "halves",
            "kind": "split",
            "ways": [{"name": "a", "weight": 50, "to": "extra"}, {"name": "b", "weight": 50, "to": "answer"}],
        },
        {"id": "extra", "kind": "send", "template": "goes_well_with"},
        {
            "id": "answer",
            "kind": "wait_for",
            "event": "customer.tracked",
            "topic": "answered",
            "days": 4,
            "then": "thank",
            "else": "again",
        },
        {"id": "thank", "kind": "tag", "tag": "answered", "next": "last"},
        {"id": "again", "kind": "send", "template": "loyalty_invite"},
        {"id": "last", "kind": "wait", "days": 2},
        {"id": "bye", "kind": "send", "template": "goes_well_with"},
    ],
}


def seed(count: str) -> None:
    """Empties the installation; then the shop, its people, and what lets them in, each time with the same ids."""
    call_command("flush", interactive=False, verbosity=0)
    now, chance, runs = clock.now(), Random(4), int(count)  # noqa: S311 the same each time
    store = stores.open_store("crash", name="Crash", currency="EUR", now=now, time_zone="Europe/Berlin")
    people = [CustomerDoc(person=Person(email=f"p{at}@example.com")) for at in range(-(-runs // RUNS_EACH))]
    for first in range(0, len(people), CHUNK):
        take_customers(store, people[first : first + CHUNK], source="api", now=now)
    # Whoever hears that people joined has heard: the proof is about the journey.
    Delivery.objects.update(state=Due.DONE)
    journey = Journey.objects.create(store=store, key="crash", name="Crash", live=True, created_at=now)
    publishing.publish(journey, DOCUMENT, now=now)
    ids = list(Customer.objects.of(store).order_by("pk").values_list("pk", flat=True))
    told = [
        CustomerTracked(
            store_id=store.pk,
            customer_id=ids[at // RUNS_EACH],
            occurred_at=now,
            topic="bought",
            key=f"k{at}",
            about={"size": float(chance.randrange(100))},
        )
        for at in range(runs)
    ]
    _record(told)


def answer() -> None:
    """A third of the people do what is waited for."""
    store, now = Store.objects.get(slug="crash"), clock.now()
    ids = Customer.objects.of(store).order_by("pk").values_list("pk", flat=True)
    told = [
        CustomerTracked(
            store_id=store.pk, customer_id=pk, occurred_at=now, topic="answered", key=f"a{pk}", about={"score": 5}
        )
        for pk in list(ids)[::3]
    ]
    _record(told)


def _record(told: list[CustomerTracked]) -> None:
    with transaction.atomic():
        for first in range(0, len(told), CHUNK):
            record(*told[first : first + CHUNK])


def work() -> None:
    """`thereafter work`, but that messages stay queued."""
    del schedule._jobs["messaging.send_due"]
    call_command("work")


def left() -> int:
    """What is due and not done; -1 while there is no database."""
    soon = clock.now() + timedelta(minutes=30)
    try:
        deliveries = Delivery.objects.filter(state=Due.WAITING, due_at__lte=soon).count()
        return deliveries + Timer.objects.filter(due_at__lte=soon).count()
    except Error:
        connection.close()
        return -1


def tell(path: str) -> dict[str, int]:
    """Writes how every run ended, what it sent and what the log says of it, by what it was for."""
    sweeping.sweep(clock.now())
    runs = {
        pk: [key, state, outcome, node, visit]
        for pk, key, state, outcome, node, visit in Run.objects.values_list(
            "pk", "entry_key", "state", "outcome", "node", "visit"
        )
    }
    messages, logged = _messages(), _logged()
    found: dict[str, list[Any]] = defaultdict(list)
    for pk, (key, *standing) in runs.items():
        found[str(key)].append([standing, sorted(messages.pop(pk, [])), sorted(logged.pop(pk, []))])
    edges = {
        f"{step} > {to}": count
        for step, to, count in Passage.objects.values_list("step", "to").annotate(count=Sum("count")).order_by()
    }
    traits = dict(Customer.objects.values_list("email", "traits"))
    Path(path).write_text(json.dumps({"runs": found, "edges": edges, "traits": traits}, sort_keys=True))
    return {
        "waiting": Run.objects.filter(state=Run.State.WAITING).count(),
        "stuck": Stuck.objects.aggregate(count=Sum("count"))["count"] or 0,
        "timers": Timer.objects.count(),
        "deliveries": Delivery.objects.exclude(state=Due.DONE).count(),
        "astray": len(messages) + len(logged),
    }


def _messages() -> dict[int, list[str]]:
    """Step and visit of what each run sent."""
    found: dict[int, list[str]] = defaultdict(list)
    for key, template in Message.objects.values_list("key", "template").iterator():
        _, run_id, *step = key.split(":")
        found[int(run_id)].append(":".join([*step, template]))
    return found


def _logged() -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    lines = Entry.objects.filter(name__startswith="journey.").values_list("name", "payload")
    for name, payload in lines.iterator():
        found[payload["run_id"]].append(name)
    return found


def keep() -> None:
    """Answers each line (a name and what it takes) with a line of JSON."""
    parts: dict[str, Callable[..., Any]] = {"seed": seed, "answer": answer, "left": left, "tell": tell}
    for line in sys.stdin:
        name, *given = line.split()
        print(json.dumps(parts[name](*given)), flush=True)


if __name__ == "__main__":
    {"work": work, "keep": keep}[sys.argv[1]]()
