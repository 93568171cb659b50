"""What becomes of parcels. `old`: we heard of it so late that nobody is told, a message would only confuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class ParcelShipped(ShopperEvent, name="parcel.shipped"):
    """The carrier has the parcel, or the shop says it left."""

    parcel_id: int
    carrier: str
    tracking_number: str
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ParcelMoved(ShopperEvent, name="parcel.moved"):
    """First entry to a status that has no event of its own (in transit, ready for pickup, attempted ...)."""

    parcel_id: int
    status: str
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ParcelOutForDelivery(ShopperEvent, name="parcel.out_for_delivery"):
    """The parcel is on the van."""

    parcel_id: int
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ParcelDelivered(ShopperEvent, name="parcel.delivered"):
    """The shopper has the parcel. `late` is None when no date had been promised."""

    parcel_id: int
    carrier: str
    tracking_number: str = ""
    promised_on: date | None = None
    delivered_on: date | None = None
    late: bool | None = None
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ParcelRanIntoTrouble(ShopperEvent, name="parcel.exception"):
    """The carrier cannot go on without help: address, customs, damage, loss."""

    parcel_id: int
    reason: str
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ParcelLate(ShopperEvent, name="parcel.late"):
    """The promised day has passed and the parcel is not there."""

    parcel_id: int
    promised_on: date
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ParcelReturned(ShopperEvent, name="parcel.returned"):
    """The parcel is back at the sender."""

    parcel_id: int
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnParcelMoved(ShopperEvent, name="return_parcel.moved"):
    """A carrier has news of a parcel that comes back to the shop; `status` is one of `parcel.*`'s. It is no delivery:
    no other event of parcels is told of it, and each turn is told, also the second time into trouble and out of it."""

    return_parcel_id: int
    status: str
    carrier: str
    tracking_number: str
    reason: str = ""
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ParcelAwaitsPickup(ShopperEvent, name="parcel.available_for_pickup"):
    """The parcel waits at a shop or locker; `until` is the last day, when the carrier told it."""

    parcel_id: int
    until: date | None = None
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ParcelAttempted(ShopperEvent, name="parcel.attempted"):
    """The carrier was at the door and could not deliver."""

    parcel_id: int
    reason: str = ""
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ParcelFlagged(ShopperEvent, name="parcel.flagged"):
    """Something is not as it should be: `kind` is one of `tracking.rules.flags`, `cause` says why.

    `parcel_id` is 0 when it is about an order of which nothing has left yet. `occurred_at` is since when it is so.
    """

    parcel_id: int
    kind: str
    cause: str = ""
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class ParcelFlagCleared(ShopperEvent, name="parcel.flag_cleared"):
    """It is as it should be again, or over; `by` is news, delivered, staff or shop."""

    parcel_id: int
    kind: str
    cause: str = ""
    by: str = ""
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class DeliveryEstimateMoved(ShopperEvent, name="parcel.estimate_moved"):
    """We now expect the parcel on other days than we last said; the promise stays."""

    parcel_id: int
    expected_from: date
    expected_to: date
    promised_on: date | None = None
    cause: str = ""
    old: bool = False


@dataclass(frozen=True, kw_only=True)
class DeliveryProblemReported(ShopperEvent, name="parcel.problem_reported"):
    """A shopper says that something is wrong: damaged, wrong, missing, not_received, address or other.

    `items` are those it is about, as [{"title", "variant", "quantity"}]; none when the shopper did not say.
    """

    parcel_id: int
    report_id: int
    kind: str
    text: str = ""
    items: tuple[Mapping[str, Any], ...] = ()
