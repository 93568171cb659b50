"""Redis and RabbitMQ of our own in a temporary folder; installed where they are missing and that is allowed."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.browser import apt

PROGRAMS = ("redis-server", "rabbitmq-server")
# The plain program before Debian's wrapper, which would start it in a session that we could not end.
PATH = f"/usr/lib/rabbitmq/bin:{os.environ.get('PATH', '')}:/usr/sbin"
PATIENCE = 90


def missing() -> list[str]:
    """The servers that are not there and cannot be installed here."""
    wanted = [program for program in PROGRAMS if not shutil.which(program, path=PATH)]
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        # At this runlevel their packages start no service of their own.
        os.environ["RUNLEVEL"] = "1"
        apt("update")
        apt("install", "--yes", "--no-install-recommends", *wanted)
    return [program for program in PROGRAMS if not shutil.which(program, path=PATH)]


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Its address; everything is appended to a file that is synced every second, as its makers advise."""
    with tempfile.TemporaryDirectory(prefix="redis", ignore_cleanup_errors=True) as folder:
        port = free_port()
        options = ("--port", str(port), "--dir", folder, "--appendonly", "yes", "--save", "")
        with _served(["redis-server", *options], port, {}):
            yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def rabbitmq() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="rabbit", ignore_cleanup_errors=True) as folder:
        port = free_port()
        Path(folder, "rabbitmq.conf").write_text(
            f"listeners.tcp.default = 127.0.0.1:{port}\nloopback_users = none\n", encoding="utf-8"
        )
        user = "rabbitmq" if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user, user)
        env = {
            "HOME": folder,
            "RABBITMQ_NODENAME": f"bench{port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "ERL_EPMD_PORT": str(free_port()),
        }
        try:
            with _served(["rabbitmq-server"], port, env, user):
                yield f"amqp://guest:guest@127.0.0.1:{port}//"
        finally:
            # The daemon that knows the names of Erlang's nodes outlives them.
            subprocess.run(["epmd", "-port", env["ERL_EPMD_PORT"], "-kill"], stdout=subprocess.DEVNULL, check=False)


@contextlib.contextmanager
def _served(program: Sequence[str], port: int, env: dict[str, str], user: str | None = None) -> Iterator[None]:
    given = {**os.environ, "PATH": PATH, **env}
    server = subprocess.Popen(
        program, env=given, user=user, group=user, cwd="/", stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_for(port, server)
        yield
    finally:
        # Its children are in its group, and nobody else's.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, 15)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(30)


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"{server.args!r} ended with {server.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.2)
    raise RuntimeError(f"{server.args!r} does not answer")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
