"""Answers per second, and widgets of a product with 10,000 reviews: requests per second, p50 and p95.

    ./run bench feedback --json [--database sqlite,postgresql] [--reviews 10000]

answer: the action behind the page of an answer, one transaction each. intake: answers sent through the API in calls of
500. made: the list with a filter that is never kept, read from the database each time. kept: the list as visitors first
see it, from the memory of the process. unchanged: the reader sends the tag it has and gets 304. stars: the line of
stars. `usual` is a product of 50 reviews beside it. Two server processes, 16 kept connections from one client process
on the same machine; made: two connections, for the reading takes the processor.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

from bench._installation import DATABASES, command, fresh
from bench.intake import serving

SECONDS, WORKERS, MANY, FEW = 3.0, 2, 16, 2
PARTS, CLIENT = "bench._feedback_parts", "bench._widgets_client"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--database", default=",".join(DATABASES), help=f"some of {', '.join(DATABASES)}")
    parser.add_argument("--reviews", type=int, default=10_000)
    asked = parser.parse_args()
    wanted = asked.database.split(",")
    if unknown := set(wanted) - set(DATABASES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(DATABASES)}")
    report = {database: measure(database, asked.reviews) for database in wanted}
    print(json.dumps({"benchmark": "feedback", "reviews": asked.reviews, "workers": WORKERS, **report}))


def measure(database: str, reviews: int) -> dict[str, Any]:
    with fresh(database) as env:
        paths = json.loads(command(env, "-m", PARTS, "prepare", str(reviews)).splitlines()[-1])["paths"]
        with serving(env, WORKERS) as port:
            found = {product: widgets(env, port, given) for product, given in paths.items()}
        answers = json.loads(command(env, "-m", PARTS, "answers").splitlines()[-1])
    return {"answers": answers, **found}


def widgets(env: dict[str, str], port: int, paths: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "made": read(env, port, paths["made"], FEW)["changed"],
        "kept": read(env, port, paths["list"], MANY),
        "stars": read(env, port, paths["stars"], MANY),
    }


def read(env: dict[str, str], port: int, paths: list[str], connections: int) -> dict[str, Any]:
    asked = [sys.executable, "-m", CLIENT, str(port), str(SECONDS), str(connections)]
    done = subprocess.run(asked, env=env, input=json.dumps(paths), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    for name, status in (("changed", "200"), ("unchanged", "304")):
        if set(found[name].pop("statuses")) != {status}:
            raise RuntimeError(f"{name}: not every answer was {status}")
    return found


if __name__ == "__main__":
    main()
