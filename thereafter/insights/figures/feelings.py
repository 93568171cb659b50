"""How customers feel, as far as they said."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from thereafter.insights.engine.port import Row
from thereafter.insights.figures.asking import ask
from thereafter.insights.figures.shown import ENOUGH, ENOUGH_FOR_A_POINT, Figure, before, cut, from_day, too_few
from thereafter.insights.figures.view import View, month_of
from thereafter.insights.metrics import feelings as metrics
from thereafter.insights.rules.intervals import Estimate
from thereafter.kit.comparing import compare
from thereafter.kit.scores import SCALES, Reading, reading
from thereafter.kit.shares import Share, share

_KINDS = {
    "csat": "Satisfaction (CSAT) is the share of answers of 4 or 5 on five points, with Wilson's interval.",
    "nps": "The Net Promoter Score is the share of 9 and 10 less the share of 0 to 6, in points, with the adjusted "
    "Wald interval, which holds for few answers too.",
    "ces": "The Customer Effort Score is the mean on seven points (7: very easy), with the interval of Student's t.",
}
COUNTED = (
    "{kind} By the day of the first answer; who changed their mind counts with the last score. The response rate is of "
    "those who were asked by a message: how many answered, whenever and on whatever way. Months with fewer than ten "
    "answers are left out of the line."
)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class ScorePoint:
    """`value` is None where there are too few answers."""

    month: date
    n: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Satisfaction(Figure):
    """`value`, `low`, `high`: CSAT in per cent, NPS in points, CES as a mean of 1 to 7. `change` is against as many
    days before, in the same unit."""

    kind: str
    value: float | None
    low: float | None
    high: float | None
    counts: dict[int, int]
    trend: list[ScorePoint]
    response: Share | None
    asked: int
    before: float | None
    change: Estimate | None
    change_is_real: bool | None
    surveys: list[str]


def satisfaction(view: View, kind: str = "csat", survey: str = "") -> Satisfaction:
    """Of one kind of survey (csat, nps, ces), or of one survey by its key."""
    view = cut(view)
    rows = _scores(view, kind)
    counts = _by_score(rows, survey)
    found, earlier = reading(kind, counts), _by_score(_scores(before(view), kind), survey)
    asked, answered = _asked(view, kind, survey)
    is_enough = found.n >= ENOUGH_FOR_A_POINT
    change, is_real = _change(kind, counts, earlier)
    return Satisfaction(
        n=found.n,
        thin=too_few(found.n, "answers in these days", ENOUGH_FOR_A_POINT),
        definition=COUNTED.format(kind=_KINDS[kind]),
        kind=kind,
        value=found.value if is_enough else None,
        low=found.low if is_enough else None,
        high=found.high if is_enough else None,
        counts={score: counts.get(score, 0) for score in range(SCALES[kind].low, SCALES[kind].high + 1)},
        trend=_trend(view, kind, survey),
        response=share(answered, asked, ENOUGH),
        asked=asked,
        before=reading(kind, earlier).value if change else None,
        change=change,
        change_is_real=is_real,
        surveys=sorted({row["survey"] for row in rows}),
    )


def _scores(view: View, kind: str) -> list[Row]:
    return [row for row in ask(view, metrics.scores(view.scope)) if row["kind"] == kind]


def _by_score(rows: Sequence[Row], survey: str) -> dict[int, int]:
    counts: Counter[int] = Counter()
    for row in rows:
        if row["survey"] == survey or not survey:
            counts[row["score"]] += row["answers"]
    return dict(counts)


def _asked(view: View, kind: str, survey: str) -> tuple[int, int]:
    rows = [row for row in ask(view, metrics.asked(view.scope)) if row["kind"] == kind]
    rows = [row for row in rows if row["survey"] == survey or not survey]
    times = {name: sum(row["times"] for row in rows if row["name"] == name) for name in metrics.ASKED}
    return times["survey.asked"], times["survey.answered"]


def _change(kind: str, ours: Mapping[int, int], theirs: Mapping[int, int]) -> tuple[Estimate | None, bool | None]:
    many = min(sum(ours.values()), sum(theirs.values()))
    if many < ENOUGH_FOR_A_POINT:
        return None, None
    found = compare(kind, ours, theirs)
    if found.difference is None or found.low is None or found.high is None:
        return None, None
    return Estimate(found.difference, found.low, found.high, sum(ours.values())), found.is_significant


def _trend(view: View, kind: str, survey: str) -> list[ScorePoint]:
    """At least of a year."""
    long = from_day(view, view.days.last - YEAR)
    rows = _scores(long, kind)
    months = sorted({row["month"] for row in rows if row["survey"] == survey or not survey})
    return [_point(month, reading(kind, _by_score(_of(rows, month), survey))) for month in months]


def _of(rows: Sequence[Row], month: int) -> list[Row]:
    return [row for row in rows if row["month"] == month]


def _point(month: int, found: Reading) -> ScorePoint:
    if found.n < ENOUGH_FOR_A_POINT:
        return ScorePoint(month_of(month), found.n, None, None, None)
    return ScorePoint(month_of(month), found.n, found.value, found.low, found.high)
