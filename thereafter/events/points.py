from dataclasses import dataclass
from datetime import date

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class PointsAwarded(ShopperEvent, name="points.awarded"):
    """Points were added to the member's ledger."""

    points: int
    reason: str
    source: str


@dataclass(frozen=True, kw_only=True)
class PointsTakenBack(ShopperEvent, name="points.taken_back"):
    """Points left the ledger because what earned them was undone."""

    points: int
    reason: str
    source: str


@dataclass(frozen=True, kw_only=True)
class PointsActivated(ShopperEvent, name="points.activated"):
    """Points that waited can be used from now on."""

    points: int


@dataclass(frozen=True, kw_only=True)
class PointsSpent(ShopperEvent, name="points.spent"):
    """Points were exchanged for a reward, or paid a part of an order."""

    points: int
    redemption_id: int
    reward: str = ""


@dataclass(frozen=True, kw_only=True)
class PointsReturned(ShopperEvent, name="points.returned"):
    """Points that were spent are back, because the reward or the order it paid was undone."""

    points: int
    redemption_id: int


@dataclass(frozen=True, kw_only=True)
class PointsExpired(ShopperEvent, name="points.expired"):
    """Points ran out unused."""

    points: int


@dataclass(frozen=True, kw_only=True)
class PointsExpireSoon(ShopperEvent, name="points.expire_soon"):
    """Points will run out if nothing happens: they can be used until that day of the shop, which is so many days ahead.

    `last`: this is the last time we say so.
    """

    points: int
    on: date
    days: int
    last: bool = False
