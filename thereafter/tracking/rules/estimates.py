"""When will it come: the days past deliveries took, as a range; region falls back to country, then to the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# Fewer past deliveries than these say too little.
ENOUGH = 20
# What we take when nothing is known yet, in days from the order.
STORE = ""


@dataclass(frozen=True, slots=True)
class Days:
    """Days from order to door: one parcel in ten is faster than `fast`, half than `usual`, nine in ten than `slow`."""

    fast: int
    usual: int
    slow: int


DOMESTIC, ABROAD = Days(2, 4, 7), Days(5, 9, 16)


@dataclass(frozen=True, slots=True)
class Estimate:
    """`source` says what it rests on: lane (past deliveries to `lane`), or default (a plain guess)."""

    days: Days
    source: str
    lane: str = ""


def quantiles(days: Sequence[int]) -> Days:
    """P10, P50 and P90 by the nearest-rank method (Hyndman and Fan 1996, definition 1), in whole days."""
    ordered = sorted(days)
    fast, usual, slow = (ordered[max(0, -(-len(ordered) * percent // 100) - 1)] for percent in (10, 50, 90))
    return Days(fast, usual, slow)


def back_off(destination: str) -> list[str]:
    """ "BR-SP" is asked as itself, then as its country, then as the whole store."""
    country = destination.partition("-")[0]
    return list(dict.fromkeys([destination, country, STORE]))


def estimate(lanes: Mapping[str, Days], destination: str, home: str) -> Estimate:
    """The narrowest lane that is known (`lanes` holds only those with enough deliveries), else a plain default."""
    for lane in back_off(destination):
        if lane in lanes:
            return Estimate(lanes[lane], "lane", lane)
    country = destination.partition("-")[0]
    return Estimate(DOMESTIC if not country or not home or country == home else ABROAD, "default")


def lanes_of(trips: Mapping[str, Sequence[int]]) -> dict[str, tuple[Days, int]]:
    """Each destination's trips in days, added up to its country and the store, where there are enough."""
    grouped: dict[str, list[int]] = {}
    for destination, days in trips.items():
        for lane in back_off(destination):
            grouped.setdefault(lane, []).extend(days)
    return {lane: (quantiles(days), len(days)) for lane, days in grouped.items() if len(days) >= ENOUGH}


def arrival(ordered_on: date, days: Days) -> tuple[date, date]:
    """First and last day we expect."""
    return ordered_on + timedelta(days.fast), ordered_on + timedelta(days.slow)


def from_today(first: date, last: date, today: date) -> tuple[date, date]:
    """What is still possible today. When the range is over, the parcel is expected within as many days again as
    half the range was long, at least one."""
    if last >= today:
        return max(first, today), last
    return today, today + timedelta(max(1, (last - first).days // 2))
