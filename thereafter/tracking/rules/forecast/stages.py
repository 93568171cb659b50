"""One stage of a parcel's way, lane by lane: what its trips took, and the table of curves that comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from thereafter.tracking.rules.forecast import curves
from thereafter.tracking.rules.forecast.curves import Places
from thereafter.tracking.rules.forecast.ladders import Ladder
from thereafter.tracking.rules.forecast.trips import Days, Mask, Trips, Words

# Fewer parcels than these are no lane of their own.
ENOUGH = 20
# A lane is taken to have seen as many parcels more, that went as those of the wider lane did.
SHRINKAGE = 5.0
# A parcel from so many days ago counts half; from before the window, nothing.
HALF_LIFE = 90.0
WINDOW = 400.0
# Open for longer: it will never be told of again.
GIVEN_UP = 60.0


@dataclass(frozen=True)
class Span:
    """A stage of n trips: days it took or, not `ended`, has taken so far; `counts` where it is to be learnt from."""

    days: Days
    ended: Mask
    counts: Mask
    weights: Days

    @classmethod
    def between(cls, start: Days, end: Days, trips: Trips, as_of: float) -> "Span":
        """Without those that never began, that ended otherwise, or that were never told of again."""
        ended = ~np.isnan(end)
        days = np.maximum(np.where(ended, end, as_of) - start, 0)
        closed = ~ended & (~np.isnan(trips.delivered_at) | ~np.isnan(trips.closed_at) | (days > GIVEN_UP))
        age = as_of - start
        counts = ~np.isnan(start) & ~closed & (age < WINDOW)
        return cls(days, ended, counts, np.where(counts, 0.5 ** (age / HALF_LIFE), 0))


@dataclass(frozen=True)
class Stage:
    """`keys` (lanes, widest first), how many parcels each rests on, and their curves (lanes x LEVELS)."""

    keys: Words
    parcels: Days
    quantiles: Days

    def to_json(self) -> dict[str, Any]:
        return {
            "keys": self.keys.tolist(),
            "parcels": [int(one) for one in self.parcels],
            "quantiles": self.quantiles.tolist(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Stage":
        quantiles = np.array(data["quantiles"], dtype=np.float64).reshape(len(data["keys"]), len(curves.LEVELS))
        return cls(np.array(data["keys"], dtype=np.str_), np.array(data["parcels"], dtype=np.float64), quantiles)

    @cached_property
    def chances(self) -> Days:
        """(lanes x CELLS)"""
        return curves.to_chances(self.quantiles)

    @cached_property
    def places(self) -> dict[str, int]:
        return {str(key): place for place, key in enumerate(self.keys)}

    def find(self, ladder: Ladder) -> Places:
        """The narrowest lane that we know of each trip."""
        found = np.zeros(len(ladder.codes), dtype=np.int64)
        for level, names in enumerate(ladder.names):
            places = np.array([self.places.get(str(name), -1) for name in names], dtype=np.int64)
            here = places[ladder.codes[:, level]]
            found = np.where(here >= 0, here, found)
        return found


def fit_stage(ladder: Ladder, span: Span, stated: Mapping[str, tuple[float, float]]) -> Stage:
    """From the widest lanes to the narrowest, each drawn towards the one around it or to what is `stated` of it
    (P10 and P90 in days)."""
    learnt = _Learnt(stated)
    around = np.full(len(span.days), -1, dtype=np.int64)
    for level, names in enumerate(ladder.names):
        around = learnt.climb(names, ladder.codes[:, level], around, span)
    return learnt.stage()


class _Learnt:
    """The lanes so far, in chances; those that are stated from the start."""

    def __init__(self, stated: Mapping[str, tuple[float, float]]) -> None:
        ends = np.array(list(stated.values()), dtype=np.float64).reshape(-1, 2)
        low, high = np.maximum(ends[:, 0], curves.STEP), np.maximum(ends[:, 1], 2 * curves.STEP)
        self.keys = list(stated)
        self.parcels = np.zeros(len(stated))
        self.chances = curves.to_chances(curves.through(low, np.sqrt(low * high), high))

    def climb(self, names: Words, codes: Places, around: Places, span: Span) -> Places:
        """Learns the lanes of one level; returns the lane that each trip is in by now."""
        ends = np.bincount(codes[span.counts & span.ended], minlength=len(names))
        known = {key: place for place, key in enumerate(self.keys)}
        stated = np.array([known.get(str(name), -1) for name in names], dtype=np.int64)
        wider = np.full(len(names), -1, dtype=np.int64)
        wider[codes] = around
        learns = np.flatnonzero((ends >= ENOUGH) | (stated >= 0))
        prior = np.where(stated >= 0, stated, wider)[learns]
        place = stated.copy()
        place[learns] = self._keep(names[learns], stated[learns], ends[learns])
        row = np.full(len(names), -1, dtype=np.int64)
        row[learns] = np.arange(len(learns))
        used = span.counts & (row[codes] >= 0)
        self.chances[place[learns]] = curves.life_table(
            row[codes[used]], span.days[used], span.ended[used], span.weights[used], SHRINKAGE * self.chances[prior]
        )
        return np.where(place[codes] >= 0, place[codes], around)

    def _keep(self, names: Words, stated: Places, ends: Places) -> Places:
        """The places of these lanes in the table: a new one, but for a lane that is stated."""
        new = np.flatnonzero(stated < 0)
        places = stated.copy()
        places[new] = len(self.keys) + np.arange(len(new))
        self.keys += [str(name) for name in names[new]]
        self.parcels = np.concatenate([self.parcels, np.zeros(len(new))])
        self.parcels[places] = ends
        self.chances = np.concatenate([self.chances, np.zeros((len(new), curves.CELLS))])
        return places

    def stage(self) -> Stage:
        return Stage(np.array(self.keys, dtype=np.str_), self.parcels, curves.to_quantiles(self.chances).round(2))
