"""A new database is made at once, an older one goes through the migrations: both end the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tools import postgres

# On PostgreSQL Django's own history leaves a wider key there than its models ask for; nobody here uses it.
NOT_OURS = "auth_group_permissions"


def run(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", *arguments], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def schema(env: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(env, "tests.migrating_parts"))
    return found


def made(folder: Path, *arguments: str) -> tuple[dict[str, Any], str]:
    """The schema of a database of its own after `migrate`, and what a second `migrate` says."""
    env = {**os.environ, "THEREAFTER_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "thereafter.config.settings"}
    env.pop("DATABASE_URL", None)
    if connection.vendor == "postgresql":
        with postgres.running(durable=False) as url:
            return _made({**env, "DATABASE_URL": url}, *arguments)
    return _made(env, *arguments)


def _made(env: dict[str, str], *arguments: str) -> tuple[dict[str, Any], str]:
    run(env, "thereafter.config.cli", "migrate", *arguments)
    return schema(env), run(env, "thereafter.config.cli", "migrate")


@pytest.mark.timeout(900)
def test_at_once_and_step_by_step_end_in_the_same_database(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    at_once, again = made(tmp_path / "a")
    by_steps, _ = made(tmp_path / "b", "--by-steps")
    assert "No migrations to apply" in again
    assert at_once["applied"] == by_steps["applied"]
    assert at_once["storage"] == by_steps["storage"]
    assert set(at_once["tables"]) == set(by_steps["tables"])
    assert len(at_once["tables"]) > 190
    for name in set(by_steps["tables"]) - {NOT_OURS}:
        assert at_once["tables"][name] == by_steps["tables"][name], name
