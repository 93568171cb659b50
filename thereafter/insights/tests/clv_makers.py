"""Purchase histories for the tests: the published sample, drawn ones, and a likelihood in plain Python."""

import csv
from collections.abc import Sequence
from math import exp, lgamma, log
from pathlib import Path
from typing import NamedTuple

import numpy as np

from thereafter.insights.rules.clv import grouping
from thereafter.insights.rules.clv.bgnbd import Rates
from thereafter.insights.rules.clv.grouping import Histories, Ints

# The grouped calibration period of the CDNOW sample of Fader, Hardie and Lee (2,357 customers to 1997-09-30).
SAMPLE = Path(__file__).parent / "data" / "cdnow_sample.csv"
PUBLISHED = Rates(0.243, 4.414, 0.793, 2.426)


def sample() -> Histories:
    with SAMPLE.open() as file:
        rows = np.array([[int(cell) for cell in row] for row in list(csv.reader(file))[1:]])
    return grouping.group(*rows.T)


def plain_likelihood(values: Sequence[float], x: int, t_x: float, t: float) -> float:
    """Of one customer, in weeks, written down as in the paper."""
    r, alpha, a, b = values
    first = exp(lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x)) / (alpha + t) ** (r + x)
    gone = a / (b + x - 1) * exp(lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x)) if x else 0.0
    inner = first + (gone / (alpha + t_x) ** (r + x) if x else 0.0)
    return lgamma(r + x) - lgamma(r) + r * log(alpha) + log(inner)


class Drawn(NamedTuple):
    """Customers drawn from the model: their histories up to their age and the purchases in the days after it."""

    frequency: Ints
    recency: Ints
    age: Ints
    later: Ints


def draw(rates: Rates, customers: int, *, days: int, after: int, seed: int) -> Drawn:
    chance = np.random.default_rng(seed)
    rate = chance.gamma(rates.r, 1 / rates.alpha, customers) / 7
    leave, age = chance.beta(rates.a, rates.b, customers), chance.integers(60, days, customers)
    frequency, recency, later = (np.zeros(customers, np.int64) for _ in range(3))
    for one in range(customers):
        told = _days(chance, rate[one], leave[one], age[one] + after)
        known = [day for day in told if 0 < day <= age[one]]
        frequency[one], recency[one] = len(known), known[-1] if known else 0
        later[one] = sum(day > age[one] for day in told)
    return Drawn(frequency, recency, age, later)


def _days(chance: np.random.Generator, rate: float, leave: float, until: int) -> list[int]:
    days: list[int] = []
    at = chance.exponential(1 / rate) if rate > 0 else until + 1.0
    while at <= until:
        # A day holds one purchase, as it does in the data.
        if not days or int(at) > days[-1]:
            days.append(int(at))
        if chance.random() < leave:
            break
        at += chance.exponential(1 / rate)
    return days
