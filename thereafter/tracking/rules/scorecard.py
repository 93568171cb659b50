"""How well carriers did: what became of the parcels that were due, as counts, shares and days.

A parcel counts in the days in which its promised day lies, whatever became of it: one that was lost is not on time, and
one that is still on its way after the promised day is not either.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil, sqrt
from typing import NamedTuple

# Fewer parcels say nothing of a carrier; of as many shares and days are shown.
ENOUGH = 10
# 95 per cent of a normal distribution lie within so many standard deviations.
Z = 1.96
# Medians that differ by less are the same to a shopper.
HALF_A_DAY = 0.5


class Course(NamedTuple):
    """One parcel that was due. Times are days and hours that passed; None where an end is not known."""

    carrier: str
    service: str
    country: str
    promised_on: date
    delivered_on: date | None
    door_days: float | None
    carried_days: float | None
    silent_hours: float | None
    scans: int
    exception: bool
    attempted: bool
    lost: bool
    damaged: bool
    returned: bool


@dataclass(slots=True)
class Tally:
    """Sums over parcels."""

    parcels: int = 0
    delivered: int = 0
    on_time: int = 0
    early: int = 0
    lost: int = 0
    damaged: int = 0
    exceptions: int = 0
    attempts: int = 0
    returned: int = 0
    scans: int = 0
    door_days: list[float] = field(default_factory=list)
    carried_days: list[float] = field(default_factory=list)
    silent_hours: list[float] = field(default_factory=list)

    def add(self, course: Course) -> None:
        self.parcels += 1
        self.scans += course.scans
        self.exceptions += course.exception
        self.attempts += course.attempted
        self.damaged += course.damaged
        self.returned += course.returned
        if course.delivered_on is None:
            self.lost += course.lost
        else:
            self.delivered += 1
            self.on_time += course.delivered_on <= course.promised_on
            self.early += course.delivered_on < course.promised_on
        _keep(self.door_days, course.door_days)
        _keep(self.carried_days, course.carried_days)
        _keep(self.silent_hours, course.silent_hours)


def _keep(values: list[float], value: float | None) -> None:
    if value is not None:
        values.append(value)


def tally(courses: Iterable[Course]) -> Tally:
    sums = Tally()
    for course in courses:
        sums.add(course)
    return sums


class Share(NamedTuple):
    """A part of a whole with the interval in which the true share lies in 95 of 100 cases; all of 1."""

    part: int
    whole: int
    value: float
    low: float
    high: float


def share(part: int, whole: int) -> Share | None:
    """None when there are too few to say. Wilson's score interval (Wilson 1927), good at 0 and 1 too."""
    if whole < ENOUGH:
        return None
    value, spread = part / whole, Z * Z / whole
    middle = (value + spread / 2) / (1 + spread)
    reach = Z * sqrt(value * (1 - value) / whole + spread / (4 * whole)) / (1 + spread)
    return Share(part, whole, value, max(0.0, middle - reach), min(1.0, middle + reach))


class Spread(NamedTuple):
    """The value that half stay below, and the one that nine of ten do."""

    median: float
    p90: float


def spread(values: Sequence[float]) -> Spread | None:
    """By the nearest-rank method; None when there are too few to say."""
    if len(values) < ENOUGH:
        return None
    ordered = sorted(values)
    return Spread(_rank(ordered, 0.5), _rank(ordered, 0.9))


def _rank(ordered: Sequence[float], at: float) -> float:
    return ordered[ceil(at * len(ordered)) - 1]


def share_change(now: Share | None, before: Share | None) -> float | None:
    """By how much a share moved, of 1; 0 when that may be chance (test of two proportions, 95 per cent); None when one
    of them is not known."""
    if now is None or before is None:
        return None
    pooled = (now.part + before.part) / (now.whole + before.whole)
    error = sqrt(pooled * (1 - pooled) * (1 / now.whole + 1 / before.whole))
    moved = now.value - before.value
    return moved if abs(moved) > Z * error else 0.0


def days_change(now: Spread | None, before: Spread | None) -> float | None:
    """By how many days the median moved; 0 when less than half a day; None when one of them is not known."""
    if now is None or before is None:
        return None
    moved = now.median - before.median
    return moved if abs(moved) >= HALF_A_DAY else 0.0


def whole_days(values: Iterable[float], most: int) -> list[int]:
    """How many took up to one day, up to two, and so on; the last place is `most` days or more."""
    counts = Counter(min(max(ceil(value), 1), most) for value in values)
    return [counts[day] for day in range(1, most + 1)]
