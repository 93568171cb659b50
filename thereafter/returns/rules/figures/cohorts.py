"""How much of what was delivered comes back, by the day of the delivery. Plain Python.

A rate is returned units / delivered units of the same deliveries: what was delivered last week has not had the time to
come back, and dividing this week's returns by this week's deliveries says nothing of either. A cohort is `complete`
when, by the shop's own past, 95 % of what would come back has.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from thereafter.kit.shares import Share, share

# Fewer delivered units say nothing of a product.
ENOUGH = 10
# A cohort is complete when so much of what comes back has come by its age.
COMPLETE = 0.95
# As many returns make a curve of the shop's own; before, cohorts are complete when nothing more may come.
ENOUGH_FOR_A_CURVE = 50
# Returns of deliveries so old are all there: the curve is drawn from these.
OLD_ENOUGH = timedelta(days=90)
K = TypeVar("K", bound=Hashable)


class Delivered(NamedTuple):
    """Units of one order line that came in one parcel. `unit_minor` is what one of them cost, 0 in another currency
    than the store's."""

    line_id: int
    on: date
    units: int
    product_id: int
    variant: str
    country: str
    carrier: str
    unit_minor: int


class Returned(NamedTuple):
    """One unit that came back, or was paid for without coming back; `on` is that day, `of` the delivery it came in."""

    of: Delivered
    on: date
    reason: str
    case_id: int
    note: str = ""

    @property
    def days(self) -> int:
        return max(0, (self.on - self.of.on).days)


@dataclass(slots=True)
class Tally:
    """Sums over deliveries and what came back of them."""

    delivered: int = 0
    returned: int = 0
    delivered_minor: int = 0
    returned_minor: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> Share | None:
        """The unit return rate; None with too few deliveries to say."""
        return share(self.returned, self.delivered, ENOUGH)

    @property
    def value_rate(self) -> float | None:
        return self.returned_minor / self.delivered_minor if self.delivered_minor else None


def tally(delivered: Iterable[Delivered], returned: Iterable[Returned]) -> Tally:
    (found,) = by(lambda one: "", delivered, returned).values() or (Tally(),)
    return found


def by(key: Callable[[Delivered], K], delivered: Iterable[Delivered], returned: Iterable[Returned]) -> dict[K, Tally]:
    """Sums for each `key` of a delivery; what came back counts where it was delivered."""
    found: defaultdict[K, Tally] = defaultdict(Tally)
    for one in delivered:
        sums = found[key(one)]
        sums.delivered += one.units
        sums.delivered_minor += one.units * one.unit_minor
    for back in returned:
        sums = found[key(back.of)]
        sums.returned += 1
        sums.returned_minor += back.of.unit_minor
        sums.reasons[back.reason] += 1
    return dict(found)


@dataclass(frozen=True, slots=True)
class Curve:
    """How much of what comes back has come so many days after the delivery. `days` of each return, sorted; without
    enough of them (`is_own` False) nothing is known before `last_day`, after which nothing more may come."""

    days: Sequence[int]
    last_day: int

    @property
    def is_own(self) -> bool:
        return len(self.days) >= ENOUGH_FOR_A_CURVE

    def share_by(self, age: int) -> float | None:
        """0 to 1; None where the shop's own past does not tell."""
        if age >= self.last_day:
            return 1.0
        return bisect_right(self.days, age) / len(self.days) if self.is_own else None

    @property
    def complete_after(self) -> int:
        """The first age in days at which a cohort is complete."""
        if not self.is_own:
            return self.last_day
        place = -(-len(self.days) * COMPLETE // 1) - 1
        return min(self.last_day, self.days[int(place)])


def curve(returned: Iterable[Returned], today: date, last_day: int) -> Curve:
    """From returns of deliveries that are old enough to have no more to come."""
    return Curve(sorted(one.days for one in returned if one.of.on <= today - OLD_ENOUGH), last_day)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Deliveries of a week or month. `come_by` is how much has usually come by its age, that of its last delivery."""

    first: date
    last: date
    sums: Tally
    come_by: float | None
    is_complete: bool


def cohorts(
    delivered: Sequence[Delivered], returned: Sequence[Returned], *, step: str, past: Curve, today: date
) -> list[Cohort]:
    """By "week" (from Monday) or "month" of the delivery, the oldest first."""
    sums = by(lambda one: begins(one.on, step), delivered, returned)
    found = []
    for first in sorted(sums):
        last = min(_ends(first, step), today)
        age = (today - last).days
        found.append(Cohort(first, last, sums[first], past.share_by(age), age >= past.complete_after))
    return found


def begins(day: date, step: str) -> date:
    return day.replace(day=1) if step == "month" else day - timedelta(days=day.weekday())


def _ends(first: date, step: str) -> date:
    if step == "week":
        return first + timedelta(days=6)
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def complete(delivered: Iterable[Delivered], past: Curve, today: date) -> list[Delivered]:
    """Deliveries of which nearly everything that comes back has come: rates of products are of these."""
    last = today - timedelta(days=past.complete_after)
    return [one for one in delivered if one.on <= last]
