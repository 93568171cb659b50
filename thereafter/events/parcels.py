from dataclasses import dataclass
from datetime import date

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class ParcelShipped(ShopperEvent, name="parcel.shipped"):
    """The carrier has the parcel, or the shop says it left."""

    parcel_id: int
    carrier: str
    tracking_number: str


@dataclass(frozen=True, kw_only=True)
class ParcelMoved(ShopperEvent, name="parcel.moved"):
    """First entry to a status that has no event of its own (in transit, ready for pickup, attempted ...)."""

    parcel_id: int
    status: str


@dataclass(frozen=True, kw_only=True)
class ParcelOutForDelivery(ShopperEvent, name="parcel.out_for_delivery"):
    """The parcel is on the van."""

    parcel_id: int


@dataclass(frozen=True, kw_only=True)
class ParcelDelivered(ShopperEvent, name="parcel.delivered"):
    """The shopper has the parcel. `late` is None when no date had been promised."""

    parcel_id: int
    carrier: str
    promised_on: date | None = None
    delivered_on: date | None = None
    late: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ParcelRanIntoTrouble(ShopperEvent, name="parcel.exception"):
    """The carrier cannot go on without help: address, customs, damage, loss."""

    parcel_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class ParcelLate(ShopperEvent, name="parcel.late"):
    """The promised day has passed and the parcel is not there."""

    parcel_id: int
    promised_on: date


@dataclass(frozen=True, kw_only=True)
class ParcelReturned(ShopperEvent, name="parcel.returned"):
    """The parcel is back at the sender."""

    parcel_id: int
