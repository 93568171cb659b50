"""What a journey earned: the false alarms and the coverage of its intervals are counted over simulated experiments."""

import numpy as np
import pytest
from numpy.typing import NDArray

from thereafter.journeys.rules import proof, splits
from thereafter.journeys.rules.proof import Arm, Floats, Trial
from thereafter.journeys.rules.splits import Way

EXPERIMENTS, DAYS = 1000, 60
Counts = NDArray[np.int64]


def simulate(
    seed: int, *, share: float, held: float, treated: float, spread: float, a_day: int = 40
) -> tuple[Floats, Floats]:
    """(treated, held): experiments x days x one trial x (people, reached, money, squares), as known on each day."""
    random = np.random.default_rng(seed)
    shape = (EXPERIMENTS, DAYS)
    mine = random.binomial(a_day, share, shape)
    return _arm(random, mine, treated, spread), _arm(random, a_day - mine, held, spread)


def _arm(random: np.random.Generator, people: Counts, rate: float, spread: float) -> Floats:
    """Amounts are log-normal around 60.00, so that few large orders make much of the sum."""
    reached = random.binomial(people, rate)
    cells = np.repeat(np.arange(people.size), reached.ravel())
    money = 6000 * np.exp(spread * random.standard_normal(cells.size))
    sums = [np.bincount(cells, amounts, people.size).reshape(people.shape) for amounts in (money, money**2)]
    return np.stack([people, reached, *sums], -1).cumsum(1)[:, :, None, :]


def bounds_of_rate(treated: Floats, held: Floats, share: float) -> tuple[Floats, Floats]:
    """Experiments x days, a day at a time: it asks for less memory."""
    days = (_bounds_of_day(treated[:, day], held[:, day], share) for day in range(DAYS))
    low, high = zip(*days, strict=True)
    return np.stack(low, -1), np.stack(high, -1)


def _bounds_of_day(treated: Floats, held: Floats, share: float) -> tuple[Floats, Floats]:
    return proof.rate_bounds(
        treated[..., 1],
        held[..., 1],
        np.full_like(treated[..., 1], share),
        people=treated[:, 0, 0],
        reached=treated[:, 0, 1],
    )


def ever_missed(low: Floats, high: Floats, truth: float) -> float:
    """The part of experiments in which the truth lay outside on any day; what is not told cannot be wrong."""
    return float(((truth < low) | (truth > high)).any(1).mean())


CASES = [(0.95, 0.01), (0.95, 0.1), (0.9, 0.03), (0.9, 0.3), (0.5, 0.01), (0.5, 0.3)]


@pytest.mark.parametrize(("share", "rate"), CASES)
def test_a_journey_that_does_nothing_is_seldom_said_to_do_something(share: float, rate: float) -> None:
    treated, held = simulate(1, share=share, held=rate, treated=rate, spread=1.5)
    low, high = bounds_of_rate(treated, held, share)
    assert ever_missed(low, high, 0) <= proof.ALPHA
    value, half = proof.money_bounds(treated, held)
    assert ever_missed(value - half, value + half, 0) <= proof.ALPHA


@pytest.mark.parametrize(
    ("share", "held", "treated", "spread"),
    [(0.95, 0.05, 0.08, 1.0), (0.9, 0.01, 0.02, 1.5), (0.9, 0.3, 0.33, 1.0), (0.5, 0.1, 0.2, 2.0), (0.5, 0.2, 0.15, 1)],
)
def test_the_interval_holds_the_true_lift_on_every_day(
    share: float, held: float, treated: float, spread: float
) -> None:
    mine, theirs = simulate(2, share=share, held=held, treated=treated, spread=spread)
    low, high = bounds_of_rate(mine, theirs, share)
    assert ever_missed(low, high, treated - held) <= proof.ALPHA
    value, half = proof.money_bounds(mine, theirs)
    worth = (treated - held) * 6000 * float(np.exp(spread**2 / 2))
    assert ever_missed(value - half, value + half, worth) <= proof.ALPHA


def test_an_ordinary_test_looked_at_daily_would_be_wrong_often() -> None:
    """The simulation is hard enough to catch an interval that may be looked at only once."""
    treated, held = (arm[:, :, 0] for arm in simulate(1, share=0.5, held=0.3, treated=0.3, spread=1.0))
    rates = [arm[..., 1] / arm[..., 0] for arm in (treated, held)]
    error = np.sqrt(sum(rate * (1 - rate) / arm[..., 0] for rate, arm in zip(rates, (treated, held), strict=True)))
    gap = rates[0] - rates[1]
    assert ever_missed(gap - 1.96 * error, gap + 1.96 * error, 0) > 0.2


def test_what_works_is_found() -> None:
    treated, held = simulate(3, share=0.8, held=0.1, treated=0.2, spread=1.0)
    low, high = bounds_of_rate(treated, held, 0.8)
    assert float((low[:, -1] > 0).mean()) > 0.95
    value, half = proof.money_bounds(treated, held)
    assert float((value - half > 0)[:, -1].mean()) > 0.1
    assert float((high - low)[:, -1].mean()) < 0.2


def test_with_few_people_it_does_not_say() -> None:
    few = proof.prove([Trial(0.9, Arm(300, 30, 1e5, 1e9), Arm(30, 1, 5e3, 1e8))])
    assert (few.verdict, few.rate, few.earned) == (proof.TOO_FEW, None, None)
    assert proof.prove([]).verdict == proof.NO_HOLDOUT


def arm(people: int, reached: int, worth: int = 5000) -> Arm:
    return Arm(people, reached, reached * worth, reached * worth**2)


def test_it_says_when_it_is_too_early_and_when_it_is_clear() -> None:
    early = proof.prove([Trial(0.9, arm(1204, 100), arm(133, 7))])
    assert early.verdict == proof.EARLY
    assert early.rate
    assert early.rate.low < 0 < early.rate.value < early.rate.high
    clear = proof.prove([Trial(0.9, arm(9000, 900), arm(1000, 40))])
    assert clear.verdict == proof.GAIN
    assert clear.earned
    assert clear.earned.value == pytest.approx(0.06 * 5000 * 9000)
    assert clear.earned.low < clear.earned.value < clear.earned.high
    assert proof.prove([Trial(0.9, arm(9000, 360), arm(1000, 100))]).verdict == proof.LOSS


def test_a_holdout_that_was_changed_is_compared_within_each_time() -> None:
    """Half were held out in a bad month and a tenth in a good one: pooled, the journey would seem to do wonders."""
    months = [Trial(0.5, arm(2000, 100), arm(2000, 100)), Trial(0.9, arm(9000, 1800), arm(1000, 200))]
    proved = proof.prove(months)
    assert proved.verdict == proof.EARLY
    assert proved.rate
    assert proved.rate.value == pytest.approx(0, abs=1e-9)


def test_arms_that_were_not_drawn_as_set_are_not_compared() -> None:
    assert proof.prove([Trial(0.9, arm(1000, 100), arm(1000, 40))]).verdict == proof.BROKEN


def test_the_winner_of_a_split_is_named_only_when_it_beats_all_others() -> None:
    rule = {"confidence": 0.95, "at_least": 100}
    assert splits.winner([Way("a", 50, 1000, 100), Way("b", 50, 1000, 110)], rule) == ""
    assert splits.winner([Way("a", 50, 1000, 60), Way("b", 50, 1000, 140)], rule) == "b"
    assert splits.winner([Way("a", 50, 90, 5), Way("b", 50, 90, 60)], rule) == ""
    near = [Way("a", 1, 1000, 60), Way("b", 1, 1000, 140), Way("c", 1, 1000, 135)]
    assert splits.winner(near, rule) == ""
    assert splits.winner([Way("a", 50, 1000, 60)], rule) == ""


def test_equal_ways_seldom_have_a_winner_though_one_looks_every_day() -> None:
    treated, held = simulate(4, share=0.5, held=0.1, treated=0.1, spread=1.0)
    looks = [
        proof.ratio_bounds(treated[:, day, :, 1], held[:, day, :, 1], np.full((1, 1), 0.5), alpha=0.05)
        for day in range(DAYS)
    ]
    named = np.any([(low > 0) | (high < 0) for low, high in looks], axis=0)
    assert float(named.mean()) <= 0.05


def test_chances_of_being_the_best_add_up_and_follow_the_figures() -> None:
    found = splits.chances([Way("a", 1, 500, 50), Way("b", 1, 500, 80)])
    assert sum(found.values()) == pytest.approx(1)
    assert found["b"] > 0.95
