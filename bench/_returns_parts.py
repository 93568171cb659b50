"""The part of the returns benchmark that opens cases, in a process and an installation of its own."""

import json
import sys
import time
from datetime import timedelta

import django

django.setup()

from thereafter.commerce.actions.orders import take_fulfilments, take_orders
from thereafter.commerce.documents import Address, FulfilmentDoc, Line, OrderDoc, Payment, Person, Shipped
from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.returns.actions.opening import Asking, Wish, open_cases
from thereafter.stores.actions import open_store

SOURCE = "api"
WISH = Wish(line="1", reason="size_small", outcome="store_credit", method="own_carrier")


def open_all(count: int) -> dict[str, float]:
    """Orders of two lines, and a case of one of them for each, one after the other."""
    now = clock.now()
    store = open_store("bench", name="Bench", currency="EUR", country="DE", now=now, time_zone="Europe/Berlin")
    for first in range(0, count, 500):
        numbers = range(first, min(first + 500, count))
        take_orders(store, [_order(number) for number in numbers], source=SOURCE, now=now)
        take_fulfilments(store, [_sent(number) for number in numbers], source=SOURCE, now=now)
    orders = list(Order.objects.of(store).select_related("store", "customer").order_by("pk"))
    taken = []
    begin = time.perf_counter()
    for order in orders:
        at = time.perf_counter()
        open_cases(order, [WISH], Asking(source=f"bench:{order.pk}"), now=now)
        taken.append(time.perf_counter() - at)
    seconds = time.perf_counter() - begin
    taken.sort()
    return {
        "cases": count,
        "cases_per_second": round(count / seconds, 1),
        "p50_ms": round(1000 * taken[count // 2], 1),
        "p95_ms": round(1000 * taken[int(count * 0.95)], 1),
    }


def _order(number: int) -> OrderDoc:
    return OrderDoc(
        external_id=str(number),
        number=str(number),
        placed_at=clock.now() - timedelta(days=9),
        currency="EUR",
        total="98.90",
        customer=Person(email=f"p{number}@example.com"),
        lines=[
            Line(external_id="1", title="Shoes", quantity=1, unit_price="89.90", sku="S"),
            Line(external_id="2", title="Socks", quantity=1, unit_price="9.00", sku="T"),
        ],
        payments=[Payment(external_id=f"c{number}", kind="card", amount="98.90")],
        shipping_address=Address(city="Berlin", postcode="10115", country="DE"),
    )


def _sent(number: int) -> FulfilmentDoc:
    sent = clock.now() - timedelta(days=8)
    return FulfilmentDoc(order=str(number), fulfilment=Shipped(external_id="f", shipped_at=sent))


if __name__ == "__main__":
    print(json.dumps(open_all(int(sys.argv[1]))))
