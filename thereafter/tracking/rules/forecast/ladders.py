"""Which lanes a trip belongs to, from the widest to the narrowest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from thereafter.tracking.rules.forecast.curves import Places
from thereafter.tracking.rules.forecast.trips import Mask, Trips, Words


@dataclass(frozen=True)
class Ladder:
    """`names[level][codes[i, level]]` is the lane of trip i at that level; each lane lies in one lane of the level
    before it."""

    names: tuple[Words, ...]
    codes: Places

    def where(self, chosen: Mask) -> "Ladder":
        return replace(self, codes=self.codes[chosen])


def transit_ladder(trips: Trips) -> Ladder:
    """At home or abroad; carrier; service; between countries; to a state; from a state; to a postcode zone."""
    return _ladder((trips.carrier, trips.service, trips.origin, trips.destination), _transit_steps)


def processing_ladder(trips: Trips) -> Ladder:
    """The store; the state a warehouse lies in; the warehouse."""
    return _ladder((trips.origin, trips.warehouse), _processing_steps)


def _transit_steps(carrier: str, service: str, origin: str, destination: str) -> list[str]:
    here, there = origin.split("-"), destination.split("-")
    leg = "abroad" if here[0] and there[0] and here[0] != there[0] else "home"
    ways = [("", "", ""), (carrier, "", ""), (carrier, service, "")]
    lanes = ["|".join((leg, *way, "")).rstrip("|") for way in ways]
    zones = [(here[:1], there[:1]), (here[:1], there[:2]), (here[:2], there[:2]), (here[:2], there[:3])]
    return lanes + ["|".join((leg, carrier, service, "-".join(a), "-".join(b))).rstrip("|") for a, b in zones]


def _processing_steps(origin: str, warehouse: str) -> list[str]:
    state = "-".join(origin.split("-")[:2])
    return ["", state, f"{state}|{warehouse}".rstrip("|")]


def _ladder(columns: Sequence[Words], steps: Callable[..., list[str]]) -> Ladder:
    """Works out each combination once, whatever the number of trips."""
    joined = columns[0]
    for column in columns[1:]:
        joined = np.char.add(np.char.add(joined, "\n"), column)
    combinations, of_trip = np.unique(joined, return_inverse=True)
    rungs = [steps(*str(one).split("\n")) for one in combinations] or [steps(*[""] * len(columns))]
    levels = [np.unique(np.array(level, dtype=np.str_), return_inverse=True) for level in zip(*rungs, strict=True)]
    codes = np.stack([of_combination for _, of_combination in levels], axis=1)
    return Ladder(tuple(names for names, _ in levels), codes[of_trip.reshape(-1)])
