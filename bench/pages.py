"""Requests per second and p95 of the order's page, which is the tracking page: eight scans, three recommendations.

    ./run bench pages --json

uncached: the page is rendered from its one document each time. unchanged: the reader sends the tag it has and gets 304.
gathered_per_second: pages whose document has to be put together first, one reader. Two server processes, 200 orders,
16 kept connections from one client process, on the same machine. console_order_queries: of the merchants' order page.
"""

import argparse
import json
import statistics
import subprocess
import sys
from typing import Any

from bench._installation import DATABASES, command, fresh
from bench.intake import serving

ROUNDS, SECONDS, WORKERS = 3, 4.0, 2
PARTS, CLIENT = "bench._pages_parts", "bench._pages_client"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    report = {database: measure(database, asked.rounds) for database in asked.database or DATABASES}
    print(json.dumps({"benchmark": "pages", "rounds": asked.rounds, "workers": WORKERS, **report}))


def measure(database: str, rounds: int) -> dict[str, Any]:
    with fresh(database) as env:
        paths = json.loads(command(env, "-m", PARTS, "prepare").splitlines()[-1])["paths"]
        console = json.loads(command(env, "-m", PARTS, "console").splitlines()[-1])
        with serving(env, WORKERS) as port:
            seen = [read(env, port, paths) for _ in range(rounds)]
    return {
        "uncached": median([one["uncached"] for one in seen]),
        "unchanged": median([one["unchanged"] for one in seen]),
        "gathered_per_second": seen[0]["gathered_per_second"],
        "console_order_queries": console["queries"],
        "console_order_status": console["status"],
    }


def read(env: dict[str, str], port: int, paths: list[str]) -> dict[str, Any]:
    asked = [sys.executable, "-m", CLIENT, str(port), str(SECONDS)]
    done = subprocess.run(asked, env=env, input=json.dumps(paths), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    for name, status in (("uncached", "200"), ("unchanged", "304")):
        if set(found[name].pop("statuses")) != {status}:
            raise RuntimeError(f"{name}: not every answer was {status}")
    return found


def median(series: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in series) for name in series[0]}


if __name__ == "__main__":
    main()
