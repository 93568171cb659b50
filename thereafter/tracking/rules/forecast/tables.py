"""Lane tables and forecasts as values, and how the one gives the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from thereafter.tracking.rules.forecast import curves
from thereafter.tracking.rules.forecast.ladders import Ladder
from thereafter.tracking.rules.forecast.stages import Stage
from thereafter.tracking.rules.forecast.trips import Days, Words

VERSION = 1
# The three quantiles of a forecast, and one further out that cautious promises rest on.
SHARES = (0.1, 0.5, 0.9, 0.95)


@dataclass(frozen=True)
class LaneTable:
    """What `fit` learnt. `target` is the coverage that P10-P90 is set to have. `factors` move the forecasts made when
    ordering ("order"), of the hand-over ("processing") and from there ("transit"), at SHARES. `hand_overs` is False
    where the store hardly ever says when it hands over: then all is transit."""

    fitted_at: float
    target: float
    hand_overs: bool
    processing: Stage
    transit: Stage
    factors: Mapping[str, tuple[float, ...]]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with a `version`."""
        return {
            "version": VERSION,
            "fitted_at": self.fitted_at,
            "target": self.target,
            "hand_overs": self.hand_overs,
            "processing": self.processing.to_json(),
            "transit": self.transit.to_json(),
            "factors": {name: list(values) for name, values in self.factors.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "LaneTable":
        """Raises ValueError on a version that we do not know."""
        if data.get("version") != VERSION:
            raise ValueError(f"A lane table of version {data.get('version')} cannot be read: fit it again.")
        return cls(
            fitted_at=data["fitted_at"],
            target=data["target"],
            hand_overs=data["hand_overs"],
            processing=Stage.from_json(data["processing"]),
            transit=Stage.from_json(data["transit"]),
            factors={name: tuple(values) for name, values in data["factors"].items()},
        )


@dataclass(frozen=True)
class Forecasts:
    """n forecasts in days from the order (from the hand-over, or from now, where it was asked so).

    Forecast i has the curve `quantiles[which[i]]` (curves x LEVELS) and rests on `lane[i]`: "home|carrier|service|
    origin|destination" or "abroad|…", with what was dropped left empty. `parcels[i]` came there of late: under 20 it
    is a guess or the carrier's stated days. `target` is the coverage that p10-p90 is meant to have.
    """

    quantiles: Days
    which: curves.Places
    lane: Words
    parcels: Days
    source: str
    target: float

    def __len__(self) -> int:
        return len(self.which)

    @property
    def p10(self) -> Days:
        return self.quantile(0.1)

    @property
    def p50(self) -> Days:
        return self.quantile(0.5)

    @property
    def p90(self) -> Days:
        return self.quantile(0.9)

    def quantile(self, share: float) -> Days:
        """Days by which this share of such parcels is there (0.95: a promise that holds for 19 of 20)."""
        return curves.at_level(self.quantiles, share)[self.which]

    def survival(self, days: Days) -> Days:
        """P(not there after `days`), one number for each forecast."""
        return curves.survival(self.quantiles[self.which], days[:, None])[:, 0]


def stage_curves(
    table: LaneTable, stage: str, processing: Ladder, transit: Ladder
) -> tuple[Days, curves.Places, curves.Places]:
    """(curves x LEVELS, which of them each trip has, each trip's transit lane), moved by the factors there are."""
    transit_lane = table.transit.find(transit)
    if stage == "transit":
        quantiles, which = table.transit.quantiles, transit_lane
    elif stage == "processing":
        quantiles, which = table.processing.quantiles, table.processing.find(processing)
    else:
        both = np.stack([table.processing.find(processing), transit_lane], axis=1)
        pairs, which = np.unique(both, axis=0, return_inverse=True)
        which = which.reshape(-1)
        total = curves.added(table.processing.chances[pairs[:, 0]], table.transit.chances[pairs[:, 1]])
        quantiles = curves.to_quantiles(total)
    return _stretched(quantiles, table, stage), which, transit_lane


def _stretched(quantiles: Days, table: LaneTable, stage: str) -> Days:
    factors = table.factors.get(stage)
    return curves.stretched(quantiles, SHARES, factors) if factors else quantiles
