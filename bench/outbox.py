"""Events recorded and deliveries handled per second, on SQLite with one worker and PostgreSQL with two.

    ./run bench outbox --json

Each round records 20,000 events (in transactions of 100, each with one subscriber that does nothing), then lets the
workers drain them. Medians of three rounds. The bare loop writes the same two rows per event with the driver alone.
"""

import argparse
import json
import statistics
from typing import Any

from bench._installation import DATABASES, command, fresh, start

ROUNDS = 3
WORKERS = {"sqlite": 1, "postgresql": 2}
PARTS = "bench._outbox_parts"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.parse_args()
    print(json.dumps({database: measure(database) for database in DATABASES}))


def measure(database: str) -> dict[str, Any]:
    with fresh(database) as env:
        rounds = [one_round(env, WORKERS[database]) for _ in range(ROUNDS)]
    medians = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
    return {
        "workers": WORKERS[database],
        "recorded_per_second": round(medians["recorded"]),
        "bare_loop_per_second": round(medians["bare"]),
        "recorded_to_bare_loop": round(medians["recorded"] / medians["bare"], 2),
        "handled_per_second": round(medians["handled"]),
    }


def one_round(env: dict[str, str], workers: int) -> dict[str, float]:
    recorded = json.loads(command(env, "-m", PARTS, "record"))
    drains = [start(env, "-m", PARTS, "drain") for _ in range(workers)]
    spans = [json.loads(drain.communicate()[0]) for drain in drains]
    taken = max(span["end"] for span in spans) - min(span["begin"] for span in spans)
    bare = json.loads(command(env, "-m", PARTS, "bare"))
    return {"recorded": recorded, "bare": bare, "handled": sum(span["handled"] for span in spans) / taken}


if __name__ == "__main__":
    main()
