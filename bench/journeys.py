"""Journey steps per second over a million sleeping runs, beside engines that keep the state of their steps.

    ./run bench journeys --json [--sleepers 1000000] [--only postgresql,sqlite,engines]

A step is real: the run is claimed, decided in Python, its message is queued as a row, it falls asleep at the next wait,
one transaction for the batch. PostgreSQL (fsync on) has two workers, SQLite one. `timers_per_second` claims due timers
and takes them away, nothing more; `claim_ms` is one claim of 500 among the sleepers. `drain_to_empty` is the rate over
the sleepers to that of an empty table. `late_ms` is from due to visible in the database, 500 runs a second falling due
for twenty seconds, in the workers' own loop. The engines do one no-op step each with two workers (bench/engines);
`ratio` is our steps on PostgreSQL to the best of them. The last line is the JSON.
"""

import argparse
import json
import statistics
from typing import Any

from bench import _engines, _servers
from bench._installation import DATABASES, command, fresh, start

PARTS = "bench._journeys_parts"
ROUNDS = 3
WORKERS = {"sqlite": 1, "postgresql": 2}
DUE = 40_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--sleepers", type=int, default=1_000_000)
    parser.add_argument("--only", default=",".join((*DATABASES, "engines")))
    given = parser.parse_args()
    wanted = given.only.split(",")
    found: dict[str, Any] = {name: measure(name, given.sleepers) for name in DATABASES if name in wanted}
    if "engines" in wanted:
        found["engines"] = engines()
        best = max((rate for rate in found["engines"].values() if rate), default=0)
        if best and "postgresql" in found:
            found["ratio"] = round(found["postgresql"]["steps_per_second"] / best, 1)
    print(json.dumps(found))


def engines() -> dict[str, float]:
    """Medians of three rounds; what cannot be had here is left out."""
    lacking = _servers.missing()
    _engines.set_up()
    names = [name for name, engine in _engines.ENGINES.items() if f"{engine.server}-server" not in lacking]
    return {name: round(statistics.median(_engines.steps_per_second(name) for _ in range(ROUNDS))) for name in names}


def measure(database: str, sleepers: int) -> dict[str, Any]:
    with fresh(database) as env:
        command(env, "-m", PARTS, "prepare")
        empty = [drained(env, "step", WORKERS[database]) for _ in range(ROUNDS)]
        command(env, "-m", PARTS, "sleepers", str(sleepers))
        full = [drained(env, "step", WORKERS[database]) for _ in range(ROUNDS)]
        claims = [drained(env, "claim", WORKERS[database]) for _ in range(ROUNDS)]
        late = lateness(env, WORKERS[database])
    steps = statistics.median(one["rate"] for one in full)
    return {
        "workers": WORKERS[database],
        "sleepers": sleepers,
        "timers_per_second": round(statistics.median(one["rate"] for one in claims)),
        "steps_per_second": round(steps),
        "drain_to_empty": round(steps / statistics.median(one["rate"] for one in empty), 2),
        "claim_ms": {name: round(statistics.median(one[name] for one in full), 1) for name in ("p50", "p99")},
        "late_ms": late,
        "worker_mb": {
            "empty": round(statistics.median(one["mb"] for one in empty)),
            "sleepers": round(statistics.median(one["mb"] for one in full)),
        },
    }


def drained(env: dict[str, str], what: str, workers: int) -> dict[str, float]:
    """One round: runs fall due, the workers drain them; claims are timed by the workers themselves."""
    command(env, "-m", PARTS, "due", str(DUE))
    started = [start(env, "-m", PARTS, what) for _ in range(workers)]
    told = [json.loads(worker.communicate()[0]) for worker in started]
    taken = max(one["end"] for one in told) - min(one["begin"] for one in told)
    if sum(one["done"] for one in told) < DUE:
        raise RuntimeError(f"only {sum(one['done'] for one in told)} of {DUE} were done")
    claims = sorted(each for one in told for each in one["claims"])
    return {
        "rate": DUE / taken,
        "p50": claims[len(claims) // 2] * 1000,
        "p99": claims[int(len(claims) * 0.99)] * 1000,
        "mb": max(one["mb"] for one in told),
    }


def lateness(env: dict[str, str], workers: int) -> dict[str, float]:
    command(env, "-m", PARTS, "trickle")
    watch = start(env, "-m", PARTS, "watch")
    started = [start(env, "-m", PARTS, "loop") for _ in range(workers)]
    told: dict[str, float] = json.loads(watch.communicate()[0])
    for worker in started:
        worker.terminate()
        worker.wait()
    return told


if __name__ == "__main__":
    main()
