import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from thereafter.demo import mailbox, seed

MAIL_PORT_ABOVE = 25
READY_WITHIN_SECONDS = 60


class Command(BaseCommand):
    help = "A shop with a year behind it, served with its worker and a mail server of its own. Ctrl-C ends it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))

    def handle(self, *args: Any, **options: Any) -> None:
        port: int = options["port"]
        address = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "PORT": str(port),
            "THEREAFTER_DEMO": "1",
            "THEREAFTER_URL": os.environ.get("THEREAFTER_URL", address),
            "THEREAFTER_DEMO_SELF_URL": address,
        }
        quiet = {**environment, "THEREAFTER_MAIL": "null:"}
        for command in (["migrate", "-v0"], ["seed"]):
            subprocess.run([sys.executable, "-m", "thereafter.config.cli", *command], env=quiet, check=True)
        mail = mailbox.serve(port + MAIL_PORT_ABOVE)
        environment.setdefault("THEREAFTER_MAIL", f"smtp://127.0.0.1:{port + MAIL_PORT_ABOVE}")
        server = subprocess.Popen(
            [sys.executable, "-m", "thereafter.config.cli", "serve", "--with-worker", "--port", str(port)],
            env=environment,
        )
        threading.Thread(target=self._tell_when_ready, args=(address,), daemon=True).start()
        try:
            server.wait()
        except KeyboardInterrupt:
            server.wait(timeout=30)
        finally:
            mail.stop()
        self.stdout.write("Thereafter has stopped.")

    def _tell_when_ready(self, address: str) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline and not _answers(f"{address}/"):
            time.sleep(0.1)
        self.stdout.write(
            f"""
Thereafter is ready: {address}
  Console    {address}/console/
  Sign in    {", ".join(seed.sign_ins())}
  Password   {seed.PASSWORD}
  Mails      {address}/demo/mail/
"""
        )
        self.stdout.flush()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 our own address
            return bool(answer.status == 200)  # noqa: PLR2004 OK
    except (urllib.error.URLError, OSError):
        return False
