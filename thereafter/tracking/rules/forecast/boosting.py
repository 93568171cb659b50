"""LightGBM quantile forecasts, where the optional extra is installed and a store's past is long enough.

Used when known, in `Trip.numbers`: distance_km, weight_g, volume_cm3, value, freight, items, handling_days (what the
warehouse was last given or says it takes); in `Trip.words`: category, payment. Calendar, lane, carrier and promised
days are taken from the trip itself; times are to be days since 1970.

Learnt is by how much a parcel takes longer than its lane did of late, so that the model moves when the lane does.
A first model has not seen the orders of the last six weeks; what came of them gives the factors to move forecasts by,
by Kaplan-Meier. Then two models learn from all: one from the parcels that came, which leans to the fast ones of late;
one also from those still open, at three quantiles of what their lane says is left of their way (a third of the weight
each), which leans to the pace of before. A forecast is the mean of both (of the logarithms), moved by the factors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from thereafter.tracking.rules.forecast import conformal, curves, features
from thereafter.tracking.rules.forecast.ladders import processing_ladder, transit_ladder
from thereafter.tracking.rules.forecast.lanes import HANDLING, STATED
from thereafter.tracking.rules.forecast.learning import TARGET, Learning
from thereafter.tracking.rules.forecast.stages import GIVEN_UP
from thereafter.tracking.rules.forecast.survival import predict_open
from thereafter.tracking.rules.forecast.tables import Forecasts
from thereafter.tracking.rules.forecast.trips import Days, Mask, Trips

try:
    import lightgbm
except (ImportError, OSError):  # OSError: installed, but libgomp is not
    lightgbm = None  # type: ignore[assignment,unused-ignore]  # it is not installed everywhere

VERSION = 1
ENOUGH = 400
SHARES = (0.1, 0.5, 0.9)
# A parcel that is still open is learnt from as if it came at each of these quantiles of what is left.
PARTS = (1 / 6, 1 / 2, 5 / 6)
# Orders of so many days are kept from the model that the factors are found with.
HELD_BACK = 42.0
HALF_LIFE = 21.0
ROUNDS = 150
# With few rows it matters which are drawn for a tree: then the mean of two draws is taken.
SEEDS = (1, 2)
MANY = 20_000
SETTINGS = {
    "objective": "quantile",
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "deterministic": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Boosted:
    """Boosters as text, what they were told of the world, and how to move them; `fitted_at` in days."""

    fitted_at: float
    target: float
    snapshot: features.Snapshot
    vocabulary: Mapping[str, list[str]]
    texts: tuple[str, ...]
    factors: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with a `version`."""
        return {
            "version": VERSION,
            "fitted_at": self.fitted_at,
            "target": self.target,
            "snapshot": self.snapshot.to_json(),
            "vocabulary": dict(self.vocabulary),
            "texts": list(self.texts),
            "factors": list(self.factors),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Boosted":
        """Raises ValueError on a version that we do not know."""
        if data.get("version") != VERSION:
            raise ValueError(f"A LightGBM model of version {data.get('version')} cannot be read: fit it again.")
        return cls(
            fitted_at=data["fitted_at"],
            target=data["target"],
            snapshot=features.Snapshot.from_json(data["snapshot"]),
            vocabulary=data["vocabulary"],
            texts=tuple(data["texts"]),
            factors=tuple(data["factors"]),
        )

    @cached_property
    def boosters(self) -> list[Any]:
        return [lightgbm.Booster(model_str=text) for text in self.texts]


@dataclass(frozen=True)
class _Rows:
    """What is learnt from: features, days and weight of each row."""

    features: Days
    days: Days
    weights: Days


def available() -> bool:
    """Is LightGBM installed, and does it load (it needs libgomp)?"""
    return lightgbm is not None


def fit(trips: Trips, as_of: float, seen: features.Seen | None = None) -> Boosted | None:
    """Learns from what was known at `as_of`; None where that is too little, or LightGBM is not available.

    Fits of the same trips at moments whole weeks apart share `seen`, and need not work out the past again.
    """
    known = trips.known(as_of)
    if not available() or np.count_nonzero(~np.isnan(known.delivered_at)) < ENOUGH:
        return None
    learning = Learning(known, processing_ladder(known), transit_ladder(known), STATED, HANDLING)
    vocabulary = features.vocabulary_of(known)
    now = features.snapshot(learning, as_of, features.coded(known))
    matrix, near = features.weekly(learning, as_of, vocabulary, now.seasons, {} if seen is None else seen)
    came = near & ~np.isnan(known.delivered_at)
    held_back = near & (known.ordered_at > as_of - HELD_BACK)
    earlier = _train(_rows(known, matrix, came & ~held_back))
    factors = _factors(earlier, known, matrix, held_back, as_of)
    still = near & np.isnan(known.delivered_at) & np.isnan(known.closed_at) & (known.ordered_at > as_of - GIVEN_UP)
    left = predict_open(now.table, known.where(still), as_of)
    ways = np.stack([left.quantile(share) for share in PARTS], axis=1) + (as_of - known.ordered_at[still])[:, None]
    there = _rows(known, matrix, came)
    boosters = _train(there) + _train(there, _open_rows(matrix[still], ways))
    texts = tuple(booster.model_to_string() for booster in boosters)
    return Boosted(as_of, TARGET, now, vocabulary, texts, factors)


def _rows(known: Trips, matrix: Days, came: Mask) -> _Rows:
    return _Rows(matrix[came], (known.delivered_at - known.ordered_at)[came], np.ones(came.sum()))


def _open_rows(matrix: Days, left: Days) -> _Rows:
    return _Rows(np.repeat(matrix, len(PARTS), axis=0), left.reshape(-1), np.full(left.size, 1 / len(PARTS)))


def _train(*parts: _Rows) -> list[Any]:
    matrix = np.concatenate([part.features for part in parts])
    usual = matrix[:, features.MEDIAN]
    ratio = np.log(np.maximum(np.concatenate([part.days for part in parts]), curves.STEP) / usual)
    data = lightgbm.Dataset(
        matrix,
        ratio,
        weight=np.concatenate([part.weights for part in parts]),
        feature_name=[name.replace(" ", "_") for name in features.NAMES],
        categorical_feature=[features.NAMES.index(name) for name in features.WORDS],
        params={"max_cat_to_onehot": 4, "verbosity": -1, "feature_pre_filter": False},
        free_raw_data=False,
    )
    seeds = SEEDS if len(matrix) < MANY else SEEDS[:1]
    return [lightgbm.train(SETTINGS | {"alpha": share, "seed": one}, data, ROUNDS) for one in seeds for share in SHARES]


def _quantiles(boosters: list[Any], matrix: Days) -> Days:
    """(n x SHARES) in days, ascending."""
    told = np.stack([booster.predict(matrix, num_threads=1) for booster in boosters], axis=1)
    ratios = told.reshape(len(matrix), -1, len(SHARES)).mean(axis=1)
    quantiles: Days = np.sort(np.exp(ratios) * matrix[:, [features.MEDIAN]], axis=1)
    return quantiles


def _factors(boosters: list[Any], known: Trips, matrix: Days, held_back: Mask, as_of: float) -> tuple[float, ...]:
    held_back = held_back & np.isnan(known.closed_at)
    if not held_back.any():
        return (1.0,) * len(SHARES)
    trips = known.where(held_back)
    ended = ~np.isnan(trips.delivered_at)
    spent = np.where(ended, trips.delivered_at, as_of) - trips.ordered_at
    weights = 0.5 ** ((as_of - trips.ordered_at) / HALF_LIFE)
    return conformal.factors(spent, ended, _quantiles(boosters, matrix[held_back]), SHARES, weights)


def predict(model: Boosted, trips: Trips) -> Forecasts:
    """Days from the order to the door, as it looks when ordering; a batch is far cheaper than single rows.

    Raises RuntimeError when LightGBM is not available.
    """
    if not available():
        raise RuntimeError("LightGBM is not installed: install the extra thereafter[lightgbm], or use the lane tables.")
    matrix = features.matrix(model.snapshot, trips, model.vocabulary)
    moved = np.sort(_quantiles(model.boosters, matrix) * np.array(model.factors), axis=1)
    table = model.snapshot.table
    lane = table.transit.find(transit_ladder(trips))
    return Forecasts(
        quantiles=curves.through(*moved.T),
        which=np.arange(len(trips)),
        lane=table.transit.keys[lane],
        parcels=table.transit.parcels[lane],
        source="lightgbm",
        target=model.target,
    )
