import os
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, connections
from granian import Granian
from granian.constants import Interfaces


class Command(BaseCommand):
    help = "Serves pages, API and webhooks; with --with-worker the worker runs beside it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--workers", type=int, help="server processes (1 on SQLite, else 2)")
        parser.add_argument("--with-worker", action="store_true", help="run the worker beside the server")

    def handle(self, *args: Any, **options: Any) -> None:
        workers = options["workers"] or (1 if connection.vendor == "sqlite" else 2)
        connections.close_all()
        worker = (
            subprocess.Popen([sys.executable, "-m", "thereafter.config.cli", "work"])
            if options["with_worker"]
            else None
        )
        try:
            Granian(
                "thereafter.config.asgi:application",
                address=options["host"],
                port=options["port"],
                interface=Interfaces.ASGI,
                workers=workers,
                log_access=False,
                log_enabled=False,
                backlog=2048,
            ).serve()
        finally:
            if worker:
                worker.terminate()
                worker.wait(timeout=20)
