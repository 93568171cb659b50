"""Shares with how sure one can be of them, and what lies in the middle of many values. Plain Python."""

from collections.abc import Sequence
from math import ceil, lgamma, sqrt
from typing import NamedTuple

# 95 per cent of a normal distribution lie within so many standard deviations.
Z95 = 1.959963984540054


class Share(NamedTuple):
    """A part of a whole with the interval in which the true share lies in 95 of 100 cases; all of 1."""

    part: int
    whole: int
    value: float
    low: float
    high: float


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); holds for few and for shares of 0 and 1, unlike the usual one."""
    share, spread = part / whole, Z95**2 / whole
    middle = share + spread / 2
    margin = Z95 * sqrt(share * (1 - share) / whole + spread / (4 * whole))
    low, high = (middle - margin) / (1 + spread), (middle + margin) / (1 + spread)
    # Floats miss the ends, where the bound is the share itself, by a hair.
    return max(0.0, min(low, share)), min(1.0, max(high, share))


def share(part: int, whole: int, enough: int = 1) -> Share | None:
    """None when the whole is smaller than `enough` to say anything."""
    if whole < max(1, enough):
        return None
    return Share(part, whole, part / whole, *wilson(part, whole))


class Spread(NamedTuple):
    """The value that half stay below, the one that nine of ten do, and how many there were."""

    median: float
    p90: float
    whole: int


def spread(values: Sequence[float], enough: int = 1) -> Spread | None:
    """By the nearest-rank method; None when there are fewer than `enough`."""
    if len(values) < max(1, enough):
        return None
    ordered = sorted(values)
    return Spread(_rank(ordered, 0.5), _rank(ordered, 0.9), len(ordered))


def _rank(ordered: Sequence[float], at: float) -> float:
    return ordered[ceil(at * len(ordered)) - 1]


def log_choose(n: int, k: int) -> float:
    """The natural logarithm of how many ways there are to choose `k` of `n`."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
