"""`thereafter cases refunds|loyalty FILE [--json]`: worked cases through what the shop itself runs on."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from django.core.management.base import BaseCommand, CommandError

from thereafter.config.scratch import empty_database, empty_database_for_threads
from thereafter.loyalty.cases import documents as loyalty_documents
from thereafter.loyalty.cases import running as loyalty_cases
from thereafter.loyalty.rules.refunds import points_of_refund
from thereafter.returns.cases import booking, running
from thereafter.returns.cases.fields import Malformed

Tell = Callable[[str], None]


class Report(Protocol):
    """What every kind of case comes to."""

    failed: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]: ...


class Command(BaseCommand):
    help = "Runs a file of worked cases, compares what it expects and answers what it asks. Your data is not touched."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("subject", choices=list(SUBJECTS), help="what the cases are about")
        parser.add_argument("file", help="a JSON file with a list of cases")
        parser.add_argument("--json", action="store_true", help="only one JSON line")

    def handle(self, *args: Any, **options: Any) -> None:
        tell = (lambda line: None) if options["json"] else self.stdout.write
        try:
            report = SUBJECTS[options["subject"]](_read(Path(options["file"])), tell)
        except (Malformed, loyalty_documents.Malformed) as wrong:
            raise CommandError(str(wrong)) from None
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        if report.failed:
            raise SystemExit(1)


def _refunds(document: object, tell: Tell) -> Report:
    with empty_database():
        return running.run(document, running.Rooms(points_of_refund, booking.book), tell=tell)


def _loyalty(document: object, tell: Tell) -> Report:
    with empty_database_for_threads() as scratch:
        return loyalty_cases.run(document, scratch.joined, tell=tell)


SUBJECTS: dict[str, Callable[[object, Tell], Report]] = {"refunds": _refunds, "loyalty": _loyalty}


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
