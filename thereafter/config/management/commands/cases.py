"""`thereafter cases refunds FILE [--json]`: worked cases through the rules that the shop itself runs on."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from thereafter.config.scratch import empty_database
from thereafter.loyalty import rules as loyalty
from thereafter.returns.cases import booking, running
from thereafter.returns.cases.fields import Malformed


class Command(BaseCommand):
    help = "Runs a file of worked cases, compares what it expects and answers what it asks. Your data is not touched."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("subject", choices=["refunds"], help="what the cases are about")
        parser.add_argument("file", help="a JSON file with a list of cases")
        parser.add_argument("--json", action="store_true", help="only one JSON line")

    def handle(self, *args: Any, **options: Any) -> None:
        tell = (lambda line: None) if options["json"] else self.stdout.write
        try:
            document = _read(Path(options["file"]))
            with empty_database():
                report = running.run(document, running.Rooms(loyalty.points_of_refund, booking.book), tell=tell)
        except Malformed as wrong:
            raise CommandError(str(wrong)) from None
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        if report.failed:
            raise SystemExit(1)


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise CommandError(f"{path} cannot be read: {wrong.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not text in UTF-8.") from None
    except ValueError as wrong:
        raise CommandError(f"{path} is not JSON: {wrong}.") from None
    except RecursionError:
        raise CommandError(f"{path} is nested too deeply.") from None
