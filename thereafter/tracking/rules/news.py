"""Which events are news to somebody who follows a delivery, and by which key each is told once."""

from datetime import timedelta

from thereafter.events.base import ShopperEvent
from thereafter.events.parcels import (
    DeliveryEstimateMoved,
    ParcelAttempted,
    ParcelAwaitsPickup,
    ParcelDelivered,
    ParcelFlagged,
    ParcelLate,
    ParcelOutForDelivery,
    ParcelRanIntoTrouble,
    ParcelShipped,
)
from thereafter.tracking.rules.flags import DELAYED

NEWS: tuple[type[ShopperEvent], ...] = (
    ParcelShipped,
    ParcelOutForDelivery,
    ParcelAwaitsPickup,
    ParcelAttempted,
    ParcelDelivered,
    ParcelRanIntoTrouble,
    ParcelLate,
    ParcelFlagged,
    DeliveryEstimateMoved,
)
# A date that moves from hour to hour is told once a day.
QUIET = timedelta(hours=24)
LEASE = timedelta(minutes=10)
MOST_TRIES = 6


def key(event: ShopperEvent) -> str:
    """ "parcel.delivered:12"; "" for what is no news to followers."""
    if getattr(event, "old", False) or (isinstance(event, ParcelFlagged) and event.kind != DELAYED):
        return ""
    parcel_id = getattr(event, "parcel_id", 0)
    if isinstance(event, DeliveryEstimateMoved):
        return f"{event.name}:{parcel_id}:{event.expected_to.isoformat()}"
    return f"{event.name}:{parcel_id}" if parcel_id else ""


def is_estimate(key: str) -> bool:
    return key.startswith(DeliveryEstimateMoved.name)


def parts(key: str) -> tuple[str, int]:
    """Name of the event and parcel of a key; ("confirm", 0) for a question."""
    name, _, rest = key.partition(":")
    number = rest.partition(":")[0]
    return name, int(number) if number.isdigit() else 0


def next_try(tries: int) -> timedelta | None:
    """The pause before another try: 1 minute, growing to 4 hours; None after six."""
    return None if tries >= MOST_TRIES else timedelta(minutes=1) * 3 ** (tries - 1)
