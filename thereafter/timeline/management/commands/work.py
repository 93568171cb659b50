import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from thereafter.timeline import worker


class Command(BaseCommand):
    help = "Runs the worker until it is told to stop (Ctrl-C or SIGTERM). Several may run on PostgreSQL, one on SQLite."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        worker.work(until=stop.is_set)
