"""Killing workers and PostgreSQL again and again: every run ends as in the twin that nobody disturbed.

    ./run bench crash --json [--runs 100000] [--kills 20] [--only postgresql,sqlite]

One installation, emptied in between, gets the same people and events twice. Its workers (two on PostgreSQL, with fsync
on; one on SQLite) take them through a journey that waits, sends, branches, splits, tags, and waits for an event; the
second time SIGKILL hits a worker, or PostgreSQL with all its processes, at random moments while they are busy. Dead
workers are started again as a supervisor would; PostgreSQL starts again on the same files. Then both are compared, run
by run: state, outcome, messages by step and visit, lines of the log; the counts of every edge; tags and traits.
`doubled` and `missing` are messages and lines of the log, `stuck` is whoever still waits or is found by the sweep.
`survived` says how often a worker lived through the death of its database. The last line is the JSON.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench._installation import DATABASES, fresh
from tools import postgres

PARTS = "bench._crash_parts"
WORKERS = {"sqlite": 1, "postgresql": 2}
BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
# People come in; the first wait is over; a third of them answer; the others' time is up; the last wait is over.
PHASES = tuple(timedelta(days=days) for days in (0, 3.1, 5, 7.5, 10))
ANSWERS = 2
TICK = 0.03
PATIENCE = 300  # seconds a phase may take without anything happening
WORKER, DATABASE = "worker", "database"
Env = dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default=",".join(DATABASES))
    given = parser.parse_args()
    wanted = [name for name in reversed(DATABASES) if name in given.only.split(",")]
    print(json.dumps({name: measure(name, given.runs, given.kills, given.seed) for name in wanted}))


def measure(database: str, runs: int, kills: int, seed: int = 1) -> dict[str, Any]:
    """What differs between an installation that was killed again and again and its twin."""
    begin = time.time()
    to_come = plan(database, kills, Random(seed))  # noqa: S311 the same each time
    with fresh(database) as env:
        calm, _ = live(env, WORKERS[database], runs, [])
        storm, trouble = live(env, WORKERS[database], runs, to_come)
    return {
        "runs": runs,
        "kills": dict(trouble.kills),
        "survived": trouble.survived,
        **compared(calm, storm),
        "seconds": round(time.time() - begin),
    }


@dataclass(frozen=True)
class Kill:
    """`delay` seconds after `share` of the work of its phase was done, so that it falls anywhere in a batch."""

    phase: int
    share: float
    what: str
    delay: float


def plan(database: str, kills: int, chance: Random) -> list[Kill]:
    """Two of five hit the database, where it is a process of its own; the second half of the last phase is spare."""
    of_database = kills * 2 // 5 if database == "postgresql" else 0
    whats = [DATABASE] * of_database + [WORKER] * (kills - of_database)
    chance.shuffle(whats)
    moments = sorted(chance.random() * (len(PHASES) - 0.5) for _ in whats)
    return [Kill(int(at), at % 1 * 0.9, what, chance.random() * 0.3) for at, what in zip(moments, whats, strict=True)]


@dataclass
class Trouble:
    """What was killed, and what lived through it."""

    kills: Counter[str] = field(default_factory=Counter)
    survived: int = 0


def live(env: Env, workers: int, runs: int, kills: list[Kill]) -> tuple[dict[str, Any], Trouble]:
    """A shop from its first event to its last, begun anew; what came of it, and what it went through."""
    trouble = Trouble()
    with tempfile.TemporaryDirectory() as folder:
        hand, path = Path(folder, "clock"), Path(folder, "told.json")
        hand.write_text(BEGIN.isoformat())
        with crew({**env, "THEREAFTER_LOG": "CRITICAL", "CRASH_CLOCK": str(hand)}, workers, runs) as all_of_them:
            for number, since in enumerate(PHASES):
                set_clock(hand, BEGIN + since)
                if number == ANSWERS:
                    all_of_them.ask("answer")
                drain(all_of_them, kills, number, trouble)
            told = all_of_them.ask(f"tell {path}")
        return {**told, **json.loads(path.read_text(encoding="utf-8"))}, trouble


def set_clock(hand: Path, moment: datetime) -> None:
    new = hand.with_suffix(".new")
    new.write_text(moment.isoformat())
    new.rename(hand)


@dataclass
class Crew:
    """Workers, and a keeper who says how much they have left to do."""

    env: Env
    keeper: "subprocess.Popen[str]"
    workers: list["subprocess.Popen[str]"] = field(default_factory=list)

    def ask(self, what: str) -> Any:
        assert self.keeper.stdin  # noqa: S101 it was opened with pipes
        assert self.keeper.stdout  # noqa: S101 the same
        self.keeper.stdin.write(f"{what}\n")
        self.keeper.stdin.flush()
        line = self.keeper.stdout.readline()
        if not line:
            raise RuntimeError(f"the keeper died when asked to {what}")
        return json.loads(line)

    def start_the_dead_again(self) -> None:
        for place, worker in enumerate(self.workers):
            if worker.poll() is not None:
                self.workers[place] = launch(self.env, "work")


def launch(env: Env, part: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE if part == "keep" else None
    return subprocess.Popen([sys.executable, "-m", PARTS, part], env=env, text=True, stdin=pipe, stdout=pipe)


@contextlib.contextmanager
def crew(env: Env, workers: int, runs: int) -> Iterator[Crew]:
    """Workers of a shop that has been seeded."""
    made = Crew(env, launch(env, "keep"))
    try:
        made.ask(f"seed {runs}")
        made.workers += [launch(env, "work") for _ in range(workers)]
        yield made
    finally:
        for one in (*made.workers, made.keeper):
            one.kill()
            one.communicate()


def drain(crew: Crew, kills: list[Kill], phase: int, trouble: Trouble) -> None:
    """Until nothing is left to do; kills that are due come meanwhile, one for each bit of progress at most."""
    most, last, until = 1, -1, time.time() + PATIENCE
    while left := crew.ask("left"):
        if time.time() > until:
            raise RuntimeError(f"{left} are left in phase {phase}, and nothing happens")
        most = max(most, left)
        if left not in (last, -1):
            last, until = left, time.time() + PATIENCE
            if kills and is_due(kills[0], phase, 1 - left / most):
                strike(crew, kills.pop(0), trouble)
        crew.start_the_dead_again()
        time.sleep(TICK)


def is_due(kill: Kill, phase: int, done: float) -> bool:
    """In its phase when so much is done; what found no moment there comes in the next."""
    return kill.phase < phase or (kill.phase == phase and done >= kill.share)


def strike(crew: Crew, kill: Kill, trouble: Trouble) -> None:
    time.sleep(kill.delay)
    if kill.what == WORKER:
        victim = crew.workers[trouble.kills[WORKER] % len(crew.workers)]
        victim.kill()
        victim.wait()
    else:
        kill_database(crew.env)
        time.sleep(kill.delay)
        start_database(crew.env)
        trouble.survived += sum(worker.poll() is None for worker in crew.workers)
    trouble.kills[kill.what] += 1


def kill_database(env: Mapping[str, str]) -> None:
    """SIGKILL to the server we started and to all of its processes."""
    server = int((folder_of(env) / "data" / "postmaster.pid").read_text().split()[0])
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    processes = [tuple(map(int, line.split())) for line in listed.splitlines()]
    for pid in (server, *(pid for pid, parent in processes if parent == server)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def start_database(env: Mapping[str, str], tries: int = 20) -> None:
    """On the same files; the system may need a moment to take the dead away."""
    for left in reversed(range(tries)):
        try:
            postgres.start(folder_of(env), durable=True)
            return
        except postgres.NoServer:
            if not left:
                raise
            time.sleep(0.25)


def folder_of(env: Mapping[str, str]) -> Path:
    return Path(parse_qs(urlsplit(env["DATABASE_URL"]).query)["host"][0])


def compared(calm: Mapping[str, Any], storm: Mapping[str, Any]) -> dict[str, int]:
    """Runs, edges and customers that are not alike; what was done twice, what was not done, who still waits."""
    whats = ("runs", "edges", "traits")
    differences = sum(
        calm[what].get(key) != storm[what].get(key) for what in whats for key in {**calm[what], **storm[what]}
    )
    told = {name: Counter(_told(one)) for name, one in (("calm", calm), ("storm", storm))}
    return {
        "messages": sum(len(sent) for runs in storm["runs"].values() for _, sent, _ in runs),
        "differences": differences,
        "doubled": sum(count - 1 for count in told["storm"].values()) + storm["astray"],
        "missing": (told["calm"] - told["storm"]).total(),
        "stuck": sum(storm[what] for what in ("waiting", "stuck", "timers", "deliveries")),
    }


def _told(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each message and line of the log, by what its run was for."""
    for key, runs in one["runs"].items():
        for _, sent, logged in runs:
            yield from ((key, what) for what in (*sent, *logged))


if __name__ == "__main__":
    main()
