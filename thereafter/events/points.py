from dataclasses import dataclass

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
