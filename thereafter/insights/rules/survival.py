"""How long it takes until something happens, when some were not seen for long enough. Plain Python.

The estimate of Kaplan and Meier (1958): who has not bought again yet counts as long as they were seen. The mean of
those who did buy again says something else, and always less. Intervals: Greenwood's variance on the scale of
log(-log S) (Kalbfleisch and Prentice 1980), so that they stay within nought and one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt

from thereafter.kit.shares import Z95

_HALF = 0.5


@dataclass(frozen=True)
class CurvePoint:
    """By this `day`, the `share` to whom it has happened, of 1; `at_risk` were seen up to it without."""

    day: int
    share: float
    low: float
    high: float
    at_risk: int
    error: float


def curve(seen: Mapping[tuple[int, int], int]) -> list[CurvePoint]:
    """One point per day on which it happened, from customers by (days, 1 when it happened, 0 when they were last seen).

    Who was last seen on a day was at risk on it.
    """
    at_risk, left, spread = sum(seen.values()), 1.0, 0.0
    points = []
    for day, (happened, gone) in sorted(_by_day(seen).items()):
        if happened:
            left *= 1 - happened / at_risk
            spread += happened / (at_risk * (at_risk - happened)) if at_risk > happened else 0.0
            points.append(CurvePoint(day, 1 - left, *_interval(left, spread), at_risk, left * sqrt(spread)))
        at_risk -= happened + gone
    return points


def _by_day(seen: Mapping[tuple[int, int], int]) -> dict[int, tuple[int, int]]:
    days = dict.fromkeys((day for day, _ in seen), (0, 0))
    return {day: (seen.get((day, 1), 0), seen.get((day, 0), 0)) for day in days}


def _interval(left: float, spread: float) -> tuple[float, float]:
    """Of the share to whom it happened."""
    if not 0 < left < 1:
        return 1 - left, 1 - left
    reach = Z95 * sqrt(spread) / abs(log(left))
    return 1 - left ** exp(-reach), 1 - left ** exp(reach)


def by_day(points: Iterable[CurvePoint], day: int) -> CurvePoint | None:
    """The last point on or before the day; None before the first."""
    known = [point for point in points if point.day <= day]
    return known[-1] if known else None


def median(points: Iterable[CurvePoint]) -> int | None:
    """The first day by which it has happened to half of all; None while it has not."""
    return next((point.day for point in points if point.share >= _HALF), None)
