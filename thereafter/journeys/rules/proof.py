"""What a journey earned against those who were held out, with intervals that may be looked at every day. Plain Python.

Two always-valid intervals (confidence sequences): whenever and however often one looks, the truth lies outside at any
time with a chance of `ALPHA` at most.

*Reaching the goal* (repeat purchase, conversion). Who is held out is drawn with a fixed chance, so if the journey does
nothing, each of those who reach the goal is a treated one with the chance `share`, whatever the base rate; if it
multiplies the rate by r, with the chance share*r / (share*r + 1 - share). What is left is a stream of draws with one
unknown: the mean likelihood over a prior fixed beforehand against the likelihood of the true r is a non-negative
martingale, and Ville's inequality gives P(ever likelihood(r) < alpha * mean likelihood) <= alpha (Robbins 1970,
"Statistical methods related to the law of the iterated logarithm"; the method of mixtures as in Howard, Ramdas,
McAuliffe, Sekhon 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences"). It is exact for small and
unequal arms, and several shares (a holdout that was changed) multiply. The rate of the treated has such an interval of
its own; both together bound the difference.

*Money per person.* Robbins' normal mixture with the estimated variance (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas
2024, "Time-uniform central limit theory and asymptotic confidence sequences"): half width
se * sqrt((1 + r) * ln((1 + 1/r) / alpha^2)) with r = 200 / (7.94 n), n = 1 / (1/treated + 1/held), where 7.94 =
-2 ln alpha + ln(1 - 2 ln alpha) at alpha 0.05 makes it tightest at n = 200. The larger variance of the two arms counts
for both: amounts are skewed, and a small arm that happened to miss the large orders would look surer than it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ALPHA = 0.05
# Most of the risk goes to the ratio: the rate of the many treated is known well in any case.
_ALPHA_RATE = 0.005
# How far apart arms are believed to be before anything is seen: the standard deviation of the logarithm of the ratio.
_PRIOR = 0.4
_GRID: Floats = np.linspace(-4.0, 4.0, 801)
_LOG_PRIOR: Floats = -(_GRID**2) / (2 * _PRIOR**2) - np.log(np.exp(-(_GRID**2) / (2 * _PRIOR**2)).sum())
_TIGHTEST, _OPTIMUM = 200.0, 7.94
# Below this nobody is told a figure: so many people in each arm, so many goals in both.
LEAST_PEOPLE, LEAST_GOALS = 50, 20
# So many buyers are expected in the smaller arm before an amount is told: with fewer, large orders fool the variance.
LEAST_BUYERS = 20
# A split this unlikely was not drawn as it was set.
_BROKEN = 0.001


@dataclass(frozen=True)
class Arm:
    """Those of one side whose window is over: people, those who reached the goal, sums of amounts and their squares."""

    people: int = 0
    reached: int = 0
    money: float = 0.0
    squares: float = 0.0

    @property
    def rate(self) -> float:
        return self.reached / self.people if self.people else 0.0

    @property
    def mean(self) -> float:
        return self.money / self.people if self.people else 0.0

    def __add__(self, other: "Arm") -> "Arm":
        return Arm(
            self.people + other.people,
            self.reached + other.reached,
            self.money + other.money,
            self.squares + other.squares,
        )


@dataclass(frozen=True)
class Trial:
    """Those who entered while one holdout was in force; `share` is the chance of being treated."""

    share: float
    treated: Arm
    held: Arm


@dataclass(frozen=True)
class Interval:
    low: float
    value: float
    high: float

    @property
    def side(self) -> int:
        """1 when all of it is above nought, -1 when all is below, else 0."""
        return int(self.low > 0) - int(self.high < 0)

    def times(self, count: float) -> "Interval":
        return Interval(self.low * count, self.value * count, self.high * count)


@dataclass(frozen=True)
class Proof:
    """`rate` and `money` are per person: treated less held out. `ratio` is how many times as many reach the goal."""

    verdict: str
    treated: Arm
    held: Arm
    ratio: Interval | None = None
    rate: Interval | None = None
    money: Interval | None = None

    @property
    def earned(self) -> Interval | None:
        """In all, by the treated."""
        return self.money.times(self.treated.people) if self.money else None


# What a proof may say.
NO_HOLDOUT, TOO_FEW, BROKEN, EARLY, GAIN, LOSS = "no_holdout", "too_few", "broken", "early", "gain", "loss"


def prove(trials: Sequence[Trial]) -> Proof:
    """The verdict over all that is known by now; may be asked every day."""
    split = [trial for trial in trials if 0 < trial.share < 1]
    treated = sum((trial.treated for trial in split or trials), Arm())
    held = sum((trial.held for trial in split or trials), Arm())
    if not split:
        return Proof(NO_HOLDOUT, treated, held)
    if not is_split_as_set(split):
        return Proof(BROKEN, treated, held)
    if min(treated.people, held.people) < LEAST_PEOPLE or treated.reached + held.reached < LEAST_GOALS:
        return Proof(TOO_FEW, treated, held)
    ratio, rate, money = _ratio(split), _rate(split), money_per_person(split)
    verdict = {1: GAIN, -1: LOSS}.get(rate.side or (money.side if money else 0), EARLY)
    return Proof(verdict, treated, held, ratio, rate, money)


def _ratio(trials: Sequence[Trial]) -> Interval:
    low, high = np.exp(ratio_bounds(*_counts(trials), alpha=ALPHA - _ALPHA_RATE))
    treated, held = _mixed(trials)
    return _around(float(low), treated / held if held else float(high), float(high))


def _rate(trials: Sequence[Trial]) -> Interval:
    treated, held = _mixed(trials)
    people, reached = (np.array(sum(column)) for column in zip(*_sizes(trials), strict=True))
    low, high = rate_bounds(*_counts(trials), people=people, reached=reached)
    return _around(float(low), treated - held, float(high))


def _sizes(trials: Sequence[Trial]) -> list[tuple[int, int]]:
    return [(trial.treated.people, trial.treated.reached) for trial in trials]


def _counts(trials: Sequence[Trial]) -> tuple[Floats, Floats, Floats]:
    rows = [(trial.treated.reached, trial.held.reached, trial.share) for trial in trials]
    treated, held, share = np.array(rows, dtype=np.float64).T
    return treated, held, share


def _mixed(trials: Sequence[Trial]) -> tuple[float, float]:
    """Both rates, each trial weighing as its treated do: the held out then stand for the same times."""
    people = sum(trial.treated.people for trial in trials if trial.held.people) or 1
    parts = [(trial.treated.people / people, trial) for trial in trials if trial.held.people]
    return sum(w * trial.treated.rate for w, trial in parts), sum(w * trial.held.rate for w, trial in parts)


def _around(low: float, value: float, high: float) -> Interval:
    return Interval(low, min(max(value, low), high), high)


def ratio_bounds(treated: Floats, held: Floats, share: Floats, *, alpha: float) -> tuple[Floats, Floats]:
    """Bounds of the logarithm of (rate of the treated / rate of the held out), from how many reached the goal.

    The last axis runs over trials, those before it over looks or experiments; bounds are on a grid of 0.01.
    """
    odds = share[..., None] * np.exp(_GRID)
    chance = odds / (odds + 1 - share[..., None])
    likelihood = (treated[..., None] * np.log(chance) + held[..., None] * np.log1p(-chance)).sum(-2)
    peak = likelihood.max(-1, keepdims=True)
    mixture = peak + np.log(np.exp(likelihood - peak + _LOG_PRIOR).sum(-1, keepdims=True))
    inside = likelihood >= mixture + np.log(alpha)
    step = _GRID[1] - _GRID[0]
    low, high = _GRID[inside.argmax(-1)] - step, _GRID[::-1][inside[..., ::-1].argmax(-1)] + step
    return low, high


def rate_bounds(
    treated: Floats, held: Floats, share: Floats, *, people: Floats, reached: Floats
) -> tuple[Floats, Floats]:
    """Bounds of (rate of the treated - rate they would have without the journey); `people`, `reached`: all treated."""
    ratio_low, ratio_high = ratio_bounds(treated, held, share, alpha=ALPHA - _ALPHA_RATE)
    rate_low, rate_high = share_bounds(reached, people, alpha=_ALPHA_RATE)
    gain_low, gain_high = 1 - np.exp(-ratio_low), 1 - np.exp(-ratio_high)
    low = np.where(gain_low < 0, rate_high, rate_low) * gain_low
    high = np.where(gain_high > 0, rate_high, rate_low) * gain_high
    # The rate without the journey lies between nought and one.
    return np.maximum(low, rate_low - 1), high


def share_bounds(reached: Floats, people: Floats, *, alpha: float) -> tuple[Floats, Floats]:
    """Always-valid bounds of one rate: its likelihood against its mean over all rates from nought to one."""
    missed = people - reached
    edge = _log_beta(reached + 1, missed + 1) + np.log(alpha)
    best = reached / np.maximum(people, 1)
    return _crossing(np.zeros_like(best), best, reached, missed, edge), _crossing(
        np.ones_like(best), best, reached, missed, edge
    )


def _crossing(outside: Floats, inside: Floats, reached: Floats, missed: Floats, edge: Floats) -> Floats:
    """Where the likelihood of a rate falls to `edge`, by halving; `outside` where it never does."""
    for _ in range(40):
        middle = (outside + inside) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            likelihood = _times(reached, np.log(middle)) + _times(missed, np.log1p(-middle))
        holds = likelihood >= edge
        outside, inside = np.where(holds, outside, middle), np.where(holds, middle, inside)
    return outside


def _times(count: Floats, log: Floats) -> Floats:
    """Nought times minus infinity is nought here."""
    return np.where(count > 0, count * log, 0.0)


_log_gamma = np.vectorize(lgamma, otypes=[np.float64])


def _log_beta(a: Floats, b: Floats) -> Floats:
    made: Floats = _log_gamma(a) + _log_gamma(b) - _log_gamma(a + b)
    return made


def money_per_person(trials: Sequence[Trial]) -> Interval | None:
    """Treated less held out, in the minor unit of the amounts; None while too few have bought to say."""
    value, half = money_bounds(_sums([trial.treated for trial in trials]), _sums([trial.held for trial in trials]))
    middle, width = float(value), float(half)
    return None if np.isnan(width) else Interval(middle - width, middle, middle + width)


def _sums(arms: Sequence[Arm]) -> Floats:
    return np.array([(arm.people, arm.reached, arm.money, arm.squares) for arm in arms], dtype=np.float64)


def money_bounds(treated: Floats, held: Floats) -> tuple[Floats, Floats]:
    """(difference of the means, half width of its interval); not a number while too few have bought.

    The last axis is (people, reached, sum of amounts, sum of squares), the one before it runs over trials, each
    weighing as its treated do.
    """
    many, few = treated[..., 0], held[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        buyers = (treated[..., 1] + held[..., 1]) / (many + few) * np.minimum(many, few)
        weight = np.where((np.minimum(many, few) > 1) & (buyers >= LEAST_BUYERS), many, 0.0)
        weight = weight / weight.sum(-1, keepdims=True)
        gap = treated[..., 2] / many - held[..., 2] / few
        variance = np.maximum(_spread(treated), _spread(held)) * (1 / many + 1 / few)
        value = np.where(weight > 0, weight * gap, 0.0).sum(-1)
        error = np.sqrt(np.where(weight > 0, weight**2 * variance, 0.0).sum(-1))
        size = np.where(weight > 0, 1 / (1 / many + 1 / few), 0.0).sum(-1)
        return value, np.where(size > 0, half_width(error, size), np.nan)


def _spread(sums: Floats) -> Floats:
    people, money, squares = sums[..., 0], sums[..., 2], sums[..., 3]
    made: Floats = np.maximum(squares - money**2 / people, 0.0) / (people - 1)
    return made


def half_width(error: Floats, size: Floats, *, alpha: float = ALPHA) -> Floats:
    """Of the interval of a mean with this standard error, from `size` people (the module's second formula)."""
    rest = _TIGHTEST / _OPTIMUM / size
    made: Floats = error * np.sqrt((1 + rest) * np.log((1 + 1 / rest) / alpha**2))
    return made


def is_split_as_set(trials: Sequence[Trial]) -> bool:
    """Whether so many were held out as should have been: otherwise the arms are not alike and cannot be compared."""
    for trial in trials:
        low, high = share_bounds(
            np.array(trial.treated.people, dtype=np.float64),
            np.array(trial.treated.people + trial.held.people, dtype=np.float64),
            alpha=_BROKEN,
        )
        if not low <= trial.share <= high:
            return False
    return True
