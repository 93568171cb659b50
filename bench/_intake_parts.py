"""The parts of the intake benchmark that run inside an installation, each as a process of its own; each prints JSON."""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django

django.setup()

import psycopg
from django.db import connection
from django.utils.module_loading import autodiscover_modules
from psycopg.types.json import set_json_loads

from bench._intake_orders import COLUMNS, SECRET, csv_rows, shopify_order
from thereafter.commerce.jobs import drain_intake
from thereafter.commerce.models import Order, OrderLine
from thereafter.kit import clock
from thereafter.stores import actions
from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received
from thereafter.timeline.models import Entry, Inbound

INBOX = ("timeline_inbound",)
# What a drained order leaves, in an order that keys allow.
DRAINED = (
    "commerce_customer", "commerce_identity", "commerce_consent", "commerce_product", "commerce_variant",
    "commerce_order", "commerce_orderline", "commerce_tender", "timeline_entry", "timeline_delivery",
)  # fmt: skip
IN_ONE_COMMIT = {"timeline_inbound": 100}
USUAL_COMMIT = 1000
Row = tuple[Any, ...]


def prepare() -> dict[str, Any]:
    now = clock.now()
    store = actions.open_store("bench", name="Bench", currency="EUR", now=now)
    actions.connect(store, "shopify", now=now, secret=SECRET)
    _, token = actions.make_api_key(store, name="bench", scopes=["orders:write"], now=now)
    return {"token": token}


def write_csv(path: str, first: str, count: str) -> dict[str, Any]:
    with Path(path).open("w") as file:
        file.write(COLUMNS + "\n")
        for number in range(int(first), int(first) + int(count)):
            file.writelines(row + "\n" for row in csv_rows(number))
    return {}


def fill(count: str) -> dict[str, Any]:
    """Puts that many signed orders into the inbox, as the webhooks would."""
    store, now = Store.objects.get(slug="bench"), clock.now()
    for first in range(0, int(count), 500):
        calls = [
            Received(
                store.pk, "commerce", "shopify", "orders/create", f"fill-{number}", json.dumps(shopify_order(number))
            )
            for number in range(first, first + 500)
        ]
        inbox.put(calls, now)
    return {}


def drain() -> dict[str, Any]:
    began = time.perf_counter()
    while drain_intake(clock.now()):
        pass
    seconds = time.perf_counter() - began
    refused = Inbound.objects.filter(state=Inbound.State.REFUSED).values_list("reason", flat=True).first()
    if refused:
        raise RuntimeError(refused)
    return {
        "seconds": seconds,
        "orders": Order.objects.count(),
        "lines": OrderLine.objects.count(),
        "events": Entry.objects.count(),
    }


def empty() -> dict[str, Any]:
    with connection.cursor() as cursor:
        for table in (*reversed(DRAINED), *INBOX):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 our own tables
    return {}


def bare(kind: str) -> dict[str, Any]:
    """Takes the rows out and writes the same rows again with the driver alone, by executemany in batches."""
    tables = INBOX if kind == "inbox" else DRAINED
    with _driver() as driver:
        held = {table: _take_out(driver, table) for table in tables}
        for table in reversed(tables):
            driver.execute(f"DELETE FROM {table}")  # noqa: S608 our own tables
        driver.commit()
        began = time.perf_counter()
        for table, (columns, rows) in held.items():
            _write(driver, table, columns, rows)
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "rows": sum(len(rows) for _, rows in held.values())}


def _driver() -> Any:
    url = os.environ["DATABASE_URL"]
    if connection.vendor == "postgresql":
        driver = psycopg.connect(url)
        set_json_loads(lambda text: text if isinstance(text, str) else bytes(text).decode(), driver)
        return driver
    lite = sqlite3.connect(connection.settings_dict["NAME"])
    lite.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;")
    return lite


def _take_out(driver: Any, table: str) -> tuple[list[str], list[Row]]:
    cursor = driver.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 our own tables
    return [column[0] for column in cursor.description], cursor.fetchall()


def _write(driver: Any, table: str, columns: list[str], rows: list[Row]) -> None:
    mark = "%s" if connection.vendor == "postgresql" else "?"
    names = ", ".join(f'"{column}"' for column in columns)
    statement = f"INSERT INTO {table} ({names}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608 our own tables
    for part in _parts(rows, IN_ONE_COMMIT.get(table, USUAL_COMMIT)):
        driver.cursor().executemany(statement, part)
        driver.commit()


def _parts(rows: list[Row], size: int) -> Iterator[list[Row]]:
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "write_csv": write_csv,
    "fill": fill,
    "drain": drain,
    "empty": empty,
    "bare": bare,
}

if __name__ == "__main__":
    autodiscover_modules("webhooks")
    print(json.dumps(PARTS[sys.argv[1]](*sys.argv[2:])))
