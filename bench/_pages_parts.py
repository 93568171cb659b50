"""The shop that the benchmark of pages looks at, and the queries of the console's order page."""

import json
import sys
from datetime import UTC, datetime, timedelta

import django

django.setup()

import msgspec
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.actions.products import take_products
from thereafter.commerce.documents import Address, Line, OrderDoc, Person, ProductDoc, Shipped
from thereafter.commerce.models import Order
from thereafter.kit import clock
from thereafter.recommendations.actions.building import rebuild_due
from thereafter.storefront.links import order_token
from thereafter.stores import actions as stores
from thereafter.stores.models import Staff, Store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.scans import add_scans
from thereafter.tracking.documents import ParcelDoc, ScanDoc

ORDERS, PRODUCTS, SCANS = 200, 12, 7  # the shop's own hand-over is the eighth scan
PLACED = datetime.now(UTC) - timedelta(days=3)


def prepare() -> dict[str, object]:
    """Orders with three items, eight scans and three recommendations each; the addresses of their pages."""
    store = stores.open_store("bench", name="Bench", currency="EUR", now=PLACED, time_zone="Europe/Berlin")
    stores.add_staff(store, email="o@bench.example", name="O", role="owner", password="correct horse", now=PLACED)  # noqa: S106 of a shop that is thrown away
    catalogue = [
        ProductDoc(external_id=str(at), title=f"Shoe {at}", url=f"https://s.example/{at}") for at in range(PRODUCTS)
    ]
    take_products(store, catalogue, source="api", now=PLACED)
    take_orders(store, [order(at) for at in range(ORDERS)], source="api", now=clock.now())
    run_until_idle()
    add_scans(store, [scans(at) for at in range(ORDERS)], source="carrier", now=clock.now())
    rebuild_due(clock.now())
    run_until_idle()
    orders = Order.objects.of(store).select_related("store").order_by("pk")
    return {"paths": [reverse("storefront:order", args=["bench", order_token(one)]) for one in orders]}


def order(at: int) -> OrderDoc:
    lines = [
        Line(
            external_id=str(n),
            title=f"Shoe {(at + n) % PRODUCTS}",
            quantity=1,
            unit_price="50",
            product_id=str((at + n) % PRODUCTS),
        )
        for n in range(3)
    ]
    shipped = Shipped(external_id="f", shipped_at=PLACED + timedelta(days=1), carrier="dhl", tracking_number=f"N{at}")
    return OrderDoc(
        external_id=str(at),
        number=f"{1000 + at}",
        placed_at=PLACED,
        currency="EUR",
        total="150",
        customer=Person(email=f"c{at}@bench.example", name="C Bench"),
        lines=lines,
        shipping_address=Address(city="Berlin", country="DE", postcode="10115"),
        fulfilments=[shipped],
    )


def scans(at: int) -> ParcelDoc:
    told = [
        ScanDoc(
            status="picked_up" if not hour else "in_transit",
            occurred_at=(PLACED + timedelta(days=1, hours=hour + 1)).isoformat(),
            place=f"Town {hour}",
            text="Arrived at the depot",
        )
        for hour in range(SCANS)
    ]
    return ParcelDoc(tracking_number=f"N{at}", scans=[msgspec.Raw(msgspec.json.encode(one)) for one in told])


def console_queries() -> dict[str, object]:
    """Queries of the console's page of an order, sign-in and session included."""
    store = Store.objects.get(slug="bench")
    one = Order.objects.of(store).order_by("pk")[5]
    client = Client()
    client.force_login(Staff.objects.get(email="o@bench.example"))
    page = reverse("commerce_console:order", args=[store.slug, one.pk])
    client.get(page)  # the first page of a session writes the session
    with CaptureQueriesContext(connection) as queries:
        response = client.get(page)
    return {"status": response.status_code, "queries": len(queries)}


if __name__ == "__main__":
    print(json.dumps({"prepare": prepare, "console": console_queries}[sys.argv[1]]()))
