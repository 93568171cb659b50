"""Figures on the overview: `@tile(place=10)` in a module's `panels.py` above a function of (store, period)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from thereafter.kit.sockets import Socket
from thereafter.stores.models import Store


@dataclass(frozen=True)
class Period:
    """From `since` (included) to `until` (not included), both aware; `before` is the same length just before."""

    since: datetime
    until: datetime

    @property
    def before(self) -> "Period":
        return Period(self.since - (self.until - self.since), self.since)


@dataclass(frozen=True)
class Tile:
    """One figure. `value` and `delta` are ready to read; `good` says whether the change is welcome."""

    label: str
    value: str
    delta: str = ""
    good: bool | None = None
    hint: str = ""
    spark: Sequence[float] = ()
    url: str = ""


tile: Socket[Callable[[Store, Period], Tile | None]] = Socket()
