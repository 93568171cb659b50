"""Steps per second of other engines: so many no-ops waiting, two workers, from the first step done to the last."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench import _servers
from tools import postgres

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".tools" / "engines"
LOCK = ROOT / "tools" / "engines.txt"
PATIENCE = 300


class Engine(NamedTuple):
    """`processes` of the script work at once; Celery's one starts two of its own."""

    script: str
    server: str
    steps: int
    processes: int


ENGINES = {
    "celery_redis": Engine("celery_steps", "redis", 5000, 1),
    "celery_rabbitmq": Engine("celery_steps", "rabbitmq", 5000, 1),
    "procrastinate": Engine("procrastinate_steps", "postgresql", 2000, 2),
    "dbos": Engine("dbos_steps", "postgresql", 2000, 2),
}


def set_up() -> None:
    """Their own environment, beside ours: none of them is a part of the product."""
    stamp = HOME / LOCK.name
    if stamp.exists() and stamp.read_bytes() == LOCK.read_bytes():
        return
    subprocess.run([sys.executable, ROOT / "tools" / "bare_venv.py", HOME], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(HOME / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "--disable-pip-version-check", "-r", str(LOCK)], check=True)
    stamp.write_bytes(LOCK.read_bytes())


def steps_per_second(name: str) -> float:
    """One round; raises RuntimeError when the engine stands still."""
    engine = ENGINES[name]
    with tempfile.TemporaryDirectory(prefix="engine") as folder, _server(engine.server) as address:
        ticks = Path(folder, "ticks")
        env = {**os.environ, "BENCH_TICKS": str(ticks), "BENCH_BROKER": address, "BENCH_DATABASE": address}
        if engine.script == "dbos_steps":
            # Its tables are made by the first worker that starts.
            with _working(engine, env, 1):
                time.sleep(15)
        _run(engine, env, "enqueue", str(engine.steps))
        with _working(engine, env, engine.processes):
            return _rate(ticks, engine.steps)


def _rate(ticks: Path, steps: int) -> float:
    begin, first, done, end = 0.0, 0, 0, time.monotonic() + PATIENCE
    while done < steps:
        if time.monotonic() > end:
            raise RuntimeError(f"only {done} of {steps} steps were done after {PATIENCE} s")
        time.sleep(0.01)
        done = ticks.stat().st_size if ticks.exists() else 0
        if done and not begin:
            begin, first = time.perf_counter(), done
    return (done - first) / (time.perf_counter() - begin)


@contextlib.contextmanager
def _server(kind: str) -> Iterator[str]:
    made = {"redis": _servers.redis, "rabbitmq": _servers.rabbitmq}
    with made[kind]() if kind in made else postgres.running(durable=True) as address:
        yield address


def _run(engine: Engine, env: dict[str, str], *arguments: str) -> None:
    script = ROOT / "bench" / "engines" / f"{engine.script}.py"
    done = subprocess.run(
        [HOME / "bin" / "python", script, *arguments], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{engine.script}: {done.stderr[-2000:]}")


@contextlib.contextmanager
def _working(engine: Engine, env: dict[str, str], processes: int) -> Iterator[None]:
    script = ROOT / "bench" / "engines" / f"{engine.script}.py"
    workers = [
        subprocess.Popen(
            [HOME / "bin" / "python", script, "work"],
            env={**env, "BENCH_WORKER": str(number)},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        for number in range(processes)
    ]
    try:
        yield
    finally:
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, 9)
            worker.wait()
