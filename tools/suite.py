"""All tests, on SQLite and then on PostgreSQL; arguments go to pytest. Called by `./run test`.

Under CI=true or THEREAFTER_NO_SKIPS=1 whatever was skipped is a failure, except tests marked needs_shared_data.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tools import browser, postgres

ALONE = (
    "-n",
    "--numprocesses",
    "--pdb",
    "--trace",
    "--collect-only",
    "--co",
    "--fixtures",
    "--markers",
    "-h",
    "--help",
)
NOTHING_COLLECTED = 5


@dataclass
class Report:
    """What happened in all runs together."""

    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    broken: bool = False

    def add(self, results: Path, code: int) -> None:
        """Read the results that pytest wrote, and its exit code."""
        self.broken |= code not in {0, NOTHING_COLLECTED}
        if not results.exists():
            return
        for case in ElementTree.parse(results).iter("testcase"):  # noqa: S314 -- written by pytest a moment ago
            outcomes = {child.tag: child for child in case}
            skip = outcomes.get("skipped")
            if "failure" in outcomes or "error" in outcomes:
                self.failed += 1
            elif skip is not None and skip.get("type") != "pytest.xfail":
                self.skipped.append(f"{case.get('classname')}.{case.get('name')} ({skip.get('message')})")
            else:
                self.passed += 1

    def refused(self) -> list[str]:
        """What may not be skipped where everything has to run."""
        return [*self.missing, *(test for test in self.skipped if "needs_shared_data" not in test)]


def main(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report()
    browser.install()
    if browser.missing():
        report.missing.append(f"browser tests ({browser.missing()})")
    run_pytest("SQLite", arguments, report)
    try:
        with postgres_address() as url:
            run_pytest("PostgreSQL", arguments, report, DATABASE_URL=url, THEREAFTER_BROWSER_TESTS="0")
    except postgres.NoServer as error:
        report.missing.append(f"PostgreSQL ({error})")
    return close(report)


@contextlib.contextmanager
def postgres_address() -> Iterator[str]:
    """The server that was named, or one of our own for as long as the tests run."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
    else:
        with postgres.running(durable=False) as url:
            yield url


def run_pytest(title: str, arguments: Sequence[str], report: Report, **environment: str) -> None:
    print(f"\n== Tests on {title}", flush=True)
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.xml")
        command = [sys.executable, "-m", "pytest", f"--junit-xml={results}", *workers(arguments), *arguments]
        done = subprocess.run(command, env={**inherited, **environment}, check=False)
        report.add(results, done.returncode)


def workers(arguments: Sequence[str]) -> tuple[str, ...]:
    """Two or more processes, unless one test is asked for or pytest was told otherwise."""
    if any(argument.startswith(ALONE) or "::" in argument for argument in arguments):
        return ()
    return ("-n", str(min(os.cpu_count() or 2, 4)))


def close(report: Report) -> int:
    nothing_skipped = "THEREAFTER_NO_SKIPS" in os.environ or os.environ.get("CI") == "true"
    print()
    for what in [*report.missing, *report.skipped]:
        print(f"skipped: {what}")
    for what in report.refused() if nothing_skipped else ():
        print(f"must not be skipped here: {what}")
    print(f"{report.passed} passed, {report.failed} failed, {len(report.skipped)} skipped")
    empty = report.passed + report.failed == 0
    return int(report.broken or report.failed > 0 or empty or (nothing_skipped and bool(report.refused())))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
