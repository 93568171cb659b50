"""What is to be expected of each purchase history: alive, orders, money and the day of the next order.

Given rates and a customer who lives, the rate is gamma (r + x, alpha + T) and the chance to leave beta (a, b + x), and
the two do not depend on each other; so beyond n orders come in t with
    P(Y(t) > n | alive) = B(a, b+x+n) / B(a, b+x) * I_z(n+1, r+x),   z = t / (alpha+T+t),
n orders that did not make them leave, and time for one more. Intervals are of this distribution itself (nothing is
drawn); they are about the buyer's luck, with the parameters taken as known.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.special import betainc, expit, hyp2f1

from thereafter.insights.rules.clv.bgnbd import WEEK, Rates
from thereafter.insights.rules.clv.gamma_gamma import Spending
from thereafter.insights.rules.clv.grouping import Floats, Histories, Ints

# Tails and numbers of orders that no figure would show.
_TAIL = 1e-4
_MOST_ORDERS = 3_660
_HALVINGS = 24
# Beside a pole of the closed form: moved this far, both its terms keep ten digits.
_POLE = 1e-6


def p_alive(rates: Rates, histories: Histories) -> Floats:
    """The chance that they have not left; 1 for who bought once: the model lets nobody leave at the first purchase."""
    x = histories.frequency
    t, t_x = histories.age / WEEK, histories.recency / WEEK
    left = np.maximum(rates.b + x - 1.0, 1e-300)
    odds = np.log(rates.a / left) + (rates.r + x) * np.log((rates.alpha + t) / (rates.alpha + t_x))
    return np.where(x == 0, 1.0, expit(-odds))


def expected_orders(rates: Rates, histories: Histories, days: float) -> Floats:
    """Mean number of purchases in the coming days, equation (10) of the paper.

    Written with Euler's transformation of its hypergeometric function,
        (1-z)^(r+x) F(r+x, b+x; a+b+x-1; z) = (1-z)^(a-1) F(a-1, a+b-1-r; a+b+x-1; z),
    whose terms stay small however often somebody bought.
    """
    ages = _ages(histories)
    alive = _expected_alive(rates, ages.frequency, ages.age, days)
    expected: Floats = alive[ages.places] * p_alive(rates, histories)
    return expected


class _Ages(NamedTuple):
    """Distinct (frequency, age): the day of the last purchase matters to being alive alone. `places` leads back."""

    frequency: Ints
    age: Ints
    places: Ints


def _ages(histories: Histories) -> _Ages:
    keys, places = np.unique((histories.frequency << 32) | histories.age, return_inverse=True)
    return _Ages(keys >> 32, keys & 0xFFFFFFFF, places)


def _expected_alive(rates: Rates, x: Ints, age: Ints, days: float) -> Floats:
    a = rates.a + _POLE if abs(rates.a - 1) < _POLE else rates.a
    c = a + rates.b + x - 1
    c = np.where(np.abs(c) < _POLE, _POLE, c)
    known, t = rates.alpha + age / WEEK, days / WEEK
    z = t / (known + t)
    expected: Floats
    with np.errstate(all="ignore"):
        expected = c / (a - 1) * (1 - (1 - z) ** (a - 1) * hyp2f1(a - 1, a + rates.b - 1 - rates.r, c, z))
    # Nobody buys more than who never leaves; where the function fails (at odd parameters), the distribution is summed.
    most = t * (rates.r + x) / known
    failed = np.flatnonzero(~((expected >= 0) & (expected <= most * 1.000001)))
    expected[failed] = _summed(rates, x[failed], age[failed], days).mean
    return expected


def p_no_order(rates: Rates, histories: Histories, days: float) -> Floats:
    """The chance of no purchase in the coming days: gone, or simply not due."""
    t = days / WEEK
    silent = (1 + t / (rates.alpha + histories.age / WEEK)) ** -(rates.r + histories.frequency)
    none: Floats = 1 - p_alive(rates, histories) * (1 - silent)
    return none


def next_order_days(rates: Rates, histories: Histories, share: float) -> Floats:
    """Days until they have ordered with this chance; infinite where that chance is never reached."""
    needed = share / np.maximum(p_alive(rates, histories), 1e-300)
    silent = np.maximum(1 - needed, 0.0)
    with np.errstate(divide="ignore", over="ignore"):
        weeks = (rates.alpha + histories.age / WEEK) * (silent ** (-1 / (rates.r + histories.frequency)) - 1)
    days: Floats = weeks * WEEK
    return days


def order_quantiles(rates: Rates, histories: Histories, days: float, shares: tuple[float, ...]) -> list[Ints]:
    """The least numbers of purchases in the coming days that are not passed with these chances."""
    found = [np.zeros(len(histories), np.int64) for _ in shares]
    for places, beyond in _beyond_of(rates, histories, days):
        for share, quantile in zip(shares, found, strict=True):
            quantile[places] += beyond > 1 - share
    return found


class Spread(NamedTuple):
    """Mean and variance of the number of purchases, per history."""

    mean: Floats
    variance: Floats


def spread(rates: Rates, histories: Histories, days: float) -> Spread:
    ages = _ages(histories)
    summed, alive = _summed(rates, ages.frequency, ages.age, days), p_alive(rates, histories)
    mean = summed.mean[ages.places] * alive
    square = (summed.variance + summed.mean**2)[ages.places] * alive
    return Spread(mean, square - mean**2)


def _summed(rates: Rates, x: Ints, age: Ints, days: float) -> Spread:
    """Of customers who live: the sum of P(Y > n), and of (2n + 1) P(Y > n)."""
    mean, square = np.zeros(len(x)), np.zeros(len(x))
    for n, (places, beyond) in enumerate(_beyond(rates, x, age, 1.0, days)):
        mean[places] += beyond
        square[places] += (2 * n + 1) * beyond
    return Spread(mean, square - mean**2)


def _beyond_of(rates: Rates, histories: Histories, days: float) -> Iterator[tuple[Ints, Floats]]:
    return _beyond(rates, histories.frequency, histories.age, p_alive(rates, histories), days)


def _beyond(rates: Rates, x: Ints, age: Ints, alive: Any, days: float) -> Iterator[tuple[Ints, Floats]]:
    """For n = 0, 1, ...: the rows that may order more than n times, and with what chance."""
    t = days / WEEK
    z = t / (rates.alpha + age / WEEK + t)
    shape, stay = rates.r + x, rates.b + x
    places, kept, alive = np.arange(len(x)), np.ones(len(x)), np.broadcast_to(alive, len(x))
    for n in range(_MOST_ORDERS):
        beyond = alive[places] * kept * betainc(n + 1, shape[places], z[places])
        likely = beyond > _TAIL
        if not likely.any():
            return
        places, kept = places[likely], kept[likely]
        yield places, beyond[likely]
        kept = kept * (stay[places] + n) / (rates.a + stay[places] + n)


def expected_value(spending: Spending, histories: Histories, total: Any, orders: Floats) -> Floats:
    """Money of the expected orders; `total` is what the repeat purchases came to, one per history or customer."""
    return orders * spending.expected(histories.frequency, total)


def value_quantile(rates: Rates, spending: Spending, histories: Histories, days: float, share: float) -> Floats:
    """What the money of the coming days does not pass with this chance, per history, in units of (gamma + x m).

    n coming purchases of one customer come to (gamma + x m) times a beta prime (pn, px + q), so the quantile of the
    mixture over n is the same for all customers of a history; multiply by `gamma + total` of each.
    """
    rows = _rows(rates, histories, days)
    likely = np.zeros(len(histories))
    np.add.at(likely, rows.places, rows.chance)
    found = np.zeros(len(histories))
    sought = np.flatnonzero(likely > 1 - share)
    if not len(sought):
        return found
    rows = rows.only(np.isin(rows.places, sought))
    places = np.searchsorted(sought, rows.places)
    of_n, of_rest = spending.p * rows.orders, spending.p * histories.frequency[rows.places] + spending.q
    low, high = np.zeros(len(sought)), np.ones(len(sought))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = betainc(of_n, of_rest, middle[places])
        above = np.bincount(places, rows.chance * (1 - below), len(sought))
        low, high = np.where(above > 1 - share, middle, low), np.where(above > 1 - share, high, middle)
    found[sought] = low / (1 - low)
    return found


class _Rows(NamedTuple):
    """The chance that a history's customer orders just so many times; one row per history and number above nought."""

    places: Ints
    orders: Ints
    chance: Floats

    def only(self, kept: Any) -> "_Rows":
        return _Rows(self.places[kept], self.orders[kept], self.chance[kept])


def _rows(rates: Rates, histories: Histories, days: float) -> _Rows:
    steps = list(_beyond_of(rates, histories, days))
    places, orders, chance = [], [], []
    for n, (at, beyond) in enumerate(steps):
        more = np.zeros(len(histories))
        if n + 1 < len(steps):
            more[steps[n + 1][0]] = steps[n + 1][1]
        places.append(at)
        orders.append(np.full(len(at), n + 1))
        chance.append(beyond - more[at])
    if not steps:
        return _Rows(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    return _Rows(np.concatenate(places), np.concatenate(orders), np.concatenate(chance))
