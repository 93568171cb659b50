"""Days, weeks and changes: the arithmetic of the overview."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

# More bars than this are drawn as weeks.
MOST_DAYS_DRAWN = 92
TOP_TWO = 4


@dataclass(frozen=True)
class Days:
    """Calendar days of a store, both ends included."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=step) for step in range(len(self)))

    @property
    def before(self) -> "Days":
        """As many days, just before."""
        return Days(self.first - timedelta(days=len(self)), self.first - timedelta(days=1))

    def with_before(self) -> "Days":
        return Days(self.before.first, self.last)


def total(by_day: Mapping[date, int], days: Days) -> int:
    return sum(by_day.get(day, 0) for day in days)


def share(part: int, whole: int) -> float | None:
    """None when there is nothing to divide by."""
    return part / whole if whole else None


def change(now: float, before: float) -> float | None:
    """The relative change, 0.11 for eleven per cent more; None when there was nothing before."""
    return (now - before) / before if before else None


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def by_week(by_day: Mapping[date, int], days: Days) -> dict[date, int]:
    """Sums by the Monday that begins each week of the days, empty weeks included."""
    weeks = dict.fromkeys((monday(day) for day in days), 0)
    for day in days:
        weeks[monday(day)] += by_day.get(day, 0)
    return weeks


def is_happy(score: int) -> bool:
    """Top two of five boxes, as CSAT counts them."""
    return score >= TOP_TWO
