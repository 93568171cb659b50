"""The parts of the benchmark of recommendations that touch a database, in a process of their own."""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

import numpy as np

from thereafter.commerce.models import Customer, Order, OrderLine, Product
from thereafter.recommendations.actions import building, catching_up
from thereafter.recommendations.models import BackTest
from thereafter.recommendations.queries.candidates import BASKET, candidates, popular
from thereafter.stores.actions import open_store
from thereafter.stores.models import Store

BEGIN = datetime(2026, 1, 1, 10, tzinfo=UTC)
DAYS = 300
END = BEGIN + timedelta(days=DAYS)
FAMILY, CATEGORIES, NEW_ORDERS, NEW_PRODUCTS = 12, 40, 200, 20
CALLS, OUT, OWNED = 1_000, 20, 200


def measure(products: int, orders: int) -> dict[str, Any]:
    store = open_store("bench", name="Bench", currency="EUR", now=BEGIN, time_zone="UTC")
    chance = np.random.default_rng(1)
    things = _products(store, products, "p")
    people = _people(store, max(1, orders // 4))
    moments = np.sort(chance.random(orders)) * DAYS
    lines = _orders(store, things, people, [BEGIN + timedelta(days=float(one)) for one in moments], chance)
    told: dict[str, Any] = {"products": products, "orders": orders, "lines": lines}
    told["first_build_processor_seconds"] = _seconds(lambda: building.rebuild(store, now=END))
    told["chosen"] = {purpose: kept["model"] for purpose, kept in BackTest.objects.of(store).get().settings.items()}
    new = _products(store, NEW_PRODUCTS, "new")
    _orders(store, [*things[:NEW_PRODUCTS], *new], people, [END] * NEW_ORDERS, chance)
    told["catch_up_processor_seconds"] = _seconds(lambda: catching_up.catch_up_all(END))
    told["nightly_build_processor_seconds"] = _seconds(lambda: building.rebuild(store, now=END + timedelta(days=8)))
    told["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return told | {"serving_ms": _serving(store, [one.pk for one in things], chance)}


def _products(store: Store, count: int, name: str) -> list[Product]:
    return Product.objects.bulk_create(
        [
            Product(
                store=store,
                source="bench",
                external_id=f"{name}{at}",
                title=f"{name} {at}",
                category=f"Category {at % CATEGORIES}",
                changed_at=BEGIN,
            )
            for at in range(count)
        ],
        batch_size=500,
    )


def _people(store: Store, count: int) -> list[Customer]:
    people = [Customer(store=store, email=f"p{at}@bench.example", created_at=BEGIN) for at in range(count)]
    return Customer.objects.bulk_create(people, batch_size=500)


def _orders(
    store: Store,
    things: Sequence[Product],
    people: Sequence[Customer],
    moments: Sequence[datetime],
    chance: np.random.Generator,
) -> int:
    """As an import leaves them; how they come in is measured elsewhere. Two to eight products, most of one family."""
    number = Order.objects.count()
    orders = Order.objects.bulk_create(
        [
            Order(
                store=store,
                customer=people[int(chance.integers(len(people)))],
                source="bench",
                external_id=str(number + at),
                number=f"#{number + at}",
                placed_at=moment,
                changed_at=moment,
                currency="EUR",
                subtotal_minor=1000,
                total_minor=1000,
            )
            for at, moment in enumerate(moments)
        ],
        batch_size=500,
    )
    baskets = [_basket(len(things), chance) for _ in orders]
    lines = [
        OrderLine(
            store=store,
            order=order,
            external_id=str(place),
            product=things[one],
            title=things[one].title,
            quantity=1,
            unit_price_minor=1000,
            total_minor=1000,
        )
        for order, basket in zip(orders, baskets, strict=True)
        for place, one in enumerate(basket)
    ]
    OrderLine.objects.bulk_create(lines, batch_size=500)
    return len(lines)


def _basket(things: int, chance: np.random.Generator) -> list[int]:
    first = int(things * chance.random() ** 2) // FAMILY * FAMILY
    wanted = int(chance.integers(2, 9))
    near = chance.integers(first, min(first + FAMILY, things), wanted)
    far = chance.integers(0, things, wanted)
    return sorted({int(one) for one in np.where(chance.random(wanted) < 0.8, near, far)})  # noqa: PLR2004 most of one family


def _seconds(work: Callable[[], object]) -> float:
    """Of the processor."""
    began = time.process_time()
    if not work():
        raise SystemExit("nothing was built")
    return round(time.process_time() - began, 2)


def _serving(store: Store, products: Sequence[int], chance: np.random.Generator) -> dict[str, Any]:
    def some(count: int) -> dict[int, float]:
        return dict.fromkeys(chance.choice(products, min(count, len(products)), replace=False).tolist(), 1.0)

    asked: dict[str, Callable[[], object]] = {
        "product": lambda: candidates(store.pk, some(1), most=OUT),
        "basket_of_10": lambda: candidates(store.pk, some(10), most=OUT, purpose=BASKET),
        "customer_of_200": lambda: candidates(store.pk, some(OWNED), most=OUT),
        "popular": lambda: popular(store.pk, f"Category {chance.integers(CATEGORIES)}", most=OUT),
    }
    return {name: _times(one) for name, one in asked.items()}


def _times(call: Callable[[], object]) -> dict[str, float]:
    taken, worked = np.empty(CALLS), np.empty(CALLS)
    for at in range(CALLS):
        began, begun = time.perf_counter(), time.process_time()
        call()
        taken[at], worked[at] = time.perf_counter() - began, time.process_time() - begun
    told = {"p50": np.quantile(taken, 0.5), "p99": np.quantile(taken, 0.99), "processor_p99": np.quantile(worked, 0.99)}
    return {name: round(float(one) * 1000, 2) for name, one in told.items()}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
