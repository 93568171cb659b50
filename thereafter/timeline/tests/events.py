"""Events and handlers that only the timeline's own tests know."""

from dataclasses import dataclass

from thereafter.events.base import Event, ShopperEvent
from thereafter.timeline.bus import on


@dataclass(frozen=True, kw_only=True)
class BellRang(ShopperEvent, name="test.bell_rang"):
    """Somebody rang."""

    times: int = 1


@dataclass(frozen=True, kw_only=True)
class LightWentOut(Event, name="test.light_went_out"):
    """Nobody saw."""


heard: list[int] = []
batches: list[int] = []
broken: set[int] = set()


@on(BellRang)
def hear(event: BellRang) -> None:
    if event.times in broken:
        raise ValueError(f"deaf to {event.times}")
    heard.append(event.times)


@on(BellRang, batch=True)
def hear_many(events: list[BellRang]) -> None:
    batches.append(len(events))
