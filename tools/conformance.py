"""Whether every figure is the same whole numbers on every engine. Called by `./run conformance`.

    ./run conformance [--only duckdb,sqlite,postgresql,clickhouse,spark] [--metric cohorts.] [--few]

Each metric of `thereafter/insights/metrics/` is asked of made-up shops (ties, gaps, an empty one, one with a single
customer, one that lost money) in several scopes. DuckDB's answer is what the others are held to; one other whole number
and it fails. ClickHouse is its library chDB, Spark two workers of its own on this machine (`local-cluster`). Both come
from `tools/conformance.txt` into an environment of their own; Java 17 or 21 from this machine, or else by apt.
"""

import argparse
import contextlib
import os
import re
import shutil
import site
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from thereafter.insights.engine.database import Lite, Postgres
from thereafter.insights.engine.duck import Duck
from thereafter.insights.engine.port import Engine
from thereafter.insights.tests import comparing
from thereafter.insights.tests.comparing import Verdict
from tools import postgres
from tools.browser import apt

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".tools" / "conformance"
LOCK = ROOT / "tools" / "conformance.txt"
JAVA, JAVA_PACKAGE = (17, 21), "openjdk-17-jre-headless"
# A word in between, so that who waits sees that it goes on.
TELL_SECONDS = 60
# Two workers with a core and a gigabyte each, apart from the process that asks.
MASTER = "spark:local-cluster[2,1,1024]"
# The shops are small and every question is another one, so nearly all the time went into writing, compiling and
# optimising Java for a query that then runs once, and into the usual two hundred parts of each shuffle.
QUICK = (
    "--driver-java-options -XX:TieredStopAtLevel=1",
    "--conf spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1",
    "--conf spark.sql.codegen.wholeStage=false",
    "--conf spark.sql.adaptive.enabled=false",
    "--conf spark.sql.shuffle.partitions=2",
    "pyspark-shell",
)


class Lacking(Exception):
    """An engine cannot be had here; the sentence says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(("duckdb", *OTHERS)), help="engines, with commas")
    parser.add_argument("--metric", default="", help="only metrics whose name begins so")
    parser.add_argument("--few", action="store_true", help="one shop, two scopes")
    given = parser.parse_args(arguments)
    engines = given.only.split(",")
    if unknown := set(engines) - {"duckdb", *OTHERS}:
        parser.error(
            f"there is no {', '.join(sorted(unknown))}; there are {', '.join(OTHERS)}, each held against duckdb"
        )
    wanted = {name: metric for name, metric in comparing.found().items() if name.startswith(given.metric)}
    questions = list(comparing.questions(wanted, few=given.few))
    print(f"{len(wanted)} metrics, {len(questions)} questions", flush=True)
    verdicts: dict[tuple[str, str], Verdict] = {}
    lacking = []
    with tempfile.TemporaryDirectory(prefix="figures", ignore_cleanup_errors=True) as folder:
        shops = Path(folder, "shops")
        comparing.write(shops)
        duck = Duck(shops)
        for name in [name for name in OTHERS if name in engines]:
            try:
                with OTHERS[name](shops, Path(folder)) as engine:
                    verdicts |= _told(duck, engine, questions)
            except Lacking as why:
                lacking.append(name)
                print(f"{name:12} left out: {why}", flush=True)
    return close(verdicts, list(wanted), lacking)


def _told(duck: Duck, engine: Engine, questions: Sequence[comparing.Asked]) -> dict[tuple[str, str], Verdict]:
    began = said = time.monotonic()
    verdicts: dict[tuple[str, str], Verdict] = {}
    for metric, asked in groupby(questions, key=attrgetter("metric")):
        if time.monotonic() - said > TELL_SECONDS:
            said = time.monotonic()
            print(f"{engine.name:12} has come to {metric}, {said - began:.0f} s", flush=True)
        verdicts |= comparing.compare([duck, engine], list(asked))
    differ = sum(verdict.differ for (_, name), verdict in verdicts.items() if name == engine.name)
    print(f"{engine.name:12} {differ} answers differ, {time.monotonic() - began:.0f} s", flush=True)
    return verdicts


def close(verdicts: Mapping[tuple[str, str], Verdict], metrics: Sequence[str], lacking: Sequence[str]) -> int:
    """The table of metrics and engines; what differs and how."""
    engines = list(dict.fromkeys(name for _, name in verdicts))
    width = max(map(len, metrics), default=0) + 2
    print("\n" + "metric".ljust(width) + "".join(name.ljust(12) for name in engines))
    for metric in metrics:
        cells = (verdicts.get((metric, name)) for name in engines)
        print(metric.ljust(width) + "".join(_cell(verdict).ljust(12) for verdict in cells))
    wrong = {key: verdict for key, verdict in verdicts.items() if verdict.differ}
    for (metric, name), verdict in wrong.items():
        print(f"\n{metric} on {name}, {verdict.differ} of {verdict.asked}: {verdict.example}")
    print(f"\n{len(metrics)} metrics on {', '.join(engines)}: {len(wrong)} differ")
    nothing_skipped = "THEREAFTER_NO_SKIPS" in os.environ or os.environ.get("CI") == "true"
    return int(bool(wrong) or not engines or (nothing_skipped and bool(lacking)))


def _cell(verdict: Verdict | None) -> str:
    if verdict is None:
        return "-"
    return f"{verdict.differ} differ" if verdict.differ else f"same ({verdict.asked})"


@contextlib.contextmanager
def lite(shops: Path, scratch: Path) -> Iterator[Engine]:
    yield Lite(shops, scratch)


@contextlib.contextmanager
def postgresql(shops: Path, scratch: Path) -> Iterator[Engine]:
    try:
        with postgres.running(durable=False) as address:
            yield Postgres(shops, address)
    except postgres.NoServer as error:
        raise Lacking(str(error)) from error


@contextlib.contextmanager
def clickhouse(shops: Path, scratch: Path) -> Iterator[Engine]:
    set_up()
    here = import_module("tools.clickhouse_here")
    yield here.library(shops, scratch)


@contextlib.contextmanager
def spark(shops: Path, scratch: Path) -> Iterator[Engine]:
    set_up()
    os.environ["JAVA_HOME"] = str(java())
    os.environ["SPARK_LOCAL_DIRS"] = os.environ["SPARK_WORKER_DIR"] = str(scratch / "spark")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYSPARK_SUBMIT_ARGS"] = " ".join(QUICK)
    engine = import_module("thereafter.insights.engine.spark").at(MASTER, shops)
    try:
        yield engine
    finally:
        engine.close()


OTHERS: Mapping[str, Callable[[Path, Path], contextlib.AbstractContextManager[Engine]]] = {
    "sqlite": lite,
    "postgresql": postgresql,
    "clickhouse": clickhouse,
    "spark": spark,
}


def set_up() -> None:
    """The other engines in an environment of their own, looked into after ours."""
    stamp = HOME / LOCK.name
    if not stamp.exists() or stamp.read_bytes() != LOCK.read_bytes():
        print("Setting up .tools/conformance", flush=True)
        subprocess.run([sys.executable, ROOT / "tools" / "bare_venv.py", HOME], check=True)
        if subprocess.run(_installer(), check=False).returncode:
            raise Lacking("its packages cannot be installed here")
        stamp.write_bytes(LOCK.read_bytes())
    for packages in HOME.glob("lib/python*/site-packages"):
        if str(packages) not in sys.path:
            site.addsitedir(str(packages))


def _installer() -> list[str]:
    """uv where it is, as for our own environment; else the pip of the Python beneath."""
    python, hashed = str(HOME / "bin" / "python"), ("--quiet", "--require-hashes", "--requirement", str(LOCK))
    uv = next(filter(None, (shutil.which("uv", path=str(ROOT / ".tools" / "bin")), shutil.which("uv"))), None)
    if uv:
        return [uv, "pip", "install", "--python", python, *hashed]
    beneath = str(Path(sys.executable).resolve())
    return [beneath, "-m", "pip", "--python", python, "install", "--disable-pip-version-check", *hashed]


def java() -> Path:
    """The home of a Java that Spark runs on; newer ones lack what it needs."""
    home = _find_java()
    if home is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {JAVA_PACKAGE} with apt-get", flush=True)
        apt("update")
        apt("install", "--yes", "--no-install-recommends", JAVA_PACKAGE)
        home = _find_java()
    if home is None:
        raise Lacking(f"Spark needs Java {' or '.join(map(str, JAVA))}: install {JAVA_PACKAGE}, or set JAVA_HOME")
    return home


def _find_java() -> Path | None:
    on_path = shutil.which("java")
    places = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    places += [Path(on_path).resolve().parents[1]] if on_path else []
    places += sorted(Path("/usr/lib/jvm").glob("*"))
    return next((place for place in places if _version(place / "bin" / "java") in JAVA), None)


def _version(program: Path) -> int:
    if not program.exists():
        return 0
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
