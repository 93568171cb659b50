"""How sure one can be of a figure. Intervals are of 95 %. Plain Python.

Shares: Wilson (1927), `kit.shares`; their difference: Newcombe (1998), method 10, and the pooled z, `kit.comparing`;
NPS (adjusted Wald, Rocks 2016), CSAT and CES (Student's t): `kit.scores`. Rates of events: Garwood (1936), exact.
"""

from dataclasses import dataclass
from math import sqrt

from scipy.special import gammaincinv

from thereafter.kit.comparing import newcombe
from thereafter.kit.shares import Share

_TAIL = 0.025


@dataclass(frozen=True)
class Estimate:
    """A figure and its interval, of `n` things counted."""

    value: float
    low: float
    high: float
    n: int

    @property
    def is_sure_of_its_sign(self) -> bool:
        return self.low > 0 or self.high < 0


def difference(one: Share | None, two: Share | None) -> Estimate | None:
    """One share less another, of 1, with Newcombe's interval; None without either."""
    if one is None or two is None:
        return None
    low, high = newcombe(one.value, (one.low, one.high), two.value, (two.low, two.high))
    return Estimate(one.value - two.value, low, high, one.whole + two.whole)


def rate(events: int, among: int, per: int = 100) -> Estimate | None:
    """Events per so many things among which they happened, and the exact interval of a Poisson count (Garwood 1936).

    Events must not hang together: it is too narrow where one customer calls five times. None among nothing.
    """
    if not among:
        return None
    low = float(gammaincinv(events, _TAIL)) if events else 0.0
    high = float(gammaincinv(events + 1, 1 - _TAIL))
    times = per / among
    return Estimate(events * times, low * times, high * times, among)


def other_way(one: Share | None) -> Share | None:
    """The share of those who did not."""
    if one is None:
        return None
    return Share(one.whole - one.part, one.whole, 1 - one.value, 1 - one.high, 1 - one.low)


def pooled_z(one: Share, two: Share) -> float:
    """How many standard errors two shares lie apart when both are the same; 0 where neither has any spread."""
    both = (one.part + two.part) / (one.whole + two.whole)
    error = sqrt(both * (1 - both) * (1 / one.whole + 1 / two.whole))
    return (one.value - two.value) / error if error else 0.0
