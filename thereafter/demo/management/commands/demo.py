import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections
from django.test import override_settings

from thereafter.demo import mailbox, seed

MAIL_PORT_ABOVE = 25
READY_WITHIN_SECONDS = 60


class Command(BaseCommand):
    help = "A shop with a year behind it, served with its worker and a mail server of its own. PORT says where."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        port = int(os.environ.get("PORT", "8000"))
        address = f"http://127.0.0.1:{port}"
        with override_settings(MAIL_URL="null:"):
            call_command("migrate", verbosity=0)
            call_command("seed")
        connections.close_all()
        mail = mailbox.serve(port + MAIL_PORT_ABOVE)
        environment = {
            "THEREAFTER_MAIL": f"smtp://127.0.0.1:{port + MAIL_PORT_ABOVE}",
            **os.environ,
            "THEREAFTER_DEMO": "1",
            "THEREAFTER_DEMO_SELF_URL": address,
        }
        server = subprocess.Popen(
            [sys.executable, "-m", "thereafter.config.cli", "serve", "--with-worker"], env=environment
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
