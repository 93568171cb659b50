"""`thereafter bench edd|clv|recommend|reorder PATH --json`: how good our models are on public data.

A subject is a module of its room with `measure_files(path, cut)` (ValueError with a sentence for what cannot be read;
`cut` is the day of the subject's option, None where it has none) and `in_words(report)`. Only the one asked for is
imported: they bring scipy and Arrow.
"""

import json
from argparse import ArgumentParser
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError


class Subject(NamedTuple):
    """Where it is measured, and the option that says where the past ends."""

    module: str
    cut: str = ""


SUBJECTS = {
    "edd": Subject("thereafter.tracking.edd_bench"),
    "clv": Subject("thereafter.insights.clv_bench", "calibration_end"),
    "recommend": Subject("thereafter.recommendations.recommend_bench", "split"),
    "reorder": Subject("thereafter.recommendations.reorder_bench"),
}


class Command(BaseCommand):
    help = "Measures our models on public data; nothing of the shop is read or changed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("subject", choices=list(SUBJECTS), help="what is measured")
        parser.add_argument("path", type=Path, help="edd, reorder: a folder; clv: a CSV file; recommend: Parquet")
        day: dict[str, Any] = {"type": date.fromisoformat, "metavar": "DATE"}
        parser.add_argument("--calibration-end", **day, help="clv: the last day that is learnt from")
        parser.add_argument("--split", **day, help="recommend: the last day that is learnt from")
        parser.add_argument("--json", action="store_true", help="end with one JSON line")

    def handle(self, *args: Any, **options: Any) -> None:
        subject = SUBJECTS[options["subject"]]
        cut = options[subject.cut] if subject.cut else None
        if subject.cut and cut is None:
            raise CommandError(f"Say where the past ends: --{subject.cut.replace('_', '-')} 2011-09-09")
        bench = import_module(subject.module)
        try:
            report = bench.measure_files(options["path"], cut)
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        self.stdout.write(json.dumps(report) if options["json"] else bench.in_words(report))
