"""Maximum likelihood of positive parameters: searched by their logarithms, so that none can become negative."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from thereafter.insights.rules.clv.grouping import Floats

# The log likelihood and its gradient, by the parameters themselves.
Likelihood = Callable[[Floats], tuple[float, Floats]]

# A parameter that runs to one of these is not told by the data, nor is one whose logarithm has a standard error of
# KNOWN (fifty times as much or as little). UNTOLD stands in for what is not known at all, so that what hangs on it gets
# an interval as wide as it deserves.
LEAST, MOST = 1e-4, 1e5
KNOWN, UNTOLD = 2.0, 3.0
_STEP = 1e-4


@dataclass(frozen=True)
class Found:
    """`covariance` is of the logarithms of the parameters; `told` is False where the data do not tell them all."""

    parameters: Floats
    log_likelihood: float
    covariance: Floats
    told: bool


def most_likely(likelihood: Likelihood, start: Floats, size: float) -> Found:
    """L-BFGS with the analytic gradient. `size` is the weight of all rows: it only scales, so that one tolerance fits
    a hundred customers and ten million."""

    def descend(logs: Floats) -> tuple[float, Floats]:
        value, slope = likelihood(np.exp(logs))
        return -value / size, -slope * np.exp(logs) / size

    bounds = [(np.log(LEAST), np.log(MOST))] * len(start)
    options = {"maxiter": 300, "ftol": 1e-15, "gtol": 1e-8, "maxcor": 20}
    done = minimize(descend, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    logs: Floats = done.x
    covariance = _covariance(descend, logs, size)
    inside = (logs > np.log(LEAST) + 0.01) & (logs < np.log(MOST) - 0.01)
    told = bool(inside.all() and (np.diag(covariance) < KNOWN**2).all())
    return Found(np.exp(logs), float(-done.fun * size), covariance, told)


def _covariance(descend: Likelihood, logs: Floats, size: float) -> Floats:
    """The inverse of the curvature, from differences of the gradient; UNTOLD where it is flat."""
    steps = np.eye(len(logs)) * _STEP
    rows = [(descend(logs + step)[1] - descend(logs - step)[1]) / (2 * _STEP) for step in steps]
    curvature = np.array(rows) * size
    steepness, ways = np.linalg.eigh((curvature + curvature.T) / 2)
    inverse: Floats = (ways / (np.maximum(steepness, 0) + UNTOLD**-2)) @ ways.T
    return inverse


def interval(value: float, variance: float, z: float = 1.96) -> tuple[float, float]:
    """Of a positive number whose logarithm has this variance."""
    reach = z * float(np.sqrt(variance))
    return value * float(np.exp(-reach)), value * float(np.exp(reach))
