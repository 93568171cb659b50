import json
import resource
import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.test import override_settings
from tqdm import tqdm

from thereafter.commerce.connectors.reading import Unreadable
from thereafter.demo import olist, player
from thereafter.demo.receiving import Receiver
from thereafter.insights.export import bring
from thereafter.kit import clock

# The workers drain what two days brought in one go: larger batches, and the order of time is kept.
STEP = timedelta(days=2)


class Command(BaseCommand):
    help = "Plays a recorded shop through the intake in time order on a virtual clock. Mails are rendered, not sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("shop", choices=["olist"])
        parser.add_argument("folder", type=Path, help="the folder with its CSV files")
        parser.add_argument("--json", action="store_true", help="end with one JSON line")

    def handle(self, *args: Any, **options: Any) -> None:
        begin = time.monotonic()
        happenings = self._read(options["folder"])
        with clock.at(happenings[0].at):
            store = olist.open_shop(happenings[0].at)
        with tqdm(total=len(happenings), desc="Olist", unit=" events") as bar, override_settings(MAIL_URL="null:"):
            played = player.play(
                happenings,
                receive=Receiver(store, olist.SLUG),
                until=happenings[-1].at + olist.AFTERWARDS,
                step=STEP,
                tell=bar.update,
            )
        bring(store, now=happenings[-1].at + olist.AFTERWARDS)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        seconds = round(time.monotonic() - begin, 1)
        told = olist.figures(store) | {"duplicates": played.duplicates, "seconds": seconds, "peak_mb": peak_mb}
        if options["json"]:
            self.stdout.write(json.dumps(told))
        else:
            for name, value in told.items():
                self.stdout.write(f"{name:20} {value}")

    def _read(self, folder: Path) -> list[player.Happening]:
        try:
            happenings = olist.happenings(folder)
        except (Unreadable, OSError) as wrong:
            raise CommandError(f"{folder} cannot be read as Olist's tables: {wrong}") from None
        if not happenings:
            raise CommandError(f"{folder} holds no orders.")
        return happenings
