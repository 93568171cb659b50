"""Products that come back more than they did: a test that can be trusted every week. Plain Python.

The newest four full weeks of a product against its own half year before, both of deliveries of which nearly everything
that comes back has come. The chance of so many returns by luck is Fisher's exact one (Fisher 1935; one-sided, the
hypergeometric tail), which holds for few units too. Many products are looked at each week, so Holm's method (Holm
1979) keeps the chance of even one false alarm in a week below `ALPHA`; test_rate_jumps measures it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from thereafter.kit.shares import log_choose

ALPHA = 0.01
WEEKS, WEEKS_BEFORE = 4, 26
# Fewer units cannot tell a jump from luck, and fewer returns are nobody's trouble.
FEWEST, FEWEST_BEFORE, FEWEST_RETURNED = 20, 50, 5
# A rise of less is not worth a person's time, however certain; of 1.
LEAST_RISE = 0.03


@dataclass(frozen=True, slots=True)
class Counts:
    """Units of a product: delivered and returned, of the newest weeks and of those before."""

    delivered: int
    returned: int
    before_delivered: int
    before_returned: int

    @property
    def rise(self) -> float:
        return self.returned / self.delivered - self.before_returned / self.before_delivered

    @property
    def can_be_tested(self) -> bool:
        return self.delivered >= FEWEST and self.before_delivered >= FEWEST_BEFORE


def jumps(products: Mapping[int, Counts], alpha: float = ALPHA) -> dict[int, float]:
    """The products that jumped, each with its chance by luck corrected for the number of products."""
    tested = {key: p_value(one) for key, one in products.items() if one.can_be_tested}
    found: dict[int, float] = {}
    worst = 0.0
    for place, (key, chance) in enumerate(sorted(tested.items(), key=lambda each: (each[1], each[0]))):
        worst = max(worst, min(1.0, chance * (len(tested) - place)))
        if worst > alpha:
            break
        if products[key].returned >= FEWEST_RETURNED and products[key].rise >= LEAST_RISE:
            found[key] = worst
    return found


def p_value(one: Counts) -> float:
    """The chance of as many returns or more among the newest units, were all units alike."""
    returned, delivered = one.returned + one.before_returned, one.delivered + one.before_delivered
    most = min(returned, one.delivered)
    whole = log_choose(delivered, returned)
    tail = (
        exp(log_choose(one.delivered, k) + log_choose(one.before_delivered, returned - k) - whole)
        for k in range(max(one.returned, returned - one.before_delivered), most + 1)
    )
    return min(1.0, sum(tail))
