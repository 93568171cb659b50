"""New, returning, reactivated and dormant customers, month by month. Plain Python."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

Months = Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Lives:
    """Customers of a month: `new` bought for the first time ever, `returning` bought in one of the quiet months before
    it too, `reactivated` had been away for longer, `dormant` bought so many months ago and not since."""

    new: int
    returning: int
    reactivated: int
    dormant: int


def lives(active: Months, months: range, quiet_months: int) -> dict[int, Lives]:
    """From customers by (month, months since their active month before it, 0 for the first).

    Every customer is in one of: active this month, dormant by now, or within their quiet months.
    """
    in_month: Counter[int] = Counter()
    came_back: Counter[int] = Counter()
    for (month, gap), customers in active.items():
        in_month[month] += customers
        if 0 < gap <= quiet_months:
            came_back[month - gap] += customers
    found = {}
    for month in months:
        of_month = {gap: customers for (m, gap), customers in active.items() if m == month}
        returning = sum(customers for gap, customers in of_month.items() if 0 < gap <= quiet_months)
        new, then = of_month.get(0, 0), month - quiet_months
        dormant = in_month[then] - came_back[then]
        found[month] = Lives(new, returning, sum(of_month.values()) - new - returning, dormant)
    return found
