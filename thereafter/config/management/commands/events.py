import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from thereafter.config import catalogue


class Command(BaseCommand):
    help = "Lists every event with its fields and who reacts to it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON array")
        parser.add_argument("--markdown", action="store_true", help="the page docs/events.md")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(catalogue.catalogue()))
        elif options["markdown"]:
            self.stdout.write(catalogue.as_markdown(), ending="")
        else:
            for row in catalogue.catalogue():
                self.stdout.write(f"{row['name']:32} {', '.join(row['subscribers']) or '-'}")
