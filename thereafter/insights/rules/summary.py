"""What a weekly summary tells: the figures that changed by more than chance, and beside what is usual. Plain Python."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance

from thereafter.insights.rules.changes import FEW, NOISE, REAL
from thereafter.kit.student import quantile95

USUAL_WEEKS = 8
# From fewer weeks nobody knows what is usual.
FEWEST_WEEKS = 4
MOST_LINES = 6


@dataclass(frozen=True)
class Usual:
    """The mean of the weeks before, and between which figures the next of them lies in 95 of 100 cases."""

    mean: float
    low: float
    high: float

    def has(self, value: float) -> bool:
        return self.low <= value <= self.high


def usual(weeks: Sequence[float], *, counts: bool = False) -> Usual | None:
    """The prediction interval of one more week (Student's t, n - 1 degrees), no narrower for `counts` than Poisson's;
    None of too few weeks or where nothing ever was."""
    if len(weeks) < FEWEST_WEEKS or not any(weeks):
        return None
    mean, n = fmean(weeks), len(weeks)
    spread = max(variance(weeks), mean if counts else 0.0)
    reach = quantile95(n - 1) * sqrt(spread * (1 + 1 / n))
    return Usual(mean, max(0.0, mean - reach), mean + reach)


@dataclass(frozen=True)
class Line:
    """`value` as it is read ("128"), `beside` the week before and the usual in words; `is_real` None is too few to
    tell. Where it is real, `rose` says which way it went and `more_is_better` whether that is welcome. `page` is where
    more of it stands."""

    key: str
    title: str
    value: str
    beside: str
    is_real: bool | None
    rose: bool
    page: str
    more_is_better: bool = True

    @property
    def good(self) -> bool | None:
        return self.rose == self.more_is_better if self.is_real else None

    @property
    def verdict(self) -> str:
        return FEW if self.is_real is None else REAL if self.is_real else NOISE


def told(lines: Iterable[Line], most: int = MOST_LINES) -> list[Line]:
    """What changed for sure comes first; each keeps its place among its like."""
    return sorted(lines, key=lambda line: not line.is_real)[:most]


def headline(lines: Sequence[Line]) -> str:
    """The week in a few words, for the subject and the top: "Orders and revenue up, delivered on time down"."""
    parts = [
        f"{_listed([line.title for line in lines if line.is_real and line.rose == up])} {word}"
        for up, word in ((True, "up"), (False, "down"))
        if any(line.is_real and line.rose == up for line in lines)
    ]
    words = ", ".join(parts)
    return words[:1].upper() + words[1:] if words else "A week as usual"


def _listed(titles: Sequence[str]) -> str:
    *between, last = [title[:1].lower() + title[1:] for title in titles]
    return f"{', '.join(between)} and {last}" if between else last
