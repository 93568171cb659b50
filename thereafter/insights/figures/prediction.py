"""Fitting a store's model of lifetime value: conditions, parameters, backtest and totals."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from thereafter.insights.figures.people import people
from thereafter.insights.rules.clv import bgnbd, fitting, gamma_gamma, gates, outlook, testing
from thereafter.insights.rules.clv.bgnbd import NothingRepeated, Rates
from thereafter.insights.rules.clv.facts import Facts, Parameter, Tested
from thereafter.insights.rules.clv.gamma_gamma import Spending
from thereafter.insights.rules.clv.gates import Gate, Standing
from thereafter.insights.rules.clv.people import SOON, Model, People, band, learn

UNSETTLED = (
    "The orders so far do not tell how often customers come back: very different answers would explain them as well. "
    "More customers with second and third orders will settle it."
)


@dataclass(frozen=True)
class Prediction:
    """`model` is None where `facts` says why there is none."""

    facts: Facts
    model: Model | None = None


def predict(store_id: int, everybody: People, today: date) -> Prediction:
    standing = _standing(everybody)
    conditions = gates.gates(standing)
    if not all(gate.holds for gate in conditions):
        return Prediction(Facts(conditions))
    try:
        model = learn(everybody)
    except NothingRepeated as wrong:
        return Prediction(Facts(conditions, why_not=str(wrong)))
    if not model.rates.r_and_alpha_told:
        return Prediction(Facts(conditions, why_not=UNSETTLED))
    days = testing.length(standing.days)
    tested = _tested(store_id, everybody, today, days) if days else None
    return Prediction(_facts(conditions, everybody, model, tested), model)


def _standing(everybody: People) -> Standing:
    if not len(everybody):
        return Standing(0, 0, None, 0)
    idle = int((everybody.age - everybody.recency).min())
    loyal = int((everybody.frequency + 1 >= gates.ORDERS).sum())
    return Standing(len(everybody), int(everybody.age.max()), idle, loyal)


def _tested(store_id: int, everybody: People, today: date, days: int) -> Tested | None:
    return testing.held_out(people(store_id, today - timedelta(days=days)), everybody, days)


def _facts(conditions: tuple[Gate, ...], everybody: People, model: Model, tested: Tested | None) -> Facts:
    quiet = outlook.p_no_order(model.rates, everybody.histories, SOON)[everybody.places]
    spent = model.spends(everybody)
    return Facts(
        conditions,
        rates=_parameters(bgnbd.NAMES, model.rates),
        spending=_parameters(gamma_gamma.NAMES, model.spending) if model.spending else (),
        spend_minor=float(np.mean(spent)),
        correlation=testing.correlation(everybody),
        histories=len(everybody.histories),
        repeaters=everybody.histories.repeaters,
        tested=tested,
        horizons=testing.horizons(model, everybody, tested),
        bands=dict(Counter(band(quiet))),
    )


def _parameters(names: tuple[str, ...], found: Rates | Spending) -> list[Parameter]:
    values = [float(getattr(found, name)) for name in names]
    if found.covariance is None or not found.told:
        return [Parameter(name, value) for name, value in zip(names, values, strict=True)]
    variances = np.diag(found.covariance).tolist()
    return [
        Parameter(name, value, *fitting.interval(value, variance))
        for name, value, variance in zip(names, values, variances, strict=True)
    ]
