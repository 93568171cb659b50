"""What is kept of a fit: the conditions, the parameters, the backtest and the totals. Plain values, kept as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from thereafter.insights.rules.clv.calibration import Class
from thereafter.insights.rules.clv.gates import Gate


@dataclass(frozen=True)
class Parameter:
    """With its 95 % interval; without one where the data do not tell it."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Tested:
    """The model fitted `days` before the end and held against them. Errors are (expected - actual) / actual."""

    days: int
    customers: int
    expected: float
    actual: float
    total_error: float | None
    mae: float
    rmse: float
    value_error: float | None
    # What totals of orders and of money are multiplied with, and how much that widens their intervals (a logarithm).
    factor: float
    value_factor: float
    value_off: float
    classes: Sequence[Class] = ()


@dataclass(frozen=True)
class Sum:
    """Of all customers, corrected by the backtest, with its 95 % interval; `plain` is the model's own."""

    value: float
    low: float
    high: float
    plain: float


@dataclass(frozen=True)
class Horizon:
    """`value` in minor units."""

    days: int
    orders: Sum
    value: Sum


@dataclass(frozen=True)
class Facts:
    """`why_not` says why there are no predictions though all conditions hold; "" where there are some, or where a
    condition fails."""

    gates: Sequence[Gate] = ()
    why_not: str = ""
    rates: Sequence[Parameter] = ()
    spending: Sequence[Parameter] = ()
    # What a coming order brings on average, minor units; the correlation of how often and how much.
    spend_minor: float = 0.0
    correlation: float = 0.0
    histories: int = 0
    repeaters: int = 0
    tested: Tested | None = None
    horizons: Sequence[Horizon] = ()
    bands: Mapping[str, int] = field(default_factory=dict)

    @property
    def missing(self) -> list[Gate]:
        return [gate for gate in self.gates if not gate.holds]

    @property
    def is_told(self) -> bool:
        return bool(self.horizons)

    def horizon(self, days: int) -> Horizon | None:
        return next((one for one in self.horizons if one.days == days), None)
