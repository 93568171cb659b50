"""Events recorded and deliveries handled per second, on SQLite with one worker and PostgreSQL with two.

    .venv/bin/python -m bench.outbox --json

Each round records 20,000 events (in transactions of 100, each with one subscriber that does nothing), then lets the
workers drain them. Medians of three rounds. The bare loop writes the same two rows per event with the driver alone.
"""

import argparse
import json
import statistics
import sys
import time
from typing import Any

from bench._installation import DATABASES, command, fresh, start

EVENTS = 20_000
ROUNDS = 3
WORKERS = {"sqlite": 1, "postgresql": 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line (always printed)")
    parser.add_argument("part", nargs="?", choices=["record", "bare", "drain"])
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part]()))
    else:
        print(json.dumps({database: measure(database) for database in DATABASES}))


def measure(database: str) -> dict[str, Any]:
    with fresh(database) as env:
        rounds = [one_round(env, WORKERS[database]) for _ in range(ROUNDS)]
    medians = {key: statistics.median(round_[key] for round_ in rounds) for key in rounds[0]}
    return {
        "workers": WORKERS[database],
        "recorded_per_second": round(medians["recorded"]),
        "bare_loop_per_second": round(medians["bare"]),
        "recorded_to_bare_loop": round(medians["recorded"] / medians["bare"], 2),
        "handled_per_second": round(medians["handled"]),
    }


def one_round(env: dict[str, str], workers: int) -> dict[str, float]:
    recorded = json.loads(command(env, "-m", "bench.outbox", "record"))
    drains = [start(env, "-m", "bench.outbox", "drain") for _ in range(workers)]
    spans = [json.loads(drain.communicate()[0]) for drain in drains]
    taken = max(span["end"] for span in spans) - min(span["begin"] for span in spans)
    bare = json.loads(command(env, "-m", "bench.outbox", "bare"))
    return {"recorded": recorded, "bare": bare, "handled": sum(span["handled"] for span in spans) / taken}


def _record() -> float:
    _set_up()
    from django.db import transaction  # noqa: PLC0415 Django must be set up first

    from bench._outbox_events import BenchRang
    from thereafter.kit import clock
    from thereafter.stores.models import Store
    from thereafter.timeline.log import record

    now = clock.now()
    store, _ = Store.objects.get_or_create(slug="bench", defaults={"name": "Bench", "currency": "EUR", "created_at": now})
    begin = time.perf_counter()
    for start_ in range(0, EVENTS, 100):
        with transaction.atomic():
            record(
                *[BenchRang(store_id=store.pk, occurred_at=now, customer_id=start_ + each, times=each) for each in range(100)]
            )
    return EVENTS / (time.perf_counter() - begin)


def _bare() -> float:
    """The same rows by executemany, in transactions of 100; rolled out of the way afterwards."""
    _set_up()
    from django.db import connection, transaction

    from thereafter.kit import clock

    at = connection.ops.adapt_datetimefield_value(clock.now())
    entry = (
        "INSERT INTO timeline_entry (id, store_id, name, occurred_at, recorded_at, customer_id, order_id, actor, payload)"
        " VALUES (%s, 1, 'bare', %s, %s, %s, NULL, '', '{\"times\": 1}')"
    )
    delivery = (
        "INSERT INTO timeline_delivery (entry_id, subscriber, state, due_at, attempts, error)"
        " VALUES (%s, 'bare', 'done', %s, 0, '')"
    )
    begin = time.perf_counter()
    for first in range(10**9, 10**9 + EVENTS, 100):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(entry, [(one, at, at, one) for one in range(first, first + 100)])
            cursor.executemany(delivery, [(one, at) for one in range(first, first + 100)])
    taken = time.perf_counter() - begin
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM timeline_delivery WHERE entry_id >= 1000000000")
        cursor.execute("DELETE FROM timeline_entry WHERE id >= 1000000000")
    return EVENTS / taken


def _drain() -> dict[str, float]:
    _set_up()
    import bench._outbox_events  # noqa: F401 makes the subscriber known
    from thereafter.kit import clock
    from thereafter.timeline import outbox

    begin, handled, idle = time.time(), 0, 0
    end = begin
    while idle < 3:
        step = outbox.deliver_due(clock.now())
        handled, idle = handled + step, 0 if step else idle + 1
        end = time.time() if step else end
        if not step:
            time.sleep(0.05)
    return {"begin": begin, "end": end, "handled": handled}


def _set_up() -> None:
    import django

    django.setup()


PARTS = {"record": _record, "bare": _bare, "drain": _drain}

if __name__ == "__main__":
    sys.exit(main())
