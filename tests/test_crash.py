"""A worker that is killed in the middle: nothing is lost, nothing is done twice, no shopper gets a second mail."""

import contextlib
import email
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from bench import crash
from tools import postgres

ORDERS = 250
KILLS = 6
RUNS, STRIKES, MESSAGES = 2_000, 5, 6_312


class Letterbox:
    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.ids.append(str(email.message_from_bytes(envelope.original_content or b"")["Message-ID"]))
        return "250 Taken"


@pytest.fixture
def letterbox() -> Iterator[tuple[Letterbox, str]]:
    box = Letterbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


@contextlib.contextmanager
def installation(folder: Path, mail: str) -> Iterator[dict[str, str]]:
    """An installation of its own on the database that the tests run on."""
    env = {**os.environ, "THEREAFTER_VAR": str(folder), "THEREAFTER_MAIL": mail, "THEREAFTER_LOG": "CRITICAL"}
    env["DJANGO_SETTINGS_MODULE"] = "thereafter.config.settings"
    if connection.vendor == "postgresql":
        with postgres.running(durable=True) as url:
            yield {**env, "DATABASE_URL": url}
    else:
        yield {**env, "DATABASE_URL": f"sqlite:///{folder / 'crash.db'}"}


def run(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", *arguments], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.timeout(480)
def test_killing_the_worker_again_and_again_loses_nothing_and_doubles_nothing(
    tmp_path: Path, letterbox: tuple[Letterbox, str]
) -> None:
    box, address = letterbox
    chance = random.Random(7)
    with installation(tmp_path, address) as env:
        run(env, "thereafter.config.cli", "migrate", "-v0")
        run(env, "tests.crash_parts", "fill", str(ORDERS))
        for _ in range(KILLS):
            worker = subprocess.Popen([sys.executable, "-m", "thereafter.config.cli", "work"], env=env)
            time.sleep(1.2 + chance.random() * 1.5)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        run(env, "tests.crash_parts", "finish")
        told = json.loads(run(env, "tests.crash_parts", "tell"))
    assert told["waiting"] == 0
    assert told["placed"] == ORDERS
    assert told["points"] == ORDERS * 10
    assert told["messages"] == {"sent": ORDERS}
    assert told["sent"] == ORDERS
    # In the one known window a mail goes out again under the same Message-ID, which mail programs show once.
    assert len(Counter(box.ids)) == ORDERS
    assert max(Counter(box.ids).values()) <= 1 + KILLS


@pytest.mark.timeout(600)  # seconds where nothing else runs: two installations of five processes each
def test_runs_end_as_in_the_twin_that_nobody_disturbed() -> None:
    told = crash.measure(connection.vendor, RUNS, STRIKES)
    of_database = 2 if connection.vendor == "postgresql" else 0
    assert told["kills"].get("database", 0) == of_database
    # A machine that is done before the last blow falls has still lived through the others.
    assert told["kills"]["worker"] >= STRIKES - of_database - 1
    assert told["survived"] == 2 * of_database
    assert (told["runs"], told["messages"]) == (RUNS, MESSAGES)
    assert {told[what] for what in ("differences", "doubled", "missing", "stuck")} == {0}


def test_the_proof_sees_what_is_doubled_missing_and_different() -> None:
    """A proof that cannot fail proves nothing."""
    calm = _told({"a": ["say"], "b": ["say"]})
    assert crash.compared(calm, calm) == {"messages": 2, "differences": 0, "doubled": 0, "missing": 0, "stuck": 0}
    storm = _told({"a": ["say", "say"], "b": []}) | {"waiting": 1}
    assert crash.compared(calm, storm) == {"messages": 2, "differences": 2, "doubled": 1, "missing": 1, "stuck": 1}


def _told(sent: dict[str, list[str]]) -> dict[str, Any]:
    runs = {key: [[["done", "", "", 1], messages, ["journey.ended"]]] for key, messages in sent.items()}
    nobody = dict.fromkeys(("waiting", "stuck", "timers", "deliveries", "astray"), 0)
    return {"runs": runs, "edges": {}, "traits": {}, **nobody}
