import json
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from thereafter.journeys.models import Journey
from thereafter.journeys.rehearsing.doors import BadRehearsal, Wanted, rehearse
from thereafter.journeys.rehearsing.telling import Rehearsal
from thereafter.kit import clock


class Command(BaseCommand):
    help = "Plays a journey over the shop's own past and tells who would have got what. Writes and sends nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("journey", help="the key of the journey")
        parser.add_argument("--from", dest="first", type=_day, required=True, metavar="DATE", help="the first day")
        parser.add_argument("--to", dest="last", type=_day, required=True, metavar="DATE", help="the last day")
        parser.add_argument("--store", help="the store's slug, where there are several")
        parser.add_argument("--draft", action="store_true", help="the draft instead of what is published")
        parser.add_argument("--document", type=Path, help="a file with another document for the journey")
        parser.add_argument("--beginning", type=_day, metavar="DATE", help="as if all of it happened from this day on")
        parser.add_argument(
            "--every", type=int, metavar="HOURS", help="as if the worker looked only so often; a replay looks every 48"
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON line")

    def handle(self, *args: Any, **options: Any) -> None:
        journey = _journey(options["journey"], options["store"])
        wanted = Wanted(
            first=options["first"],
            last=options["last"],
            document=_document(journey, options),
            beginning=options["beginning"],
            rhythm=timedelta(hours=options["every"]) if options["every"] else None,
        )
        try:
            with tqdm(desc=journey.name, unit=" people", leave=False) as bar:
                found = rehearse(journey, wanted, clock.now(), lambda count: bar.update(count - bar.n))
        except BadRehearsal as wrong:
            raise CommandError(str(wrong)) from None
        self.stdout.write(json.dumps(found.as_json()) if options["json"] else _told(found))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _journey(key: str, slug: str | None) -> Journey:
    rows = Journey.objects.filter(key=key).select_related("store", "version")
    found = list(rows.filter(store__slug=slug) if slug else rows)
    if not found:
        raise CommandError(f"There is no journey {key}{f' in {slug}' if slug else ''}.")
    if len(found) > 1:
        stores = ", ".join(sorted(journey.store.slug for journey in found))
        raise CommandError(f"Several stores have a journey {key}; say which with --store: {stores}.")
    return found[0]


def _document(journey: Journey, options: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The file's, the draft's, or None for what is published."""
    if options["document"]:
        try:
            given = json.loads(options["document"].read_text(encoding="utf-8"))
        except (OSError, ValueError) as wrong:
            raise CommandError(f"{options['document']} cannot be read as a journey: {wrong}") from None
        # A recipe carries its document beside key and name.
        document: Mapping[str, Any] = given.get("document", given) if isinstance(given, dict) else given
        return document
    if options["draft"] and journey.draft is None:
        raise CommandError(f"{journey.key} has no draft.")
    return journey.draft if options["draft"] else None


def _told(found: Rehearsal) -> str:
    told = found.as_json()
    return "\n".join(
        f"{name:12} {json.dumps(value) if isinstance(value, dict) else value}" for name, value in told.items()
    )
