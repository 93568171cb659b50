"""What LightGBM is told of a parcel: all of it known when it was ordered.

The past of a lane, a warehouse or a zone enters as it was known at the beginning of the order's week (a `Snapshot`),
so that a row learnt from looks as a row will look when it is forecast.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from thereafter.tracking.rules.forecast import curves
from thereafter.tracking.rules.forecast.curves import Places
from thereafter.tracking.rules.forecast.ladders import Ladder, processing_ladder, transit_ladder
from thereafter.tracking.rules.forecast.learning import Learning, fit_plain
from thereafter.tracking.rules.forecast.tables import LaneTable, stage_curves
from thereafter.tracking.rules.forecast.trips import Days, Mask, Trips, Words

NUMBERS = ("distance_km", "weight_g", "volume_cm3", "value", "freight", "items", "handling_days")
# Words that trees split by as they are; each is a small set.
WORDS = ("origin state", "destination state", "carrier", "service", "payment")
LANE = ("P10", "P50", "P90", "processing", "transit")
PASTS = ("packing of warehouse", "packing of category", "way from warehouse", "way from zone", "way to zone")
NAMES = (*LANE, *PASTS, *NUMBERS, "promised", "weekday", "hour", "season", *WORDS)
MEDIAN = LANE.index("P50")
# A past of fewer parcels than these is drawn to none more than half.
SHRINKAGE = 5.0
HALF_LIFE = 90.0
# Seasons tell nothing before a year has been seen, and lead astray until then.
YEAR = 380.0
WEEKS = 80

Seen = dict[float, Days]
Coded = Mapping[str, tuple[Words, Places]]


@dataclass(frozen=True)
class Snapshot:
    """The world as it was known at a time: plain lane tables, and by how much (logarithm of the ratio) parcels of a
    warehouse, category or zone were slower than those around them. `seasons`: has a year been seen?"""

    table: LaneTable
    pasts: Mapping[str, Mapping[str, float]]
    seasons: bool

    def to_json(self) -> dict[str, Any]:
        pasts = {name: dict(past) for name, past in self.pasts.items()}
        return {"table": self.table.to_json(), "pasts": pasts, "seasons": self.seasons}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Snapshot":
        return cls(LaneTable.from_json(data["table"]), data["pasts"], data["seasons"])


def coded(trips: Trips) -> Coded:
    """The words of each of PASTS as numbers, worked out once for many snapshots."""
    return {name: _numbered(_words_of(trips, name)) for name in PASTS}


def _numbered(words: Words) -> tuple[Words, Places]:
    names, places = np.unique(words, return_inverse=True)
    return names, places.astype(np.int64)


def snapshot(learning: Learning, as_of: float, codes: Coded) -> Snapshot:
    """`codes` are those of the learning's trips."""
    here = learning.trips.ordered_at <= as_of
    known = learning.known(as_of)
    table, trips = fit_plain(known, as_of), known.trips
    weights = 0.5 ** ((as_of - trips.ordered_at) / HALF_LIFE)
    usual = curves.at_level(table.transit.quantiles, 0.5)[table.transit.find(known.transit)]
    packing = np.log(np.maximum(trips.handed_at - trips.ordered_at, 0.05))
    way = np.log(np.maximum(trips.delivered_at - trips.handed_at, 0.25) / np.maximum(usual, 0.25))
    ratios = {"packing": packing, "way": way}
    pasts = {name: _past(codes[name], here, ratios[name.split()[0]], weights) for name in PASTS}
    begun = float(trips.ordered_at.min()) if len(trips) else as_of
    return Snapshot(table, pasts, bool(as_of - begun >= YEAR))


def _past(code: tuple[Words, Places], here: Mask, ratio: Days, weights: Days) -> dict[str, float]:
    """Each word's mean above the mean of all, drawn to it."""
    ended = ~np.isnan(ratio)
    if not ended.any():
        return {}
    names, places, mass = code[0], code[1][here][ended], weights[ended]
    above = mass * (ratio[ended] - np.average(ratio[ended], weights=mass))
    counted = np.bincount(places, mass, len(names))
    means = np.bincount(places, above, len(names)) / (counted + SHRINKAGE)
    # Rounded, that no tree may split by what is lost when a model is kept.
    return {str(names[place]): round(float(means[place]), 4) for place in np.flatnonzero(counted)}


def _words_of(trips: Trips, name: str) -> Words:
    kind = name.rsplit(maxsplit=1)[-1]
    if kind == "category":
        return trips.words.get("category", np.full(len(trips), ""))
    if kind == "warehouse":
        return trips.warehouse
    return trips.destination if name == "way to zone" else trips.origin


def matrix(known: Snapshot, trips: Trips, vocabulary: Mapping[str, list[str]]) -> Days:
    """(n x NAMES); nan is not known."""
    past = _past_columns(known, trips, processing_ladder(trips), transit_ladder(trips))
    return np.concatenate([past, _own_columns(trips, vocabulary, known.seasons)], axis=1)


def _past_columns(known: Snapshot, trips: Trips, processing: Ladder, transit: Ladder) -> Days:
    """(n x LANE and PASTS)"""
    columns = _lane(known.table, processing, transit)
    columns += [_looked_up(_words_of(trips, name), known.pasts.get(name, {})) for name in PASTS]
    return np.stack(columns, axis=1)


def _own_columns(trips: Trips, vocabulary: Mapping[str, list[str]], seasons: bool) -> Days:
    """What is told of the trip itself."""
    columns = [trips.numbers.get(name, np.full(len(trips), np.nan)) for name in NUMBERS]
    columns += [trips.due_at - trips.ordered_at, *_calendar(trips.ordered_at, seasons)]
    words = split_words(trips)
    for name in WORDS:
        places = {word: float(place) for place, word in enumerate(vocabulary[name])}
        columns.append(_looked_up(words[name], places, np.nan))
    return np.stack(columns, axis=1)


def _lane(table: LaneTable, processing: Ladder, transit: Ladder) -> list[Days]:
    quantiles, which, _ = stage_curves(table, "order", processing, transit)
    columns = [curves.at_level(quantiles, share)[which] for share in (0.1, 0.5, 0.9)]
    for stage in ("processing", "transit"):
        quantiles, which, _ = stage_curves(table, stage, processing, transit)
        columns.append(curves.at_level(quantiles, 0.5)[which])
    return [np.maximum(column, curves.STEP) for column in columns]


def _looked_up(words: Words, values: Mapping[str, float], otherwise: float = 0.0) -> Days:
    names, places = np.unique(words, return_inverse=True)
    found: Days = np.array([values.get(str(name), otherwise) for name in names], dtype=np.float64)
    return found[places]


def _calendar(moments: Days, seasons: bool) -> list[Days]:
    days = np.floor(moments)
    dates = days.astype("datetime64[D]")
    of_year = (dates - dates.astype("datetime64[Y]")).astype(np.float64)
    # 1 January 1970 was a Thursday.
    return [(days + 3) % 7, (moments - days) * 24, of_year if seasons else np.full(len(days), np.nan)]


def split_words(trips: Trips) -> dict[str, Words]:
    states = {"origin state": _states(trips.origin), "destination state": _states(trips.destination)}
    payment = trips.words.get("payment", np.full(len(trips), ""))
    return states | {"carrier": trips.carrier, "service": trips.service, "payment": payment}


def _states(zones: Words) -> Words:
    return np.array(["-".join(str(zone).split("-")[:2]) for zone in zones], dtype=np.str_)


def vocabulary_of(trips: Trips) -> dict[str, list[str]]:
    return {name: [str(word) for word in np.unique(words)] for name, words in split_words(trips).items()}


def weekly(
    learning: Learning, as_of: float, vocabulary: Mapping[str, list[str]], seasons: bool, seen: Seen
) -> tuple[Days, Mask]:
    """Each order's row as it would have been at the beginning of its week (n x NAMES), and which are near enough.
    `seen` are the weeks that were worked out before: what was known then does not change."""
    ordered = learning.trips.ordered_at
    past = np.full((len(ordered), len(LANE) + len(PASTS)), np.nan)
    codes = coded(learning.trips)
    ago = np.maximum(np.ceil((as_of - ordered) / 7), 1)
    near = ago <= WEEKS
    for week in np.unique(ago[near]):
        then = as_of - 7 * float(week)
        if then not in seen:
            there = learning.where(ago == week)
            seen[then] = _past_columns(snapshot(learning, then, codes), there.trips, there.processing, there.transit)
        past[ago == week] = seen[then]
    return np.concatenate([past, _own_columns(learning.trips, vocabulary, seasons)], axis=1), near
