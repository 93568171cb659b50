"""`thereafter bench clv FILE.csv --calibration-end DATE --json`: BG/NBD and Gamma-Gamma on somebody's purchases.

The file has the columns customer, date and amount, in any order. The model learns from the days up to the date, with T
from the first purchase to that date in weeks, and is held against all purchases after it of the customers it knows.
Parameters are in weeks and in the file's money; errors are of numbers of purchases; `holdout_total_error` is (expected
- actual) / actual; `fit_seconds` is the processor time of both fits, grouping included.
"""

import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from thereafter.insights.clv_transactions import UNIT, Transactions, read
from thereafter.insights.rules.clv import bgnbd, calibration, gamma_gamma, outlook, totals
from thereafter.insights.rules.clv.bgnbd import Rates
from thereafter.insights.rules.clv.calibration import Backtest
from thereafter.insights.rules.clv.fitting import interval
from thereafter.insights.rules.clv.gamma_gamma import Spending

Report = dict[str, Any]


def measure_files(path: Path, cut: date | None) -> Report:
    """ValueError with a sentence where the file cannot be read or tells nothing."""
    if cut is None:
        raise ValueError("Say where the past ends: --calibration-end 1997-09-30")
    began = time.process_time()
    told = read(path, cut)
    was_read = time.process_time()
    rates, spending = bgnbd.fit(told.histories), _spending(told)
    fitted = time.process_time()
    report = _parameters(rates, spending) | _holdout(told, rates, spending)
    return report | {
        "fit_seconds": round(fitted - was_read, 4),
        "read_seconds": round(was_read - began, 4),
        "cpu_seconds": round(time.process_time() - began, 4),
    }


def _spending(told: Transactions) -> Spending | None:
    try:
        return gamma_gamma.fit(told.spends, UNIT)
    except ValueError:
        return None


def _parameters(rates: Rates, spending: Spending | None) -> Report:
    report: Report = {name: round(float(value), 5) for name, value in zip(bgnbd.NAMES, rates.values, strict=True)}
    paid = (spending.p, spending.q, spending.gamma) if spending else (None, None, None)
    for name, money in zip(gamma_gamma.NAMES, paid, strict=True):
        report[name] = None if money is None else round(money, 5)
    intervals = _intervals(bgnbd.NAMES, rates) | (_intervals(gamma_gamma.NAMES, spending) if spending else {})
    return report | {"log_likelihood": round(rates.log_likelihood, 3), "intervals": intervals}


def _intervals(names: tuple[str, ...], found: Rates | Spending) -> Report:
    """95 %, from the curvature of the likelihood; none where the data do not tell the parameters."""
    if found.covariance is None or not found.told:
        return {}
    variances = np.diag(found.covariance)
    values = [getattr(found, name) for name in names]
    ends = (interval(value, float(variance)) for value, variance in zip(values, variances, strict=True))
    return {name: [round(low, 5), round(high, 5)] for name, (low, high) in zip(names, ends, strict=True)}


def _holdout(told: Transactions, rates: Rates, spending: Spending | None) -> Report:
    expected = outlook.expected_orders(rates, told.histories, told.days)
    held = told.held
    frequency = told.histories.frequency[held.places]
    test = calibration.compare(frequency, expected[held.places], held.orders, held.weight)
    total = totals.orders(rates, told.histories, told.days)
    return {
        "holdout_mae": _rounded(test.mae),
        "holdout_rmse": _rounded(test.rmse),
        "holdout_total_error": _rounded(test.total_error),
        "holdout_days": told.days,
        "holdout_expected": _rounded(test.expected),
        "holdout_expected_interval": [_rounded(total.low), _rounded(total.high)],
        "holdout_actual": _rounded(test.actual),
        "holdout_value_error": _value_error(told, spending, expected),
        "customers": told.histories.customers,
        "repeaters": told.histories.repeaters,
        "histories": len(told.histories),
        "spend_correlation": _rounded(gamma_gamma.correlation(told.spends)),
        "calibration": _classes(test),
    }


def _value_error(told: Transactions, spending: Spending | None, expected: Any) -> float | None:
    """Of all money after the cut. Expected spend is linear in what was spent: a mean per history does."""
    if spending is None or not spending.has_mean or not told.held_total:
        return None
    mean = spending.expected(told.histories.frequency, told.totals * UNIT / told.histories.weight)
    value = float(told.histories.weight @ (expected * mean))
    return _rounded(value / (told.held_total * UNIT) - 1)


def _classes(test: Backtest) -> list[Report]:
    return [
        {
            "repeat_purchases": one.frequency,
            "customers": one.customers,
            "expected": _rounded(one.expected),
            "actual": _rounded(one.actual),
        }
        for one in test.classes
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def in_words(report: Report) -> str:
    rates = ", ".join(f"{name} {report[name]:.3f}" for name in bgnbd.NAMES)
    lines = [
        f"{report['customers']:,} customers ({report['repeaters']:,} came back), {report['histories']:,} histories",
        f"BG/NBD (weeks): {rates}",
        "Gamma-Gamma: "
        + (
            ", ".join(f"{name} {report[name]:.2f}" for name in gamma_gamma.NAMES)
            if report["p"] is not None
            else "nothing can be told about spending"
        ),
        f"The {report['holdout_days']} days after: {report['holdout_expected']:,.0f} purchases expected, "
        f"{report['holdout_actual']:,.0f} came"
        + ("" if report["holdout_total_error"] is None else f" ({report['holdout_total_error']:+.1%})")
        + f"; per customer MAE {report['holdout_mae']:.3f}, RMSE {report['holdout_rmse']:.3f}",
        f"Fitted in {report['fit_seconds']:.2f} s of processor time",
    ]
    return "\n".join(lines)
