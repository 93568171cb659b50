"""Figures over ten million orders: cohorts, RFM and what is bought together, on DuckDB and on the databases beside it.

    ./run bench insights --json [--orders 10000000] [--export 1000000] [--patience 600]
                                [--only duckdb,sqlite,postgresql,export]

The metrics are those of the dashboards, one expression each for all engines, on a made-up shop: 0.3 customers and 2.4
lines to an order, 20,000 products, three years. DuckDB reads the snapshot's Parquet files; SQLite and PostgreSQL have
the same rows in tables, analysed (`load_seconds`). `seconds` is one question in a fresh process, `cpu_seconds` what it
took of the processor (for PostgreSQL its server's processes), `peak_mb` the most memory (of PostgreSQL's process, with
what it touched of the shared buffers). A question that has not finished after `--patience` seconds is told as null.
`same` says whether all who answered gave the same whole numbers.

`export` fills an installation with so many orders, 2.4 lines each and a log, and brings its snapshot: from nothing, and
after refunds of a thousand orders. The last line is the JSON.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import _insights_shop
from bench._installation import DATABASES, fresh
from tools import postgres

PARTS, EXPORT = "bench._insights_parts", "bench._insights_export_parts"
QUESTIONS = ("cohort", "rfm", "co_purchase")
ENGINES = ("duckdb", "sqlite", "postgresql")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--export", type=int, default=1_000_000, help="orders in the installation that is exported")
    parser.add_argument("--patience", type=int, default=600, help="seconds for one question")
    parser.add_argument("--only", default=",".join((*ENGINES, "export")))
    given = parser.parse_args()
    wanted = given.only.split(",")
    found: dict[str, Any] = {}
    engines = [name for name in ENGINES if name in wanted]
    if engines:
        found = figures(given.orders, engines, given.patience)
    if "export" in wanted:
        found["export"] = {name: export(name, given.export) for name in DATABASES}
    print(json.dumps(found))


def figures(orders: int, engines: list[str], patience: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="figures", ignore_cleanup_errors=True) as folder:
        began = time.perf_counter()
        made = _insights_shop.make(Path(folder), orders)
        found: dict[str, Any] = {"orders": orders, **made, "made_seconds": round(time.perf_counter() - began, 1)}
        for name in engines:
            say(name)
            found[name] = measure(name, Path(folder), patience)
    answers = [[found[name][each]["answer"] for name in engines if found[name][each]] for each in QUESTIONS]
    found["same"] = all(len(set(each)) == 1 for each in answers)
    for name in engines:
        for each in QUESTIONS:
            if found[name][each]:
                del found[name][each]["answer"]
    return found


def measure(engine: str, folder: Path, patience: int) -> dict[str, Any]:
    if engine != "postgresql":
        return asked(engine, folder, "", patience)
    with postgres.running(durable=False) as address:
        return asked(engine, folder, address, patience)


def asked(engine: str, folder: Path, address: str, patience: int) -> dict[str, Any]:
    loaded = run(PARTS, "load", engine, str(folder), address, patience=3600) or {}
    return loaded | {each: run(PARTS, each, engine, str(folder), address, patience=patience) for each in QUESTIONS}


def run(module: str, *arguments: str, patience: int, env: dict[str, str] | None = None) -> dict[str, Any] | None:
    """What a process of its own tells; None when it did not finish in time."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=patience,
        )
    except subprocess.TimeoutExpired:
        say(f"{' '.join(arguments[:2])}: not finished in {patience} s")
        return None
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def export(database: str, orders: int) -> dict[str, Any]:
    say(f"export from {database}")
    with fresh(database) as env:
        run(EXPORT, "fill", str(orders), patience=3600, env=env)
        return {"orders": orders} | {
            name: run(EXPORT, name, patience=3600, env=env) for name in ("whole", "after_refunds", "nothing_new")
        }


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
