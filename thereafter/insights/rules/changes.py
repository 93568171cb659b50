"""Whether a figure has changed, or chance alone would do that. Plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from thereafter.insights.rules.intervals import pooled_z
from thereafter.kit.comparing import normal_p
from thereafter.kit.shares import Share
from thereafter.kit.student import two_sided_p

LEVEL = 0.05
# With fewer than so many days or things counted nothing is said.
FEWEST_DAYS = 7
FEWEST = 20
REAL, NOISE, FEW = "more than noise", "may be noise", "too few to tell"


@dataclass(frozen=True)
class Change:
    """`relative` is 0.11 for eleven per cent more, None without anything before. `p` is how often chance alone gives
    at least such a difference; None where too few to tell."""

    now: float
    before: float
    relative: float | None
    p: float | None

    @property
    def is_real(self) -> bool:
        return self.p is not None and self.p < LEVEL

    @property
    def words(self) -> str:
        return FEW if self.p is None else REAL if self.is_real else NOISE


def of_counts(now: Sequence[int], before: Sequence[int]) -> Change:
    """Of counts by day, both periods as many days. Days are paired in order, so that a Monday meets a Monday where the
    period is whole weeks; t of their differences, with no less spread than that of Poisson counts.

    A plain Poisson test believes every campaign: days of a shop differ by more than chance.
    """
    return _paired(now, before, least=float(sum(now) + sum(before)), enough=sum(now) + sum(before) >= FEWEST)


def of_amounts(now: Sequence[float], before: Sequence[float]) -> Change:
    """The same of amounts by day, such as revenue."""
    days = sum(amount != 0 for amount in (*now, *before))
    return _paired(now, before, least=0.0, enough=days >= FEWEST_DAYS)


def _paired(now: Sequence[float], before: Sequence[float], *, least: float, enough: bool) -> Change:
    n, total, earlier = len(now), sum(now), sum(before)
    p = None
    if enough and n >= FEWEST_DAYS:
        gaps = [one - two for one, two in zip(now, before, strict=True)]
        mean = sum(gaps) / n
        # Of the sum: n times the variance of a day.
        spread = max(n * sum((gap - mean) ** 2 for gap in gaps) / (n - 1), least)
        p = two_sided_p((total - earlier) / sqrt(spread), n - 1) if spread else 1.0
    return Change(total, earlier, _relative(total, earlier), p)


def of_shares(now: Share | None, before: Share | None) -> Change | None:
    """Of two shares: the z test of two proportions, pooled. None without either."""
    if now is None or before is None:
        return None
    enough = min(now.whole, before.whole) >= FEWEST
    p = normal_p(pooled_z(now, before)) if enough else None
    return Change(now.value, before.value, _relative(now.value, before.value), p)


def of_rates(now: tuple[int, int], before: tuple[int, int], per: int = 100) -> Change:
    """Of (events, among how many), shown per so many: the z test of two Poisson rates, pooled."""
    (events, among), (earlier, among_then) = now, before
    rate, then = (per * count / whole if whole else 0.0 for count, whole in (now, before))
    p = None
    if events + earlier >= FEWEST and among and among_then:
        pooled = (events + earlier) / (among + among_then)
        z = (events / among - earlier / among_then) / sqrt(pooled * (1 / among + 1 / among_then))
        p = normal_p(z)
    return Change(rate, then, _relative(rate, then), p)


def _relative(now: float, before: float) -> float | None:
    return (now - before) / before if before else None
