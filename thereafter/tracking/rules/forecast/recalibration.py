"""What the last weeks taught about forecasts: the same tables as they would have been at the beginning of each week,
against what came of that week's parcels by now."""

from collections.abc import Sequence

import numpy as np

from thereafter.tracking.rules.forecast import conformal, curves
from thereafter.tracking.rules.forecast.learning import Learning, fit_plain
from thereafter.tracking.rules.forecast.stages import Span
from thereafter.tracking.rules.forecast.survival import late_chance
from thereafter.tracking.rules.forecast.tables import SHARES, LaneTable, stage_curves
from thereafter.tracking.rules.forecast.trips import Days, Trips

WEEKS = 9
HALF_LIFE = 14.0
# Late alerts are rare: their lesson is kept for longer.
LATE_HALF_LIFE = 28.0


def look_back(learning: Learning, as_of: float) -> dict[str, tuple[float, ...]]:
    """Each of the last weeks' parcels, forecast with the tables of that week's beginning, against what came of it."""
    seen: dict[str, list[tuple[Days, Days]]] = {"order": [], "processing": [], "transit": []}
    late: list[Days] = []
    starts = {"order": "ordered_at", "processing": "ordered_at", "transit": "handed_at"}
    for week in range(1, WEEKS + 1):
        then = as_of - 7 * week
        past = fit_plain(learning.known(then), then)
        for stage, parts in seen.items():
            begun = getattr(learning.trips, starts[stage])
            there = learning.where((begun > then) & (begun <= then + 7))
            if len(there.trips):
                quantiles, which, _ = stage_curves(past, stage, there.processing, there.transit)
                forecast = np.stack([curves.at_level(quantiles, share)[which] for share in SHARES], axis=1)
                parts.append((_spans(there.trips, stage, as_of), forecast))
        late.append(_lateness(past, learning, then, as_of))
    return {stage: _factors(parts) for stage, parts in seen.items()} | {"late": _late_factors(np.concatenate(late))}


def _lateness(past: LaneTable, learning: Learning, then: float, as_of: float) -> Days:
    """(n x 3): the chance to be late of each parcel open `then` whose promised day is over by now, whether it was,
    weight. Whether a parcel was late is known as soon as its day is over, there or not."""
    trips = learning.trips
    looked = (trips.ordered_at <= then) & ~(trips.delivered_at <= then) & ~(trips.closed_at <= as_of)
    judged = trips.where(looked & (trips.due_at > then) & (trips.due_at <= as_of))
    chance = late_chance(past, judged, then)
    weight = np.full(len(judged), 0.5 ** ((as_of - then) / LATE_HALF_LIFE))
    return np.stack([chance, ~(judged.delivered_at <= judged.due_at), weight], axis=1)


def _late_factors(looks: Days) -> tuple[float, ...]:
    chance, late, weight = looks.T
    return conformal.recalibration(chance, late.astype(bool), weight)


def _spans(trips: Trips, stage: str, as_of: float) -> Days:
    """(n x 3): days spent until the end or until now, whether it ended, weight."""
    start, end = {
        "order": (trips.ordered_at, trips.delivered_at),
        "processing": (trips.ordered_at, trips.handed_at),
        "transit": (trips.handed_at, trips.delivered_at),
    }[stage]
    span = Span.between(start, end, trips, as_of)
    spans: Days = np.stack(
        [span.days, span.ended, np.where(span.counts, 0.5 ** ((as_of - start) / HALF_LIFE), 0)], axis=1
    )
    return spans


def _factors(parts: Sequence[tuple[Days, Days]]) -> tuple[float, ...]:
    if not parts:
        return (1.0,) * len(SHARES)
    spans = np.concatenate([one for one, _ in parts])
    counts = spans[:, 2] > 0
    forecast = np.concatenate([one for _, one in parts])[counts]
    spent, ended, weights = spans[counts].T
    return conformal.factors(spent, ended.astype(bool), forecast, SHARES, weights)
