"""One question of the benchmark of figures to one engine, in a process of its own; needs no installation."""

import hashlib
import json
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from ibis.expr.types import Table

from bench._insights_shop import DAYS, FIRST_DAY, STORE
from thereafter.insights.engine.database import Database, Lite, Postgres
from thereafter.insights.engine.duck import Duck
from thereafter.insights.engine.port import Engine, Row
from thereafter.insights.metrics import cohorts, products, value
from thereafter.insights.metrics.tables import Scope

SCOPE = Scope(STORE, FIRST_DAY, DAYS)
# As many as co-occurred at least so often make a pair.
SUPPORT = 20
QUESTIONS: Mapping[str, Table] = {
    "cohort": cohorts.by_month(SCOPE),
    "rfm": value.cells(SCOPE),
    "co_purchase": products.pairs(SCOPE, SUPPORT),
}


def main(what: str, engine: str, folder: str, address: str = "") -> None:
    made = _engine(engine, Path(folder), address)
    if what == "load":
        began = time.perf_counter()
        if isinstance(made, Database):
            made.fill(STORE)
        print(json.dumps({"load_seconds": round(time.perf_counter() - began, 1)}))
        return
    if isinstance(made, Database):
        made.take_as_filled(STORE)
    sql = made.compile(QUESTIONS[what])
    with _processor(address) as taken:
        began = time.perf_counter()
        rows = made.run(STORE, sql)
        seconds = time.perf_counter() - began
    told = {"seconds": round(seconds, 2), "rows": len(rows), "answer": _digest(rows)}
    print(json.dumps(told | taken))


def _engine(name: str, folder: Path, address: str) -> Engine:
    if name == "duckdb":
        return Duck(folder, memory="4GB")
    return Lite(folder, folder) if name == "sqlite" else Patient(folder, address)


class Patient(Postgres):
    """With as much memory for sorting as one would give it for such questions, and its own figures asked at the end."""

    def settings(self) -> dict[str, str]:
        return {"work_mem": "256MB"}


def _digest(rows: Any) -> str:
    ordered: list[Row] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    return hashlib.sha256(json.dumps(ordered, sort_keys=True).encode()).hexdigest()[:16]


@contextmanager
def _processor(address: str) -> Iterator[dict[str, float]]:
    """Seconds of the processor and peak memory: ours, or with an address those of the server's processes."""
    taken: dict[str, float] = {}
    before = _server_seconds(address) if address else _own_seconds()
    yield taken
    after = _server_seconds(address) if address else _own_seconds()
    taken["cpu_seconds"] = round(after - before, 2)
    if not address:
        taken["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _server_seconds(address: str) -> float:
    """Of the server and all processes it has had: the one that answered has ended by then."""
    with psycopg.connect(address) as opened:
        (folder,) = opened.execute("SHOW data_directory").fetchone() or ("",)
    pid = Path(folder, "postmaster.pid").read_text("utf-8").split()[0]
    time.sleep(0.5)
    fields = Path("/proc", pid, "stat").read_text("utf-8").rpartition(")")[2].split()
    # utime, stime, cutime and cstime, in hundredths of a second.
    return sum(map(int, fields[11:15])) / 100


if __name__ == "__main__":
    main(*sys.argv[1:])
