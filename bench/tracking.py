"""Scans per second, states recomputed, and the order's page while scans come in.

    ./run bench tracking --json

webhooks: signed calls with one scan each, 32 connections, acknowledged after their commit; drain: these become scans,
states, flags and events, one process. batches: documents of 1,000 parcels with six scans each; again: the same once
more, which changes nothing. recomputed: every parcel's state from its stored scans. million: the rule alone over a
million histories, on two processes. page: the order's page as `bench/pages.py` measures it. Medians of rounds.
"""

import argparse
import json
import statistics
from typing import Any

from bench import pages
from bench._installation import DATABASES, command, fresh
from bench.intake import WORKERS, serving

ROUNDS, STEPS, PROCESSES = 3, 2, 2
PARTS, CLIENT = "bench._tracking_parts", "bench._tracking_scans"
Env = dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    report = {database: measure(database, asked.rounds) for database in asked.database or DATABASES}
    print(json.dumps({"benchmark": "tracking", "rounds": asked.rounds, **report}))


def measure(database: str, rounds: int) -> dict[str, Any]:
    seen = [one_round(database) for _ in range(rounds)]
    figures = {name: statistics.median(one[name] for one in seen) for name in seen[0]}
    read = pages.measure(database, rounds)
    return figures | {"page_p95_ms": read["uncached"]["p95_ms"], "page_unchanged_p95_ms": read["unchanged"]["p95_ms"]}


def one_round(database: str) -> dict[str, float]:
    with fresh(database) as env:
        part(env, "prepare")
        with serving(env, WORKERS[database]) as port:
            posted = json.loads(command(env, "-m", CLIENT, str(port), str(STEPS)))
        if posted["accepted"] != posted["sent"]:
            raise RuntimeError(f"only {posted['accepted']} of {posted['sent']} calls were accepted")
        drained, batch = part(env, "drain"), part(env, "batch")
        recomputed, million = part(env, "recomputed"), part(env, "million", str(PROCESSES))
    return {
        "webhooks_per_second": round(posted["accepted"] / posted["seconds"]),
        "drained_scans_per_second": round(drained["scans"] / drained["seconds"]),
        "batch_scans_per_second": round(batch["scans"] / batch["seconds"]),
        "batch_again_scans_per_second": round(batch["scans"] / batch["again_seconds"]),
        "recomputed_parcels_per_second": round(recomputed["parcels"] / recomputed["seconds"]),
        "million_states_seconds": round(million["seconds"], 1),
    }


def part(env: Env, name: str, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(command(env, "-m", PARTS, name, *arguments).splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
