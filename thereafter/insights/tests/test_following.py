"""Following the log leads where a new beginning would, whatever happened; ADBC reads what Django reads."""

import random
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import PLACED, SHOES, make_order, order_doc
from thereafter.events.parcels import ParcelDelivered
from thereafter.insights.export import reading
from thereafter.insights.export.bringing import bring
from thereafter.insights.export.reading import Past
from thereafter.insights.export.tables import Source
from thereafter.insights.tests.test_export import HOUR, NOW, SOCKS, _id, anew, everything, refund, rows
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record

pytestmark = pytest.mark.django_db


def act(store: Store, chance: random.Random) -> None:
    """Something that happens in a shop."""
    orders = list(Order.objects.of(store).select_related("store"))
    deeds: list[Callable[[], object]] = [lambda: new_order(store, chance)]
    if orders:
        order = chance.choice(orders)
        deeds += [
            lambda: refund(order, chance.choice(["1.00", "20.00", "400.00"]), key=str(chance.random())),
            lambda: change(order, chance),
            lambda: change(order, chance, status="cancelled"),
            lambda: people_are_one(store, chance),
            lambda: delivered(order, chance),
        ]
    chance.choice(deeds)()


def new_order(store: Store, chance: random.Random) -> None:
    make_order(
        store,
        number=str(chance.randrange(10**9)),
        email=f"{chance.randrange(12)}@example.com",
        placed_at=somewhen(chance),
        lines=chance.choice([[SHOES], [SOCKS], [SHOES, SOCKS]]),
        channel=chance.choice(["web", "shop"]),
        currency=chance.choice(["EUR", "EUR", "EUR", "USD"]),
    )


def somewhen(chance: random.Random) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(150 * 1440))


def change(order: Order, chance: random.Random, **fields: Any) -> None:
    """The shop sends it again, on another day and with other lines."""
    changed_at = max(order.changed_at, PLACED) + timedelta(minutes=1)
    doc = order_doc(
        order.number, email=order.customer.email or "left@example.com", placed_at=somewhen(chance),
        lines=chance.choice([[SOCKS], [SHOES]]), currency=order.currency, changed_at=changed_at, **fields,
    )  # fmt: skip
    take_orders(order.store, [doc], source=order.source, now=NOW + timedelta(days=900))


def people_are_one(store: Store, chance: random.Random) -> None:
    people = list(Customer.objects.of(store).filter(merged_into=None).order_by("pk"))
    if len(people) > 1:
        keep, other = chance.sample(people, 2)
        merge(keep, other, NOW)


def delivered(order: Order, chance: random.Random) -> None:
    with transaction.atomic():
        record(
            ParcelDelivered(
                store_id=order.store_id,
                customer_id=order.customer_id,
                order_id=order.pk,
                occurred_at=somewhen(chance),
                parcel_id=1,
                carrier="dhl",
                late=chance.random() < 0.5,
            )
        )


@pytest.mark.parametrize("seed", range(3))
def test_following_the_log_leads_where_a_new_beginning_would(seed: int) -> None:
    chance = random.Random(seed)
    store, other = make_store(time_zone="Australia/Lord_Howe"), make_store(slug="other")
    for step in range(6):
        for _ in range(10):
            act(chance.choice([store, store, other]), chance)
        snapshot = bring(store, now=NOW + step * HOUR)
        assert snapshot.was_whole == (step == 0)
    followed = everything(store)
    snapshot = anew(store, now=NOW)
    assert everything(store) == followed
    assert snapshot.orders == Order.objects.of(store).count() == len(followed["orders"])
    assert {row["customer_id"] for row in followed["orders"]} == set(
        Order.objects.of(store).values_list("customer_id", flat=True)
    )


@pytest.mark.django_db(transaction=True)
def test_adbc_reads_what_django_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store(time_zone="America/New_York")
    chance = random.Random(5)
    for _ in range(25):
        act(store, chance)
    monkeypatch.setattr(reading, "_CHUNK", 7)
    by_django = _read(Source(reading.Own(), store))
    if connection.vendor == "sqlite":
        # A database in memory is seen by its own connection only.
        copy = tmp_path / "copy.db"
        connection.connection.execute(f"VACUUM INTO '{copy}'")
        opened = reading.open_sqlite(str(copy))
        with closing(opened):
            assert _read(Source(Past("sqlite", opened), store)) == by_django
    else:
        with reading.reader() as opened:
            assert isinstance(opened, Past)
            assert _read(Source(opened, store)) == by_django
        bring(store, now=NOW)
        assert len(rows(store, "orders")) == Order.objects.of(store).count()


def _read(source: Source) -> Sequence[Any]:
    orders, lines = source.orders("1 = 1")
    entries = [row for part in source.entries("1 = 1") for row in part.to_pylist()]
    whole = (orders, lines, source.products(), source.customers())
    return [*(table.to_pylist() for table in whole), sorted(entries, key=_id), source.log_ends_at()]
