"""For whom, and for which moment, facts are wanted."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

Facts = dict[str, Any]
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Seat:
    """One customer, at one moment, with the order and the event it is about, if any."""

    store_id: int
    customer_id: int
    order_id: int | None
    at: datetime
    fact: Mapping[str, Any] = field(default_factory=dict)


class Moments(dict[K, list[datetime]]):
    """When things happened, by what they are about; asked for the last, or the count, up to a moment."""

    def __init__(self, rows: Iterable[tuple[K, datetime]]) -> None:
        found: dict[K, list[datetime]] = defaultdict(list)
        for about, moment in rows:
            found[about].append(moment)
        super().__init__({about: sorted(moments) for about, moments in found.items()})

    def last(self, about: K, at: datetime) -> datetime | None:
        moments = self.get(about, [])
        place = bisect_right(moments, at)
        return moments[place - 1] if place else None

    def count(self, about: K, at: datetime, since: datetime | None) -> int:
        moments = self.get(about, [])
        return bisect_right(moments, at) - (bisect_right(moments, since) if since else 0)


def customers_of(seats: Sequence[Seat]) -> set[int]:
    return {seat.customer_id for seat in seats}


def keys_of(names: Collection[str], root: str) -> set[str]:
    """The keys asked of a map: "happened:order.placed" is "order.placed" of happened."""
    return {name.partition(":")[2] for name in names if name.startswith(f"{root}:")}
