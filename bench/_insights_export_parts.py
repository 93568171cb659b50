"""An installation with many orders, and the bringing of its snapshot, each in a process of its own."""

import json
import resource
import sys
import time
from datetime import UTC, datetime
from typing import Any

import django

django.setup()

from django.db import connection, transaction

from thereafter.commerce.models import Order
from thereafter.events.orders import OrderRefunded
from thereafter.insights.export import bring
from thereafter.kit import clock
from thereafter.stores.actions import open_store
from thereafter.stores.models import Store
from thereafter.timeline.models import Entry
from thereafter.timeline.rows import insert

BEGIN = datetime(2023, 1, 1, tzinfo=UTC)
THREE_YEARS = 94_608_000
PRODUCTS = 20_000
LINES_OF_TEN = 24
REFUNDED = 1_000


def fill(orders: int) -> dict[str, Any]:
    """Rows as they would have come, written by the database itself: orders, 2.4 lines each, people and the log."""
    began = time.perf_counter()
    store = open_store("bench", name="Bench", currency="EUR", now=BEGIN, time_zone="Europe/Berlin")
    people = orders * 3 // 10
    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns, values, count in _tables(store.pk, orders, people):
            cursor.execute(f"{_numbers(count)} INSERT INTO {table} ({columns}) SELECT {values} FROM numbers")  # noqa: S608 ours
        if connection.vendor == "postgresql":
            for table in ("commerce_order", "commerce_orderline", "commerce_customer", "timeline_entry"):
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608 ours
                )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"seconds": round(time.perf_counter() - began, 1)}


def _numbers(count: int) -> str:
    if connection.vendor == "postgresql":
        return f"WITH numbers(n) AS (SELECT generate_series(1, {count}))"
    more = f"SELECT n + 1 FROM numbers WHERE n < {count}"  # noqa: S608 a number of ours
    return f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL {more})"


def _tables(store: int, orders: int, people: int) -> list[tuple[str, str, str, int]]:
    """Table, columns, values made of the number `n`, how many rows."""
    lite = connection.vendor == "sqlite"
    json_of, yes = ("", "1") if lite else ("::jsonb", "true")
    whole = f"n * {THREE_YEARS} / {orders}"
    at = f"datetime('2023-01-01', '+' || ({whole}) || ' seconds')" if lite else _moment(f"{THREE_YEARS}.0 / {orders}")
    born = "'2023-01-01 00:00:00'" if lite else "timestamptz '2023-01-01'"
    who, text = f"1 + (n * 7919) % {people}", "CAST(n AS text)"
    order_of_line = f"1 + (n * 10) / {LINES_OF_TEN}"
    placed = (
        f'\'{{"number": "\' || {text} || \'", "total_minor": 4990, "currency": "EUR", "items": 2, "source": "api"}}\''
    )
    return [
        (
            "commerce_product",
            "id, store_id, source, external_id, title, category, url, image_url, care_guide, returnable, is_active, "
            "after_sale, changed_at",
            f"n, {store}, 'api', {text}, 'Thing ' || {text}, '', '', '', '', {yes}, {yes}, '{{}}'{json_of}, {born}",
            PRODUCTS,
        ),
        (
            "commerce_customer",
            "id, store_id, name, email, phone, locale, country, traits, created_at",
            f"n, {store}, 'Some Body', {text} || '@example.com', '', 'de', 'DE', '{{}}'{json_of}, {born}",
            people,
        ),
        (
            "commerce_order",
            "id, store_id, customer_id, source, external_id, number, status, placed_at, changed_at, currency, "
            "subtotal_minor, discount_minor, shipping_minor, fees_minor, tax_minor, taxes_included, total_minor, "
            "refunded_minor, discount_codes, shipping_address, channel, note",
            f"n, {store}, {who}, 'api', {text}, {text}, 'open', {at}, {at}, 'EUR', 4500, 0, 490, 0, 797, {yes}, 4990, "
            f"0, '[]'{json_of}, '{{\"country\": \"DE\", \"city\": \"Berlin\"}}'{json_of}, 'web', ''",
            orders,
        ),
        (
            "commerce_orderline",
            "id, store_id, order_id, external_id, product_id, title, variant_title, sku, quantity, unit_price_minor, "
            "discount_minor, tax_minor, total_minor",
            f"n, {store}, {order_of_line}, {text}, 1 + (n * 104729) % {PRODUCTS}, 'Thing', '', '', 1, 2250, 0, 0, 2250",
            orders * LINES_OF_TEN // 10 - 1,
        ),
        (
            "timeline_entry",
            "id, store_id, name, occurred_at, recorded_at, customer_id, order_id, actor, payload",
            f"n, {store}, 'order.placed', {at}, {at}, {who}, n, '', ({placed}){json_of}",
            orders,
        ),
    ]


def _moment(seconds_each: str) -> str:
    return f"timestamptz '2023-01-01' + n * {seconds_each} * interval '1 second'"


def after_refunds() -> dict[str, Any]:
    """A thousand orders all over the last year are refunded, then it is brought."""
    store = Store.objects.get(slug="bench")
    last = Order.objects.of(store).count()
    ids = range(last * 2 // 3, last, max(1, last // 3 // REFUNDED))
    rows = list(Order.objects.of(store).filter(pk__in=list(ids)[:REFUNDED]))
    with transaction.atomic():
        Order.objects.of(store).filter(pk__in=[row.pk for row in rows]).update(refunded_minor=1000)
        insert(_refund(row) for row in rows)
    return whole()


def _refund(order: Order) -> Entry:
    told = OrderRefunded(
        store_id=order.store_id,
        customer_id=order.customer_id,
        order_id=order.pk,
        occurred_at=order.placed_at,
        number=order.number,
        refund_id=order.pk,
        amount_minor=1000,
        currency="EUR",
    )
    return Entry(
        store_id=order.store_id,
        name=told.name,
        occurred_at=told.occurred_at,
        recorded_at=told.occurred_at,
        customer_id=order.customer_id,
        order_id=order.pk,
        payload=told.payload(),
    )


def whole() -> dict[str, Any]:
    store, began, before = Store.objects.get(slug="bench"), time.perf_counter(), _seconds()
    snapshot = bring(store, now=clock.now())
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(_seconds() - before, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "was_whole": snapshot.was_whole,
        "orders": snapshot.orders,
        "entries": snapshot.entries,
    }


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    done = {"fill": lambda: fill(int(given[0])), "after_refunds": after_refunds}.get(what, whole)()
    print(json.dumps(done))
