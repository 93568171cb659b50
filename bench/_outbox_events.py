"""The one event and the one subscriber of the outbox benchmark."""

from dataclasses import dataclass

from thereafter.events.base import ShopperEvent
from thereafter.timeline.bus import on


@dataclass(frozen=True, kw_only=True)
class BenchRang(ShopperEvent, name="bench.rang"):
    """Somebody rang in a benchmark."""

    times: int


@on(BenchRang, batch=True)
def hear(events: list[BenchRang]) -> None:
    """Does nothing: the benchmark measures the way there."""
