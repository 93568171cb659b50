"""Which variant of a split test did best, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

SURE = 0.95


@dataclass(frozen=True)
class Tried:
    """A variant in the test: how many got it, how many did what counts."""

    variant: int
    sent: int
    reached: int

    @property
    def rate(self) -> float:
        return self.reached / self.sent if self.sent else 0.0


@dataclass(frozen=True)
class Choice:
    """The variant for the rest. `confidence` that it is better than the second: one-sided, two proportions."""

    variant: int
    confidence: float
    is_tie: bool


def choose(tried: Sequence[Tried]) -> Choice:
    """The highest rate; of equals the first one, because that is how the marketer listed them."""
    ranked = sorted(tried, key=lambda one: (-one.rate, one.variant))
    best, second = ranked[0], ranked[1]
    return Choice(best.variant, _confidence(best, second), best.rate == second.rate)


def _confidence(best: Tried, second: Tried) -> float:
    """Of the pooled two-proportion z-test; 0.5 when nothing can be said."""
    if not best.sent or not second.sent:
        return 0.5
    pooled = (best.reached + second.reached) / (best.sent + second.sent)
    spread = sqrt(pooled * (1 - pooled) * (1 / best.sent + 1 / second.sent))
    return 1 - erfc((best.rate - second.rate) / spread / sqrt(2)) / 2 if spread else 0.5
