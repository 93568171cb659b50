"""What a return costs the machine: quotes, and replays of a policy over past orders.

    ./run bench returns --json [--what quote,replay,cases] [--orders 100000]

quote: what is offered for all of an order of twenty lines (the ready policy "exchange first", the law, five reasons),
and its price as money back, 2,000 times after 100 to warm up; `p50_ms`, `p95_ms`. replay: two ready policies over
synthetic orders of one to four lines in eight countries, no two alike in amounts, days and shopper; one process, what
makes the orders is not counted; `orders_per_second` decides each order by both policies and compares them. cases: 1,000
cases opened one after the other in a fresh installation (decided, priced, units, parcel, steps, events), on both
databases. The last line is the JSON.
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from bench._installation import DATABASES, command, fresh
from bench._returns_orders import big_order, orders
from thereafter.returns import pricing
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.policies import compile_policy
from thereafter.returns.rules.policy.simulating import simulate

QUOTES, WARM_UP, CASES = 2_000, 100, 1_000
PARTS_OF_CASES = "bench._returns_parts"
AT_ONCE = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--what", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--orders", type=int, default=100_000)
    asked = parser.parse_args()
    wanted = asked.what.split(",")
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    print(json.dumps({"benchmark": "returns", **{name: PARTS[name](asked.orders) for name in wanted}}))


def quote(_orders: int) -> dict[str, Any]:
    policy, today = compile_policy(ready_policies.document("exchange_first_45")), law.current()
    taken, count = [], 0
    for number in range(WARM_UP + QUOTES):
        snapshot, day, bought = big_order(number)
        began = time.perf_counter()
        offers = decide(policy, snapshot, today, day)
        chosen = [
            pricing.Chosen(line=line.line, quantity=line.quantity, reason=line.reason, option=option)
            for line in offers.lines
            if (option := line.option("refund"))
        ]
        pricing.price(bought, pricing.Wish(chosen=chosen, method="label", shipping=offers.refund_shipping))
        taken.append(time.perf_counter() - began)
        count = len(offers.lines)
    taken = sorted(taken[WARM_UP:])
    return {"lines": count, "p50_ms": _ms(taken, 0.5), "p95_ms": _ms(taken, 0.95)}


def replay(count: int) -> dict[str, Any]:
    old, new = (compile_policy(ready_policies.document(key)) for key in ("classic_30", "exchange_first_45"))
    seconds, changed = 0.0, 0
    for start in range(0, count, AT_ONCE):
        some = orders(start, min(AT_ONCE, count - start))
        began = time.perf_counter()
        changed += simulate(old, new, some, law.current()).changed
        seconds += time.perf_counter() - began
    return {
        "orders": count,
        "changed": changed,
        "seconds": round(seconds, 1),
        "orders_per_second": round(count / seconds),
    }


def cases(_orders: int) -> dict[str, Any]:
    told = {}
    for database in DATABASES:
        with fresh(database) as env:
            told[database] = json.loads(command(env, "-m", PARTS_OF_CASES, str(CASES)))
    return told


def _ms(sorted_seconds: list[float], share: float) -> float:
    return round(1000 * sorted_seconds[int(share * (len(sorted_seconds) - 1))], 2)


PARTS: dict[str, Callable[[int], dict[str, Any]]] = {"quote": quote, "replay": replay, "cases": cases}


if __name__ == "__main__":
    main()
