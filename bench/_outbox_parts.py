"""The parts of the outbox benchmark that run in processes of their own: record, bare, drain."""

import json
import sys
import time

import django

django.setup()

from django.db import connection, transaction

from bench._outbox_events import BenchRang
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.timeline import outbox
from thereafter.timeline.log import record

EVENTS = 20_000
PATIENCE = 3  # empty rounds before a worker believes that all is done


def record_events() -> float:
    now = clock.now()
    defaults = {"name": "Bench", "currency": "EUR", "created_at": now}
    store, _ = Store.objects.get_or_create(slug="bench", defaults=defaults)
    begin = time.perf_counter()
    for first in range(0, EVENTS, 100):
        with transaction.atomic():
            record(
                *[
                    BenchRang(store_id=store.pk, occurred_at=now, customer_id=first + one, times=one)
                    for one in range(100)
                ]
            )
    return EVENTS / (time.perf_counter() - begin)


def write_bare() -> float:
    """The same rows by executemany, in transactions of 100; put out of the way afterwards."""
    at = connection.ops.adapt_datetimefield_value(clock.now())
    entry = (
        "INSERT INTO timeline_entry"
        " (id, store_id, name, occurred_at, recorded_at, customer_id, order_id, actor, payload)"
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


def drain() -> dict[str, float]:
    """Delivers until nothing has come for a while; tells when it began and when the last delivery was done."""
    begin = end = time.time()
    handled = idle = 0
    while idle < PATIENCE:
        step = outbox.deliver_due(clock.now())
        handled, idle = handled + step, 0 if step else idle + 1
        if step:
            end = time.time()
        else:
            time.sleep(0.05)
    return {"begin": begin, "end": end, "handled": handled}


if __name__ == "__main__":
    print(json.dumps({"record": record_events, "bare": write_bare, "drain": drain}[sys.argv[1]]()))
