"""Whether people speak of a theme more or less often than before, or chance alone would do that."""

from collections.abc import Sequence
from typing import NamedTuple

from thereafter.kit.comparing import LEVEL, compare
from thereafter.kit.scores import ENOUGH_FOR_A_TREND

MORE, LESS, SAME, TOO_FEW = "more", "less", "same", "few"
# The test of two shares holds from about five expected cases on each side.
EXPECTED = 5
_YES, _NO = 5, 1


class Shares(NamedTuple):
    """So many of all comments now, and so many of all before."""

    now: int
    of: int
    before: int
    of_before: int


def verdicts(shares: Sequence[Shares]) -> list[str]:
    """More, less, same or few for each, by the z test of two shares.

    Where many themes are looked at, one always moves by chance: the levels are Holm's (1979), so that in 19 of 20
    periods in which nothing changed, nothing is said to have changed.
    """
    tested = [(p, place) for place, one in enumerate(shares) if (p := _chance(one)) is not None]
    told = [TOO_FEW] * len(shares)
    still = True
    for rank, (p, place) in enumerate(sorted(tested)):
        still = still and p * (len(tested) - rank) < LEVEL
        told[place] = _way(shares[place]) if still else SAME
    return told


def _chance(one: Shares) -> float | None:
    """The two-sided p of the difference; None where there is too little to tell."""
    smaller, larger = sorted((one.of, one.of_before))
    if smaller < ENOUGH_FOR_A_TREND or (one.now + one.before) * smaller / (smaller + larger) < EXPECTED:
        return None
    ours, theirs = ({_YES: part, _NO: whole - part} for part, whole in (one[:2], one[2:]))
    return compare("csat", ours, theirs).p


def _way(one: Shares) -> str:
    return MORE if one.now * one.of_before > one.before * one.of else LESS
