"""From values to places: axes with round steps. Plain arithmetic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from thereafter.kit.charts.units import Unit

_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Axis:
    """From `low` to `high` of values onto `start` to `end` of the drawing; `ticks` are values."""

    low: float
    high: float
    ticks: Sequence[float]
    start: float = 0
    end: float = 1

    def place(self, value: float) -> float:
        """Where a value stands; what lies outside stands at the edge."""
        share = (value - self.low) / ((self.high - self.low) or 1)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def reach(values: Iterable[float | None], low: float | None, top: float | None) -> tuple[float, float]:
    """From where to where an axis must go to show all values, with a fixed end where there is one."""
    there = [value for value in values if value is not None and isfinite(value)]
    least, most = min(there, default=0.0), max(there, default=0.0)
    lowest = least if low is None else min(low, least)
    highest = most if top is None else max(top, lowest)
    return (lowest, highest) if highest > lowest else (lowest, lowest + abs(lowest) * 0.1)


def rounded(low: float, high: float, unit: Unit, ticks: int = 4) -> tuple[float, float, list[float]]:
    """Ends and ticks at round numbers as people read them; whole where the unit knows no parts."""
    scale = unit.scale
    step = _step((high - low) * scale / max(1, ticks), whole=unit.kind in {"number", "days"} and not unit.digits)
    first, last = floor(low * scale / step + 1e-9), ceil(high * scale / step - 1e-9)
    last = max(last, first + 1)
    places = [number * step / scale for number in range(first, last + 1)]
    return places[0], places[-1], places


def _step(wanted: float, *, whole: bool) -> float:
    """The next round number; a flat line of zeros gets one step of one."""
    if wanted <= 0 or not isfinite(wanted):
        return 1.0
    power = 10.0 ** floor(log10(wanted))
    step = float(next((one * power for one in _STEPS if one * power >= wanted * (1 - 1e-9)), 10 * power))
    return max(1.0, float(round(step)) if step < 3 else step) if whole else step  # noqa: PLR2004 2.5 is no whole number


def vertical(span: tuple[float, float], unit: Unit, top: float, bottom: float, *, capped: float | None = None) -> Axis:
    """An axis upwards between two places; `capped` is where a fixed end cuts it."""
    low, high, ticks = rounded(*span, unit, 4 if bottom - top > 150 else 3)  # noqa: PLR2004 as lines fit
    if capped is not None and low < capped < high:
        high, ticks = capped, [tick for tick in ticks if tick < capped] + [capped]
    return Axis(low, high, ticks, bottom, top)
