"""The parts of the tracking benchmark that run inside an installation, each a process of its own; each prints JSON."""

import json
import multiprocessing
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

import msgspec
from django.db import transaction

from bench._tracking_scans import DAYS, PARCELS, SCANS, SECRET, news
from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.documents import Address, Line, OrderDoc, Person, Shipped
from thereafter.kit import clock
from thereafter.stores import actions as stores
from thereafter.stores.models import Store
from thereafter.timeline.models import Inbound
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.scans import add_scans
from thereafter.tracking.actions.telling import move_on
from thereafter.tracking.carriers import ours
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.jobs import drain_scans
from thereafter.tracking.models import Parcel, Scan
from thereafter.tracking.rules import states
from thereafter.tracking.tests.histories import history

PLACED = datetime.now(UTC) - timedelta(days=DAYS)
A_MILLION = 1_000_000


def prepare() -> dict[str, Any]:
    """A shop with parcels under way, which carriers will speak of."""
    store = stores.open_store("bench", name="Bench", currency="EUR", now=PLACED, time_zone="Europe/Berlin")
    stores.connect(store, "carrier", now=PLACED, secret=SECRET)
    _, token = stores.make_api_key(store, name="bench", scopes=["tracking:write"], now=PLACED)
    for first in range(0, PARCELS, 1000):
        orders = [order(at) for at in range(first, min(first + 1000, PARCELS))]
        take_orders(store, orders, source="api", now=clock.now())
    run_until_idle()
    return {"token": token, "parcels": Parcel.objects.of(store).count()}


def order(at: int) -> OrderDoc:
    sent = Shipped(external_id="f", shipped_at=PLACED + timedelta(hours=20), carrier="dhl", tracking_number=f"N{at:06}")
    return OrderDoc(
        external_id=str(at),
        number=f"{1000 + at}",
        placed_at=PLACED,
        currency="EUR",
        total="50",
        customer=Person(email=f"c{at}@bench.example", name="C Bench"),
        lines=[Line(external_id="1", title="Shoe", quantity=1, unit_price="50")],
        shipping_address=Address(city="Berlin", country="DE", postcode="10115"),
        fulfilments=[sent],
    )


def drain() -> dict[str, Any]:
    """What the webhooks left in the inbox becomes scans, states and events."""
    before, began = Scan.objects.count(), time.perf_counter()
    while drain_scans(clock.now()):
        pass
    seconds = time.perf_counter() - began
    refused = Inbound.objects.filter(state=Inbound.State.REFUSED).values_list("reason", flat=True).first()
    if refused:
        raise RuntimeError(refused)
    return {"scans": Scan.objects.count() - before, "seconds": seconds}


def batch() -> dict[str, Any]:
    """All scans of all parcels in documents of a thousand parcels, and the same once more, which changes nothing."""
    store, now = Store.objects.get(slug="bench"), clock.now()
    Scan.objects.of(store).exclude(source="shop").delete()
    documents = [
        ours.parse("scans", json.dumps({"parcels": part}))
        for part in ([news(at) for at in range(first, first + 1000)] for first in range(0, PARCELS, 1000))
    ]

    def take() -> float:
        began = time.perf_counter()
        for docs in documents:
            add_scans(store, [doc for doc in docs if isinstance(doc, ParcelDoc)], source="bench", now=now)
        return time.perf_counter() - began

    return {"scans": PARCELS * SCANS, "seconds": take(), "again_seconds": take()}


def recomputed() -> dict[str, Any]:
    """Every parcel's state from its stored scans, read and compared in batches as after a code was mapped."""
    store, now = Store.objects.get(slug="bench"), clock.now()
    ids = list(Parcel.objects.of(store).order_by("pk").values_list("pk", flat=True))
    began = time.perf_counter()
    for first in range(0, len(ids), 1000):
        with transaction.atomic():
            rows = Parcel.objects.of(store).filter(pk__in=ids[first : first + 1000]).select_related("order")
            scans: dict[int, list[Scan]] = {parcel.pk: [] for parcel in rows}
            for scan in Scan.objects.of(store).filter(parcel_id__in=scans):
                scans[scan.parcel_id].append(scan)
            move_on(store, [(parcel, scans[parcel.pk]) for parcel in rows], now)
    return {"parcels": len(ids), "seconds": time.perf_counter() - began}


def states_of(part: tuple[int, int]) -> int:
    chance = random.Random(part[0])  # noqa: S311 a play of chances
    kept = [history(chance) for _ in range(1000)]
    return sum(states.state(kept[at % 1000]).status != "" for at in range(part[1]))


def million(processes: str) -> dict[str, Any]:
    """The rule alone, a million histories of up to fourteen scans, on so many processes."""
    count = int(processes)
    parts = [(at, A_MILLION // count) for at in range(count)]
    began = time.perf_counter()
    with multiprocessing.Pool(count) as pool:
        done = sum(pool.map(states_of, parts))
    return {"parcels": done, "seconds": time.perf_counter() - began}


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "drain": drain,
    "batch": batch,
    "recomputed": recomputed,
    "million": million,
}

if __name__ == "__main__":
    print(msgspec.json.encode(PARTS[sys.argv[1]](*sys.argv[2:])).decode())
