"""One journey with many people in each of its waits, and what becomes of them when it is published anew."""

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import django

django.setup()

from django.db import connection, transaction
from django.db.models import Count

from bench._pages_parts import order
from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.models import Order
from thereafter.journeys import rows
from thereafter.journeys.actions import publishing
from thereafter.journeys.actions.migrating import ENDED_BY_CHANGE, Preview, preview_publish
from thereafter.journeys.models import Journey, Run
from thereafter.kit import clock
from thereafter.stores import actions as stores
from thereafter.timeline.rows import insert

CHUNK = 2_000
ORDERS = 500
OLD: dict[str, Any] = {
    "trigger": {"event": "order.placed", "once_per": "order"},
    "steps": [
        {"id": "rest", "kind": "wait", "days": 3},
        {"id": "tell", "kind": "send", "template": "loyalty_invite"},
        {"id": "answer", "kind": "wait_for", "event": "survey.answered", "days": 3},
        {"id": "again", "kind": "send", "template": "goes_well_with"},
        {"id": "later", "kind": "wait", "days": 3},
        {"id": "bye", "kind": "send", "template": "goes_well_with"},
    ],
}
_REST, _TELL, _ANSWER, *_LEFT = OLD["steps"]
NEW = {**OLD, "steps": [{**_REST, "days": 4}, _TELL, *_LEFT]}
# Where they sleep, what comes next, and what they listen to.
PLACES = (("rest", "tell", ""), ("answer", "answer", "survey.answered"), ("later", "bye", ""))
T = TypeVar("T")


def main(people: str, each: int) -> dict[str, Any]:
    now = clock.now()
    journey = crowd(people, each, now)
    before = _megabytes()
    connection.force_debug_cursor = True
    shown, preview_seconds = _timed(lambda: preview_publish(journey, NEW))
    _, seconds = _timed(lambda: publishing.publish(journey, NEW, now=now, people=people))
    return {
        "people": shown.people,
        "preview_seconds": preview_seconds,
        "seconds": seconds,
        "queries": len(connection.queries_log),
        "grown_mb": round(_megabytes() - before, 1),
        "as_previewed": came(journey) == promised(shown, people),
    }


def crowd(key: str, each: int, now: datetime) -> Journey:
    store = stores.open_store(key, name=key, currency="EUR", now=now, time_zone="Europe/Berlin")
    take_orders(store, [order(at) for at in range(ORDERS)], source="api", now=now)
    about = list(Order.objects.of(store).values_list("pk", "customer_id"))
    journey = Journey.objects.create(store=store, key=key, name=key, live=True, created_at=now)
    publishing.publish(journey, OLD, now=now)
    for place in PLACES:
        for first in range(0, each, CHUNK):
            numbers = range(first, min(first + CHUNK, each))
            with transaction.atomic():
                made = insert(_run(journey, place, at, about[at % ORDERS], now) for at in numbers)
                rows.add_timers({run.pk: run.due_at for run in made})
    return journey


def _run(journey: Journey, place: tuple[str, str, str], number: int, about: tuple[int, int], now: datetime) -> Run:
    asleep_at, node, waits_for = place
    return Run(
        store_id=journey.store_id,
        journey=journey,
        version=journey.version,
        order_id=about[0],
        customer_id=about[1],
        entry_key=f"{asleep_at}:{number}",
        happened_at=now,
        node=node,
        asleep_at=asleep_at,
        waits_for=waits_for,
        why="Waits",
        slept=True,
        due_at=now + timedelta(days=2),
        entered_at=now - timedelta(days=1),
        started_at=now - timedelta(days=1),
    )


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    answer = work()
    return answer, round(time.perf_counter() - begin, 2)


def _megabytes() -> float:
    """The most that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def promised(shown: Preview, people: str) -> dict[tuple[int, str], int]:
    """How many stand where then, by the number of their version; 0 stands for those whose way is over."""
    if people == "end":
        return {(0, ""): shown.people}
    found = Counter[tuple[int, str]]()
    for one in shown.standpoints:
        found[(2, one.to) if people == "move" else (one.version, one.at)] += one.count
    return dict(found)


def came(journey: Journey) -> dict[tuple[int, str], int]:
    of_journey = Run.objects.of(journey.store_id).filter(journey=journey).order_by()
    ended = of_journey.filter(state=Run.State.STOPPED, outcome=ENDED_BY_CHANGE).count()
    waiting = of_journey.filter(state=Run.State.WAITING).values_list("version__number", "asleep_at", "node")
    found = Counter[tuple[int, str]]({(0, ""): ended} if ended else {})
    for number, asleep_at, node, count in waiting.annotate(count=Count("pk")):
        found[number, asleep_at or node] += count
    return dict(found)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
