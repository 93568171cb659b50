"""The parts of the benchmark of journeys that run in processes of their own."""

import json
import resource
import sys
import time
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.db import connection, transaction

from bench._pages_parts import order
from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.models import Order
from thereafter.journeys import rows
from thereafter.journeys.actions import moving, publishing
from thereafter.journeys.models import Journey, Run, Timer
from thereafter.kit import clock
from thereafter.messaging.models import Message
from thereafter.stores import actions as stores
from thereafter.stores.models import Store
from thereafter.timeline.rows import insert

BATCH = 500
ORDERS = 5_000
CHUNK = 50_000
TRICKLE, SECONDS = 10_000, 20
PAUSE = 0.25  # of the worker's loop
OVERLAP = 4 * BATCH
PATIENCE = 3  # empty rounds before a worker believes that all is done
DOCUMENT = {
    "trigger": {"event": "order.placed", "once_per": "order"},
    "steps": [
        {"id": "rest", "kind": "wait", "days": 3},
        {"id": "tell", "kind": "send", "template": "loyalty_invite"},
        {"id": "later", "kind": "wait", "days": 30},
        {"id": "again", "kind": "send", "template": "goes_well_with"},
    ],
}


def prepare() -> None:
    now = clock.now()
    store = stores.open_store("bench", name="Bench", currency="EUR", now=now, time_zone="Europe/Berlin")
    for first in range(0, ORDERS, 500):
        take_orders(store, [order(at) for at in range(first, first + 500)], source="api", now=now)
    journey = Journey.objects.create(store=store, key="bench", name="Bench", live=True, created_at=now)
    publishing.publish(journey, DOCUMENT, now=now)


def sleepers(count: int) -> None:
    """Runs that sleep at the first wait for a month and more, spread over a year."""
    now = clock.now()
    for first in range(0, count, CHUNK):
        _let_in(f"asleep{first}", [now + timedelta(days=30, seconds=(first + at) * 31) for at in range(CHUNK)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def due(count: int) -> None:
    now = clock.now()
    _let_in(f"due{time.time()}", [now - timedelta(milliseconds=count - at) for at in range(count)])


def trickle() -> None:
    """500 runs a second fall due, from five seconds on: the workers have started by then."""
    begin = clock.now() + timedelta(seconds=8)
    moments = [begin + timedelta(seconds=SECONDS * at / TRICKLE) for at in range(TRICKLE)]
    _let_in("trickle", moments)


def _let_in(name: str, moments: list[Any]) -> None:
    journey = Journey.objects.select_related("version").get(key="bench")
    orders = list(Order.objects.of(journey.store_id).values_list("pk", "customer_id"))
    now = clock.now()
    with transaction.atomic():
        runs = insert(
            _run(journey, f"{name}:{at}", orders[at % len(orders)], due_at, now) for at, due_at in enumerate(moments)
        )
        rows.add_timers({run.pk: run.due_at for run in runs}) if len(runs) < CHUNK else _timers(runs)


def _timers(runs: list[Run]) -> None:
    Timer.objects.bulk_create([Timer(run_id=run.pk, due_at=run.due_at) for run in runs], batch_size=5_000)


def _run(journey: Journey, key: str, about: tuple[int, int], due_at: Any, now: Any) -> Run:
    return Run(
        store_id=journey.store_id,
        journey=journey,
        version=journey.version,
        order_id=about[0],
        customer_id=about[1],
        entry_key=key,
        facts={"order_id": about[0], "number": key},
        happened_at=now,
        node="tell",
        asleep_at="rest",
        why="Waits",
        slept=True,
        due_at=due_at,
        entered_at=now,
        started_at=now,
    )


def step() -> dict[str, Any]:
    """Moves runs on as the worker does, and times its claims."""
    claims: list[float] = []
    claim = rows.claim

    def timed(now: Any, limit: int) -> list[rows.Row]:
        begin = time.perf_counter()
        found = claim(now, limit)
        if found:
            claims.append(time.perf_counter() - begin)
        return found

    rows.claim = timed
    return _drain(lambda: moving.resume(clock.now(), BATCH), claims)


def claim_only() -> dict[str, Any]:
    claims: list[float] = []

    def take() -> int:
        with transaction.atomic():
            begin = time.perf_counter()
            found = rows.claim(clock.now(), BATCH)
            claims.append(time.perf_counter() - begin)
            rows.drop_timers([row.id for row in found])
        return len(found)

    return _drain(take, claims)


def _drain(work: Any, claims: list[float]) -> dict[str, Any]:
    Store.objects.get(slug="bench")  # the connection is open before the clock runs
    begin = end = time.time()
    done = empty = 0
    while empty < PATIENCE:
        number = work()
        if number:
            done, end, empty = done + number, time.time(), 0
        else:
            empty += 1
            time.sleep(0.02)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"done": done, "begin": begin, "end": end, "claims": claims, "mb": megabytes}


def loop() -> None:
    """The worker's loop with the one drain that is measured."""
    while True:
        if not moving.resume(clock.now(), BATCH):
            time.sleep(PAUSE)


def watch() -> dict[str, float]:
    """Looks every 20 ms which messages can be seen, and compares with when their runs fell due."""
    moments = dict(Run.objects.filter(entry_key__startswith="trickle:").values_list("pk", "due_at"))
    last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    late: list[float] = []
    until = time.time() + SECONDS + 60
    while moments and time.time() < until:
        now = clock.now()
        # Not from the newest on: of two workers' batches the lower numbers may be committed later.
        for pk, key in Message.objects.filter(pk__gt=last - OVERLAP).order_by("pk").values_list("pk", "key"):
            last = max(pk, last)
            due_at = moments.pop(int(key.split(":")[1]), None)
            if due_at:
                late.append((now - due_at).total_seconds())
        time.sleep(0.02)
    if len(late) < TRICKLE:
        raise RuntimeError(f"only {len(late)} of {TRICKLE} runs were done in time")
    late.sort()
    return {"p50": round(late[len(late) // 2] * 1000), "p99": round(late[int(len(late) * 0.99)] * 1000)}


if __name__ == "__main__":
    name, *numbers = sys.argv[1:]
    parts: dict[str, Any] = {
        "prepare": prepare,
        "sleepers": sleepers,
        "due": due,
        "trickle": trickle,
        "step": step,
        "claim": claim_only,
        "loop": loop,
        "watch": watch,
    }
    print(json.dumps(parts[name](*map(int, numbers))))
