"""Parcels and scans for tests, made as the world makes them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order, ship
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.scans import Taken, add_scans
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.models import Parcel

NUMBER = "00340434161094042557"


def make_parcel(store: Store, *, tracking_number: str = NUMBER, carrier: str = "dhl", **order: Any) -> Parcel:
    """A parcel that the shop handed over a day after its order."""
    with clock.at(order.get("placed_at", PLACED) + timedelta(days=1, hours=1)):
        made = make_order(store, **order)
        ship(made, tracking_number=tracking_number, carrier=carrier)
        run_until_idle()
    return parcel_of(made)


def parcel_of(order: Order) -> Parcel:
    return Parcel.objects.of(order.store_id).get(order=order)


def scan_doc(status: str, at: datetime | str, **fields: Any) -> ScanDoc:
    return ScanDoc(status=status, occurred_at=at if isinstance(at, str) else at.isoformat(), **fields)


def parcel_doc(*scans: ScanDoc, **fields: Any) -> ParcelDoc:
    raw = [msgspec.Raw(msgspec.json.encode(scan)) for scan in scans]
    return ParcelDoc(scans=raw, **({"tracking_number": NUMBER, "carrier": "dhl"} | fields))


def scan(store: Store, *scans: ScanDoc, now: datetime | None = None, source: str = "carrier", **fields: Any) -> Taken:
    """What the carrier says of one parcel."""
    at = now or datetime(2026, 6, 1, tzinfo=UTC)
    with clock.at(at):
        (answer,) = add_scans(store, [parcel_doc(*scans, **fields)], source=source, now=at)
    return answer
