"""Orders accepted and drained per second, each beside a bare loop that writes the same rows with the driver alone.

    ./run bench intake --json

webhooks: signed Shopify orders over HTTP from 32 connections, acknowledged after their commit (two server processes on
PostgreSQL, one on SQLite). batches: the batch API, 1,000 orders a call. csv: `thereafter import csv` into the inbox.
drain: from the inbox into customers, orders, lines, tenders, events and deliveries, one process. Medians of rounds.
PostgreSQL keeps fsync on. The bare loop commits every 100 rows of the inbox, every 1,000 of other tables.
"""

import argparse
import contextlib
import json
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench._installation import DATABASES, command, fresh

ROUNDS = 3
WEBHOOKS, BATCHES, CSV_ORDERS, DRAINED = 6000, 8, 8000, 5000
WARM_UP = 1000
WORKERS = {"sqlite": 1, "postgresql": 2}
PARTS, CLIENT = "bench._intake_parts", "bench._intake_client"
Env = dict[str, str]
Figures = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    report = {database: measure(database, asked.rounds) for database in asked.database or DATABASES}
    print(json.dumps({"benchmark": "intake", "rounds": asked.rounds, **report}))


def measure(database: str, rounds: int) -> dict[str, Any]:
    with fresh(database) as env:
        token = part(env, "prepare")["token"]
        with serving(env, WORKERS[database]) as port:
            http = [over_http(env, port, token, at) for at in range(rounds)]
        rest = [from_file(env) | drained(env) for _ in range(rounds)]
    return {name: summary([each[name] for each in series]) for series in (http, rest) for name in series[0]}


def over_http(env: Env, port: int, token: str, at: int) -> dict[str, Figures]:
    first = 10**6 * (at + 1)
    client(env, "webhooks", port, first + 10**5, WARM_UP, token)
    part(env, "empty")
    webhooks = client(env, "webhooks", port, first, WEBHOOKS, token)
    bare_webhooks = part(env, "bare", "inbox")["seconds"]
    part(env, "empty")
    batches = client(env, "batches", port, first, BATCHES, token)
    bare_batches = part(env, "bare", "inbox")["seconds"]
    part(env, "empty")
    return {
        "webhooks": figures(webhooks["accepted"], webhooks["seconds"], bare_webhooks),
        "batches": figures(batches["accepted"] * 1000, batches["seconds"], bare_batches),
    }


def from_file(env: Env) -> dict[str, Figures]:
    path = str(Path(env["THEREAFTER_VAR"]) / "orders.csv")
    part(env, "write_csv", path, "1", str(CSV_ORDERS))
    asked = ("import", "csv", path, "--store", "bench", "--mapping", "shopify", "--leave-to-worker", "--json")
    report = json.loads(command(env, "-m", "thereafter.config.cli", *asked).splitlines()[-1])
    bare = part(env, "bare", "inbox")["seconds"]
    part(env, "empty")
    return {"csv": figures(report["accepted"], report["seconds"], bare)}


def drained(env: Env) -> dict[str, Figures]:
    part(env, "fill", str(DRAINED))
    done = part(env, "drain")
    bare = part(env, "bare", "drained")["seconds"]
    part(env, "empty")
    more = {f"{name}_per_second": round(done[name] / done["seconds"]) for name in ("lines", "events")}
    return {"drain": figures(done["orders"], done["seconds"], bare) | more}


def figures(orders: int, seconds: float, bare_seconds: float) -> Figures:
    """Orders per second, the bare loop's, and ours as a share of it."""
    return {
        "orders_per_second": round(orders / seconds),
        "bare_per_second": round(orders / bare_seconds),
        "ratio": round(bare_seconds / seconds, 3),
    }


def summary(rounds: list[Figures]) -> Figures:
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def part(env: Env, name: str, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(command(env, "-m", PARTS, name, *arguments).splitlines()[-1])
    return found


def client(env: Env, what: str, port: int, first: int, count: int, token: str) -> dict[str, Any]:
    told = command(env, "-m", CLIENT, what, str(port), str(first), str(count), token)
    found: dict[str, Any] = json.loads(told)
    if found["accepted"] != count:
        raise RuntimeError(f"only {found['accepted']} of {count} {what} were accepted")
    return found


@contextlib.contextmanager
def serving(env: Env, workers: int) -> Iterator[int]:
    """The real server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    asked = ("-m", "thereafter.config.cli", "serve", "--port", str(port), "--workers", str(workers))
    server = subprocess.Popen([sys.executable, *asked], env=env, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("the server ended before it began")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/hooks/", timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


if __name__ == "__main__":
    main()
