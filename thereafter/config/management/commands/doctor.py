import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from thereafter.config import health


class Command(BaseCommand):
    help = (
        "Tells what is configured, what is missing and what each missing thing means. Exits 1 when something is broken."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(health.findings())
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in found]))
        else:
            for finding in found:
                self.stdout.write(f"{finding.state:8} {finding.what:16} {finding.means}")
        if any(finding.state == "broken" for finding in found):
            sys.exit(1)
