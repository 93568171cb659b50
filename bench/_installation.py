"""A fresh installation on either database, in a temporary folder, for benchmarks."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools import postgres

DATABASES = ("sqlite", "postgresql")


@contextlib.contextmanager
def fresh(database: str) -> Iterator[dict[str, str]]:
    """The environment of a migrated, empty installation; PostgreSQL with fsync on, as in production."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder, contextlib.ExitStack() as stack:
        env = {**os.environ, "THEREAFTER_VAR": folder, "DJANGO_SETTINGS_MODULE": "thereafter.config.settings"}
        env.pop("DATABASE_URL", None)
        if database == "postgresql":
            env["DATABASE_URL"] = stack.enter_context(postgres.running(durable=True))
        else:
            env["DATABASE_URL"] = f"sqlite:////{Path(folder) / 'bench.db'}"
        command(env, "-m", "thereafter.config.cli", "migrate", "-v0")
        yield env


def command(env: dict[str, str], *arguments: str) -> str:
    """What a Python of this installation prints; raises when it fails."""
    done = subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stderr[-2000:]}")
    return done.stdout


def start(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, *arguments], env=env, stdout=subprocess.PIPE, text=True)
