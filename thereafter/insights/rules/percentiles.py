"""What lies in the middle of a histogram. Plain Python."""

from collections.abc import Mapping
from math import ceil


def at(histogram: Mapping[int, int], share: float) -> int | None:
    """The smallest value that at least this share does not exceed (nearest rank); None of nothing."""
    left = max(1, ceil(round(share * sum(histogram.values()), 9)))
    for value in sorted(histogram):
        left -= histogram[value]
        if left <= 0:
            return value
    return None


def median(histogram: Mapping[int, int]) -> int | None:
    return at(histogram, 0.5)


def p90(histogram: Mapping[int, int]) -> int | None:
    return at(histogram, 0.9)
