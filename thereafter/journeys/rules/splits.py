"""How the ways of a random split compare, and when one of them has won. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thereafter.journeys.rules.proof import ratio_bounds


@dataclass(frozen=True)
class Way:
    """One way of a random split: its weight, who took it, and how many of them did what it is judged by."""

    name: str
    weight: float
    people: int
    reached: int

    @property
    def rate(self) -> float:
        return self.reached / self.people if self.people else 0.0


def winner(ways: Sequence[Way], rule: Mapping[str, Any]) -> str:
    """The way that beats every other by an always-valid comparison; "" while none does. May be asked every day.

    `rule`: {"confidence": 0.95, "at_least": 100}. The chance of ever naming a way that is not the best is at most
    1 - confidence.
    """
    ways = [way for way in ways if way.weight > 0]
    if len(ways) < 2 or min(way.people for way in ways) < rule.get("at_least", 100):  # noqa: PLR2004 nothing to compare
        return ""
    alpha = (1 - rule.get("confidence", 0.95)) / (len(ways) * (len(ways) - 1) / 2)
    best = max(ways, key=lambda way: way.rate)
    return best.name if all(_beats(best, other, alpha) for other in ways if other is not best) else ""


def _beats(one: Way, other: Way, alpha: float) -> bool:
    share = one.weight / (one.weight + other.weight)
    counts = np.array([[one.reached], [other.reached], [share]], dtype=np.float64)
    low, _ = ratio_bounds(counts[0], counts[1], counts[2], alpha=alpha)
    return bool(low > 0)


def chances(ways: Sequence[Way], draws: int = 20_000) -> dict[str, float]:
    """How probable it is that each way is the best one, from even expectations (Beta(1, 1)).

    To be shown, not to decide by: it is no guard against looking often. Seeded, so that the same figures give the same.
    """
    random = np.random.default_rng(1)
    rates = np.array([random.beta(1 + way.reached, 1 + way.people - way.reached, draws) for way in ways])
    best = np.bincount(rates.argmax(0), minlength=len(ways)) / draws
    return {way.name: float(chance) for way, chance in zip(ways, best, strict=True)}
