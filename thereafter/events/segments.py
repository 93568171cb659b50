from dataclasses import dataclass

from thereafter.events.base import ShopperEvent


@dataclass(frozen=True, kw_only=True)
class SegmentEntered(ShopperEvent, name="segment.entered"):
    """The customer now meets the segment's condition; `visit` counts how often that happened."""

    segment_id: int
    segment: str
    visit: int = 1


@dataclass(frozen=True, kw_only=True)
class SegmentLeft(ShopperEvent, name="segment.left"):
    """The customer no longer meets the segment's condition."""

    segment_id: int
    segment: str
    visit: int = 1
