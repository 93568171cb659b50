"""Charts as data. Each is drawn by `drawing.draw`, and read as a table by `reading.as_table`.

Values are plain numbers in the chart's `unit` (shares of 1, money in minor units); None is a point that there is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from thereafter.kit.charts.units import DAYS, NUMBER, POINTS, SHARE, Unit

# "" takes the next of the palette.
Colour = Literal["", "brand", "good", "warn", "bad", "info", "neutral"]
Values = Sequence[float | None]
# A share of fewer answers than this moves by whole points with each of them.
LEAST_SHOWN = 10


@dataclass(frozen=True)
class Series:
    """One line or one colour of columns. `low` and `high` draw a band; `counts` say how many are behind each point."""

    name: str
    values: Values
    low: Values = ()
    high: Values = ()
    counts: Sequence[int] = ()
    colour: Colour = ""
    dashed: bool = False


@dataclass(frozen=True)
class Mark:
    """A line across a chart at a place of its axis along ("x", where it is a number) or up ("y"), with what it says."""

    at: float
    text: str
    axis: Literal["x", "y"] = "y"


@dataclass(frozen=True)
class Lines:
    """Lines over points with names, oldest first; over numbers where `at` says where each point stands.

    `kind`: line, step (a value holds until the next point, as survival curves do) or dots.
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: Unit = NUMBER
    by: str = "Period"
    at: Sequence[float] = ()
    x_unit: Unit = NUMBER
    x_title: str = ""
    kind: Literal["line", "step", "dots"] = "line"
    low: float | None = 0
    top: float | None = None
    marks: Sequence[Mark] = ()


@dataclass(frozen=True)
class Columns:
    """Columns, several series one on the other; those below zero hang down. `touching` for a histogram."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: Unit = NUMBER
    by: str = "Period"
    x_title: str = ""
    touching: bool = False
    top: float | None = None
    marks: Sequence[Mark] = ()


@dataclass(frozen=True)
class HeatCell:
    """`running`: its period has not ended, so the value still rises. `text` is said in place of the value."""

    value: float
    running: bool = False
    text: str = ""


@dataclass(frozen=True)
class HeatRow:
    """A cohort: its name, how many began in it, and its cells; None is not yet known and stays blank."""

    label: str
    size: int
    cells: Sequence[HeatCell | None]
    url: str = ""


@dataclass(frozen=True)
class Heat:
    """A heat map. `summary` is a row above all cohorts; `top` is the value of the fullest tint."""

    title: str
    columns: Sequence[str]
    rows: Sequence[HeatRow]
    unit: Unit = SHARE
    by: str = "Cohort"
    size: str = "Customers"
    top: float | None = None
    summary: HeatRow | None = None


@dataclass(frozen=True)
class Box:
    """One cell of a grid: how many are in it, the name of its group, and where it leads."""

    count: int
    group: str = ""
    url: str = ""
    text: str = ""


@dataclass(frozen=True)
class Grid:
    """A map of boxes, rows from the top, columns from the left, tinted by how many are in each: the RFM map."""

    title: str
    rows: Sequence[str]
    columns: Sequence[str]
    boxes: Sequence[Sequence[Box]]
    y_title: str = ""
    x_title: str = ""
    unit: Unit = NUMBER


@dataclass(frozen=True)
class Effect:
    """A difference with its interval, of something with a name; without an interval there is too little to say."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Forest:
    """Differences beside a line of no difference. `good`: whether more is better ("up"), worse ("down") or neither."""

    title: str
    effects: Sequence[Effect]
    unit: Unit = POINTS
    by: str = "Name"
    value: str = "Difference"
    good: Literal["up", "down", ""] = "up"


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    text: str = ""
    low: float | None = None
    high: float | None = None
    url: str = ""
    colour: Colour = "brand"


@dataclass(frozen=True)
class Ranked:
    """Bars beside each other's names, longest first or in their own order; with `low` and `high` how sure each is."""

    title: str
    bars: Sequence[Bar]
    unit: Unit = NUMBER
    by: str = "Name"
    value: str = "Value"
    top: float | None = None


Chart = Lines | Columns | Heat | Grid | Forest | Ranked


def survival(title: str, days: Sequence[float], series: Sequence[Series], marks: Sequence[Mark] = ()) -> Lines:
    """Step curves over days; values are shares of 1 (of those who bought again, say)."""
    labels = [DAYS.say(day) for day in days]
    return Lines(title, labels, series, SHARE, "Day", days, DAYS, "Days since", "step", marks=marks)


def lorenz(title: str, people: Sequence[float], money: Sequence[float], marks: Sequence[Mark] = ()) -> Lines:
    """Share of revenue of the poorest share of customers, both rising from 0 to 1, beside the line of equals."""
    curve = Series("Share of revenue", money, colour="brand")
    equal = Series("If all spent the same", people, colour="neutral", dashed=True)
    labels = [SHARE.say(share) for share in people]
    return Lines(
        title, labels, [curve, equal], SHARE, "Customers", people, SHARE, "Share of customers", top=1, marks=marks
    )


def trend(
    title: str, labels: Sequence[str], series: Sequence[Series], unit: Unit = SHARE, **more: float | None
) -> Lines:
    """Lines with bands from which points with too few behind them are left out."""
    return Lines(title, labels, [_shown(one) for one in series], unit, low=more.get("low", 0), top=more.get("top"))


def histogram(title: str, labels: Sequence[str], counts: Sequence[int], x_title: str, name: str = "Number") -> Columns:
    return Columns(title, labels, [Series(name, counts)], by=x_title, x_title=x_title, touching=True)


def calibration(title: str, expected: Sequence[float], actual: Sequence[float], unit: Unit = NUMBER) -> Lines:
    """What came against what was expected, group by group, beside the line of a perfect forecast."""
    labels = [unit.say(value) for value in expected]
    came = Series("Came", actual, colour="brand")
    perfect = Series("As expected", expected, colour="neutral", dashed=True)
    return Lines(title, labels, [came, perfect], unit, "Expected", expected, unit, "Expected", "dots")


def _shown(series: Series) -> Series:
    if not series.counts:
        return series
    values, low, high = (_enough(each, series.counts) for each in (series.values, series.low, series.high))
    return replace(series, values=values, low=low, high=high)


def _enough(values: Values, counts: Sequence[int]) -> Values:
    return [value if count >= LEAST_SHOWN else None for value, count in zip(values, counts, strict=False)]
