"""`thereafter reviews formats | read FORMAT|auto FILE [--json] | write FORMAT FILE`: files of review apps, read and
written without a database."""

import json
import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError

from thereafter.feedback.rules.review_formats import reading, recognising, writing
from thereafter.feedback.rules.review_formats.formats import CHOICES, FORMATS
from thereafter.feedback.rules.review_formats.reading import File
from thereafter.feedback.rules.review_formats.rows import Plan, Refused, Taken
from thereafter.feedback.rules.review_formats.writing import Review
from thereafter.kit import clock, tables
from thereafter.kit.tables import Unreadable

_AUTO = "auto"


class Command(BaseCommand):
    help = "Reads a file of reviews of another app, and writes it for any. Asks no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        doing = parser.add_subparsers(dest="do", required=True)
        doing.add_parser("formats", help="the formats and their columns")
        read = doing.add_parser("read", help="what is read of a file, and what is not with the reasons")
        read.add_argument("format", choices=[_AUTO, *FORMATS])
        read.add_argument("--json", action="store_true", help="only one JSON line")
        write = doing.add_parser("write", help="a file, written for another app, on standard output")
        write.add_argument("format", choices=list(FORMATS))
        write.add_argument("--from", dest="source", choices=[_AUTO, *FORMATS], default=_AUTO)
        for each in (read, write):
            each.add_argument("file", help="a CSV file, or - for standard input")
            each.add_argument("--dates", choices=["dmy", "mdy"], default="", help="what comes first in 3/4/2026")
            each.add_argument("--zone", default="UTC", help="where a mere day begins")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["do"] == "formats":
            for each in FORMATS.values():
                self.stdout.write(f"{each.key}: {each.name}\n    {','.join(writing.header(each))}")
            return
        now = clock.now()
        file = self._open(options["file"], options.get("source") or options["format"], options, now)
        if options["do"] == "write":
            self._write(file, options["format"])
        else:
            told = _told(file)
            self.stdout.write(json.dumps(told, ensure_ascii=False, default=str) if options["json"] else _in_words(told))

    def _open(self, name: str, key: str, options: dict[str, Any], now: datetime) -> File:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            table = tables.read(tables.text_of(data))
            found = recognising.recognise(table.columns) if key == _AUTO else recognising.Recognised(key)
            if not found.key:
                raise Unreadable(found.sentence)
            return reading.open_file(found.key, table, Plan(ZoneInfo(options["zone"]), now, options["dates"]))
        except OSError as wrong:
            raise CommandError(f"{name} cannot be read: {wrong.strerror}.") from None
        except Unreadable as wrong:
            raise CommandError(f"{name}: {wrong}") from None
        except (ZoneInfoNotFoundError, ValueError):
            raise CommandError(f"{options['zone']} is no time zone. Say for example --zone Europe/Berlin.") from None

    def _write(self, file: File, key: str) -> None:
        """To its own format with its own columns and as each cell stood, so that nothing is lost."""
        if file.asked:
            raise CommandError(f"{', '.join(file.asked)} can be read in two ways. Say --dates dmy or --dates mdy.")
        chosen, is_same = FORMATS[key], key == file.format.key
        rows = file.rows()
        for row in rows:
            if isinstance(row, Refused):
                self.stderr.write(f"Line {row.line}: {row.reason}")
        taken = [row for row in rows if isinstance(row, Taken) and writing.may_be_written(chosen, row.row)]
        table = file.table
        lines = writing.write(
            chosen,
            [Review(row.row, row if is_same else None) for row in taken],
            file.plan,
            names=table.columns if is_same else (),
            delimiter=table.delimiter if is_same else ",",
            newline=table.newline if is_same else "\r\n",
        )
        for line in lines:
            self.stdout.write(line, ending="")


def _told(file: File) -> dict[str, Any]:
    rows = [] if file.asked else file.rows()
    taken = [row for row in rows if isinstance(row, Taken)]
    refused = [row for row in rows if isinstance(row, Refused)]
    return {
        "format": file.format.key,
        "name": CHOICES[file.format.key],
        "rows": len(file.table.rows),
        "taken": len(taken),
        "refused": [{"line": row.line, "reason": row.reason} for row in refused if not row.is_left_out],
        "left_out": [{"line": row.line, "reason": row.reason} for row in refused if row.is_left_out],
        "notes": [{"line": row.line, "note": note} for row in taken for note in row.notes],
        # Dates that can be read in two ways: nothing is read before --dates says which.
        "asked": list(file.asked),
        "date_order": file.plan.date_order,
        "reviews": [{"line": row.line, **_review(row)} for row in taken],
    }


def _review(row: Taken) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in vars(row.row).items()
        if value not in (None, "", (), {})
    }


def _in_words(told: dict[str, Any]) -> str:
    if told["asked"]:
        dates = ", ".join(told["asked"])
        return (
            f"{told['name']}, {told['rows']:,} rows. {dates} can be read in two ways: say --dates dmy or --dates mdy."
        )
    lines = [f"{told['name']}: {told['taken']:,} of {told['rows']:,} rows were read."]
    lines += [f"Line {one['line']}: {one['reason']}" for one in (*told["refused"], *told["left_out"])]
    lines += [f"Line {one['line']}, taken without a part: {one['note']}" for one in told["notes"]]
    return "\n".join(lines)
