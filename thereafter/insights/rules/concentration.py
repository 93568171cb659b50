"""How much of the money comes from how few customers. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

# Points of the curve that are kept: more cannot be seen.
_DRAWN = 100


@dataclass(frozen=True)
class Concentration:
    """`top_fifth`: the share of the money of the fifth that spends most. `eighty`: the share of customers who make
    80 % of it. `gini`: 0 when all spend alike, near 1 when one spends all. `curve`: (share of customers, share of
    money), who spends most first. None of no customers or no money."""

    customers: int
    net_minor: int
    top_fifth: float | None
    eighty: float | None
    gini: float | None
    curve: list[tuple[float, float]]


def concentration(groups: Iterable[tuple[int, int]]) -> Concentration:
    """From (customers, their money together), of customers who spend much the same; within a group all count alike."""
    richest = sorted((group for group in groups if group[0]), key=lambda group: group[1] / group[0], reverse=True)
    customers, money = sum(group[0] for group in richest), sum(group[1] for group in richest)
    if not customers or money <= 0:
        return Concentration(customers, money, None, None, None, [])
    curve = _curve(richest, customers, money)
    return Concentration(
        customers, money, _across(curve, 0.2), _across([(y, x) for x, y in curve], 0.8), _gini(curve), _thinned(curve)
    )


def _curve(richest: list[tuple[int, int]], customers: int, money: int) -> list[tuple[float, float]]:
    points, people, spent = [(0.0, 0.0)], 0, 0
    for many, minor in richest:
        people, spent = people + many, spent + minor
        points.append((people / customers, spent / money))
    return points


def _across(curve: list[tuple[float, float]], x: float) -> float:
    """The height of a rising curve, straight between its points."""
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x1 >= x:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return curve[-1][1]


def _gini(curve: list[tuple[float, float]]) -> float:
    """Twice the area between the curve and the line of equal spending."""
    area = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairwise(curve))
    return 2 * area - 1


def _thinned(curve: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if len(curve) <= _DRAWN:
        return curve
    return [(step / _DRAWN, _across(curve, step / _DRAWN)) for step in range(_DRAWN + 1)]
