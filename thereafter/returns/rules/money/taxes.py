"""Tax by rate, as a credit note lists it. Amounts are the stored ones; the rate only names them."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from thereafter.returns.rules.money.allocation import half_up
from thereafter.returns.rules.money.bought import Value

# Rates of this world are whole percents, else halves, quarters, tenths ... as fine as a thousandth of a percent.
_STEPS = [Fraction(1, part) for part in (1, 2, 4, 10, 20, 40, 100, 200, 1000)]


def rate_name(whole: Value, stored: str = "") -> str:
    """ "19%": the rate that the order names, else the roundest one that gives this tax to the half cent.

    "" where there is no tax; a rate that no step explains is given to two decimals.
    """
    if stored:
        return stored if stored.endswith("%") else f"{stored}%"
    if whole.tax <= 0 or whole.net <= 0:
        return ""
    half = Fraction(1, 2)
    lowest, highest = 100 * (whole.tax - half) / (whole.net + half), 100 * (whole.tax + half) / (whole.net - half)
    exact = Fraction(100 * whole.tax, whole.net)
    for step in _STEPS:
        near = half_up(exact / step) * step
        if near > 0 and lowest <= near <= highest:
            return _percent(near)
    return _percent(Fraction(half_up(exact * 100), 100))


def by_rate(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Tax added up by the rate's name; what holds none is left out."""
    found: dict[str, int] = {}
    for name, tax in parts:
        if name and tax:
            found[name] = found.get(name, 0) + tax
    return found


def _percent(rate: Fraction) -> str:
    return f"{(Decimal(rate.numerator) / Decimal(rate.denominator)).normalize():f}%"
