"""`thereafter recognise NUMBER [--json]`, or `-` for a number a line from standard input."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand

from thereafter.tracking.rules.recognition import Candidate, candidates

_SHOWN = ("carrier", "service", "checked", "score")


class Command(BaseCommand):
    help = "Tells which carrier a tracking number is of: candidates, best first. Asks no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="a tracking number, or - for one a line from standard input")
        parser.add_argument("--json", action="store_true", help="one JSON line for each number")
        parser.add_argument(
            "--carriers", default="", metavar="LIST", help="carriers you work with, with commas between"
        )
        parser.add_argument("--origin", default="", metavar="COUNTRY", help="two letters of the country it leaves from")
        parser.add_argument("--destination", default="", metavar="COUNTRY", help="two letters of where it goes")

    def handle(self, *args: Any, **options: Any) -> None:
        show = _as_json if options["json"] else _in_words
        carriers = options["carriers"].split(",")
        for number in _numbers(options["number"]):
            found = candidates(number, carriers=carriers, origin=options["origin"], destination=options["destination"])
            self.stdout.write(show(number, found))
            self.stdout.flush()


def _numbers(given: str) -> Iterable[str]:
    """One, or those of standard input as they come; what is not text becomes question marks and fits nothing."""
    if given != "-":
        return [given]
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    return (line.rstrip("\r\n") for line in sys.stdin)


def _as_json(number: str, found: list[Candidate]) -> str:
    rows = [{name: getattr(candidate, name) for name in _SHOWN} for candidate in found]
    return json.dumps({"number": number, "candidates": rows})


def _in_words(number: str, found: list[Candidate]) -> str:
    if not found:
        return f"{number}: no carrier that we know has such numbers."
    lines = [
        f"  {candidate.carrier:14}{candidate.service:26}{'check digit holds' if candidate.checked else 'looks like it'}"
        for candidate in found
    ]
    return "\n".join([number, *lines])
