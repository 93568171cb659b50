"""The last completed stretch of days, foretold from what was known before it, and the totals that follow from it."""

from math import log

import numpy as np

from thereafter.insights.rules.clv import calibration, gamma_gamma, outlook, totals
from thereafter.insights.rules.clv.bgnbd import NothingRepeated
from thereafter.insights.rules.clv.facts import Horizon, Sum, Tested
from thereafter.insights.rules.clv.fitting import interval
from thereafter.insights.rules.clv.grouping import Floats
from thereafter.insights.rules.clv.people import SOON, YEAR, Model, People, learn

LENGTHS = (365, 180, 90)
# A model of fewer says more about them than about the model.
LEAST_CUSTOMERS = 100


def length(days: int) -> int | None:
    """The longest stretch that leaves at least as much past to learn from; None for a shop too young."""
    return next((one for one in LENGTHS if one * 2 <= days), None)


def held_out(then: People, now: People, days: int) -> Tested | None:
    """`then` are the customers as known that many days ago. None where they were too few to learn from, or nobody had
    come back by then, or not enough to tell how often people buy."""
    then = then.where(np.isin(then.ids, now.ids))  # what was cancelled between the two readings is in one only
    if len(then) < LEAST_CUSTOMERS:
        return None
    try:
        model = learn(then)
    except NothingRepeated:
        return None
    if not model.rates.r_and_alpha_told:
        return None
    places = np.searchsorted(now.ids, then.ids)
    expected = outlook.expected_orders(model.rates, then.histories, days)[then.places]
    came = now.frequency[places] - then.frequency
    test = calibration.compare(then.frequency, expected, came, np.ones(len(then)))
    value, spent = float(expected @ model.spends(then)), float((now.net[places] - then.net).sum())
    factor = calibration.correction(spent, value)
    return Tested(
        days,
        len(then),
        test.expected,
        test.actual,
        test.total_error,
        test.mae,
        test.rmse,
        value / spent - 1 if spent > 0 else None,
        test.factor,
        factor,
        abs(log(factor)),
        test.classes,
    )


def horizons(model: Model, people: People, tested: Tested | None) -> list[Horizon]:
    return [_horizon(model, people, tested, days) for days in (SOON, YEAR)]


def _horizon(model: Model, people: People, tested: Tested | None, days: int) -> Horizon:
    factor, value_factor, value_off = (tested.factor, tested.value_factor, tested.value_off) if tested else (1, 1, 0.0)
    orders = totals.orders(model.rates, people.histories, days, abs(log(factor)))
    by_customer = outlook.expected_orders(model.rates, people.histories, days)[people.places]
    value = float(by_customer @ model.spends(people))
    # Sums of money vary with the number of orders and with what each of them brings.
    luck = orders.by_luck * np.sqrt(1 + _variety(people))
    reach = luck**2 + orders.by_rates**2 + _by_spending(model, people, by_customer) ** 2 + value_off**2
    low, high = interval(value * value_factor, float(reach))
    return Horizon(
        days,
        Sum(orders.value * factor, orders.low * factor, orders.high * factor, orders.value),
        Sum(value * value_factor, low, high, value),
    )


def _variety(people: People) -> float:
    """The squared coefficient of variation of what customers spend per order."""
    spends = people.spends
    if not len(spends):
        return 0.0
    mean = spends.total / spends.frequency
    middle = float(np.average(mean, weights=spends.weight))
    return float(np.average((mean - middle) ** 2, weights=spends.weight)) / middle**2


def _by_spending(model: Model, people: People, orders: Floats) -> float:
    """The standard error of the logarithm of all money that comes from not knowing the spending parameters."""
    spending = model.spending
    if spending is None or spending.covariance is None:
        return 0.0
    whole = float(orders @ model.spends(people)) or 1.0
    slope = []
    for step in np.eye(3) * 1e-3:
        more, less = (Model(model.rates, spending.moved(one), model.each).spends(people) for one in (step, -step))
        slope.append(float(orders @ (more - less)) / (2e-3 * whole))
    around = np.array(slope)
    return float(np.sqrt(max(around @ spending.covariance @ around, 0.0)))


def correlation(people: People) -> float:
    return gamma_gamma.correlation(people.spends)
