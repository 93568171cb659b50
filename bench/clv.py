"""What fitting customer lifetime value costs the machine: a million and ten million customers, drawn from the model.

    ./run bench clv --json [--customers 1000000,10000000]

Customers of two years are drawn from BG/NBD with the published rates of CDNOW, and their spending from Gamma-Gamma. For
each size, in a process of its own: processor seconds of grouping, of both fits and of scoring every distinct history
(expected orders, alive, no order in 90 days), the number of distinct histories, what was found, and the peak of
memory with the drawn customers in it (`drawn_mb` is what they took before anything was fitted). The last line is the
JSON.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np

from thereafter.insights.rules.clv import bgnbd, gamma_gamma, grouping, outlook
from thereafter.insights.rules.clv.grouping import Ints

R, ALPHA, A, B = 0.243, 4.414, 0.793, 2.426
P, Q, GAMMA_CENTS = 6.25, 3.74, 1544.0
DAYS = 730


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--customers", default="1000000,10000000", help="sizes, with commas between")
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(measured(asked.alone)))
        return
    sizes = [int(size) for size in asked.customers.split(",")]
    print(json.dumps({"benchmark": "clv", "sizes": [_alone(size) for size in sizes]}))


def _alone(size: int) -> Any:
    """One thread: processor seconds are then what one core needs."""
    said = subprocess.run(
        [sys.executable, "-m", "bench.clv", "--alone", str(size)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(said.stdout)


def measured(size: int) -> dict[str, Any]:
    frequency, recency, age, total = _drawn(size, np.random.default_rng(1))
    drawn_mb, began = _peak_mb(), time.process_time()
    histories, spends = grouping.group(frequency, recency, age), gamma_gamma.group(frequency, total)
    grouped = time.process_time()
    rates, spending = bgnbd.fit(histories), gamma_gamma.fit(spends, unit=0.01)
    fitted = time.process_time()
    expected = outlook.expected_orders(rates, histories, 365)
    outlook.p_no_order(rates, histories, 90)
    scored = time.process_time()
    return {
        "customers": size,
        "histories": len(histories),
        "spends": len(spends),
        "group_seconds": round(grouped - began, 3),
        "fit_seconds": round(fitted - grouped, 3),
        "score_seconds": round(scored - fitted, 3),
        "drawn_mb": drawn_mb,
        "peak_mb": _peak_mb(),
        "found": [round(float(value), 4) for value in (*rates.values, spending.p, spending.q, spending.gamma)],
        "expected_orders": round(float(histories.weight @ expected)),
    }


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _drawn(size: int, chance: np.random.Generator) -> tuple[Any, Any, Any, Ints]:
    """All customers at once, a purchase at a time, until nobody is left who buys again in time."""
    rate, leave = (chance.gamma(R, 1 / ALPHA, size) / 7).astype(np.float32), chance.beta(A, B, size).astype(np.float32)
    age = chance.integers(1, DAYS, size).astype(np.int32)
    frequency, recency, at = np.zeros(size, np.int32), np.zeros(size, np.int32), np.zeros(size, np.float32)
    there = np.arange(size, dtype=np.int32)
    while len(there):
        at[there] += (chance.exponential(size=len(there)) / np.maximum(rate[there], 1e-12)).astype(np.float32)
        there = there[at[there] < age[there]]
        day = at[there].astype(np.int32)
        frequency[there] += day > recency[there]
        recency[there] = day
        there = there[chance.random(len(there)) > leave[there]]
    total = _paid(frequency, chance)
    return frequency, recency, age, total


def _paid(frequency: Any, chance: np.random.Generator) -> Ints:
    total = np.zeros(len(frequency), np.int64)
    again = frequency > 0
    nu = chance.gamma(Q, 1 / GAMMA_CENTS, int(again.sum()))
    total[again] = chance.gamma(P * frequency[again]) / nu
    return total


if __name__ == "__main__":
    main()
