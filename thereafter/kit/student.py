"""Student's t distribution, exact to about ten digits, for means of few answers. Plain Python."""

from math import exp, lgamma, log

_TINY = 1e-300
_EXACT = 1e-14
_MOST_STEPS = 500
_OUTSIDE = 0.05


def two_sided_p(t: float, degrees: float) -> float:
    """How often chance alone gives a t at least this far from 0. `degrees` of freedom may be a fraction (Welch)."""
    return _incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))


def quantile95(degrees: float) -> float:
    """The t within which 95 % of the distribution lie on both sides: 12.706 at 1, 2.262 at 9, 1.960 at infinity."""
    low, high = 0.0, 13.0 if degrees >= 1 else 1e6
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided_p(middle, degrees) > _OUTSIDE else (low, middle)
    return (low + high) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    # The fraction is quick on this side of the mean only; the other is its mirror image.
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    return front / _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """1 + d1/(1 + d2/(1 + ...)), by the method of Lentz."""
    value, up, down = 1.0, 1.0, 0.0
    for step in range(1, _MOST_STEPS):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        down = 1 / ((1 + term * down) or _TINY)
        up = (1 + term / up) or _TINY
        value *= up * down
        if abs(up * down - 1) < _EXACT:
            break
    return value
