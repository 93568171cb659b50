"""`thereafter score nps|csat|ces FILE.csv [--against FILE.csv] [--json]`: the score of a file of answers."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from thereafter.feedback.rules import score_files
from thereafter.kit import scores
from thereafter.kit.comparing import Comparison, compare
from thereafter.kit.scores import SCALES

# More of what was left out nobody reads; the number says how many there were.
_SHOWN = 20
_DIGITS = 6
Row = dict[str, Any]


class Command(BaseCommand):
    help = "Tells the score of a CSV file of answers with its 95 % interval, or compares two. Asks no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=list(SCALES), help="what was asked")
        parser.add_argument("file", help="a CSV file with a column `score`, or - for standard input")
        parser.add_argument("--against", metavar="FILE", help="compare with the scores of this file")
        parser.add_argument("--column", default=score_files.COLUMN, help="what the column is called, if not `score`")
        parser.add_argument("--json", action="store_true", help="only one JSON line")

    def handle(self, *args: Any, **options: Any) -> None:
        kind, other = options["kind"], options["against"]
        ours = self._read(options["file"], kind, options["column"])
        theirs = self._read(other, kind, options["column"]) if other else None
        found = _row(kind, ours)
        if theirs:
            compared = compare(kind, ours.counts, theirs.counts)
            found |= {"against": _row(kind, theirs), **_compared(compared)}
        write = _as_json if options["json"] else _in_words
        self.stdout.write(write(found))

    def _read(self, name: str, kind: str, column: str) -> score_files.Scores:
        try:
            content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            found = score_files.read(content, kind, column)
        except OSError as wrong:
            raise CommandError(f"{name} cannot be read: {wrong.strerror}.") from None
        except score_files.BadFile as wrong:
            raise CommandError(f"{name}: {wrong}.") from None
        for line, sentence in found.refused[:_SHOWN]:
            self.stderr.write(f"{name}, line {line}: {sentence}.")
        if len(found.refused) > _SHOWN:
            self.stderr.write(f"{name}: {len(found.refused) - _SHOWN} more lines were left out.")
        self.stderr.flush()
        return found


def _row(kind: str, given: score_files.Scores) -> Row:
    row = {"metric": kind, **_MEASURES[kind](given.counts), "refused": len(given.refused)}
    return {name: round(value, _DIGITS) if isinstance(value, float) else value for name, value in row.items()}


def _nps(counts: Mapping[int, int]) -> Row:
    found = scores.nps(counts)
    named = {"promoters": found.promoters, "passives": found.passives, "detractors": found.detractors}
    return {"score": found.score, "low": found.low, "high": found.high, "n": found.n, **named, "margin": found.margin}


def _csat(counts: Mapping[int, int]) -> Row:
    found, read = scores.csat(counts), scores.reading("csat", counts)
    named = {"satisfied": found.satisfied, "share": found.share, "mean": found.mean}
    return {"score": read.value, "low": read.low, "high": read.high, "n": found.n, **named}


def _ces(counts: Mapping[int, int]) -> Row:
    found = scores.ces(counts)
    share = {"share": found.share, "share_low": found.share_low, "share_high": found.share_high}
    named = {"mean": found.mean, "agreed": found.agreed, **share, "index": found.index}
    return {"score": found.mean, "low": found.low, "high": found.high, "n": found.n, **named}


_MEASURES: dict[str, Callable[[Mapping[int, int]], Row]] = {"nps": _nps, "csat": _csat, "ces": _ces}


def _compared(found: Comparison) -> Row:
    numbers = {
        "difference": found.difference,
        "difference_low": found.low,
        "difference_high": found.high,
        "z": found.z,
        "p": found.p,
    }
    rounded = {name: None if value is None else round(value, _DIGITS) for name, value in numbers.items()}
    return {**rounded, "significant": found.is_significant, "verdict": found.verdict, "test": found.test}


def _as_json(found: Row) -> str:
    return json.dumps(found)


def _in_words(found: Row) -> str:
    lines = [_sentence(found)]
    if "against" in found:
        lines += [f"Against: {_sentence(found['against'])}", _verdict(found)]
    return "\n".join(lines)


_UNITS = {"nps": "{:.1f}", "csat": "{:.1f} %", "ces": "{:.2f}"}
_GROUPS = {
    "nps": "{promoters} promoters, {passives} passives, {detractors} detractors; usual margin ±{margin:.1f}",
    "csat": "{satisfied} gave 4 or 5; mean {mean:.2f}",
    "ces": "{agreed} gave 5 to 7; index {index:.1f}",
}


def _sentence(row: Row) -> str:
    unit = _UNITS[row["metric"]].format
    score, low, high = (unit(row[name]) for name in ("score", "low", "high"))
    left_out = f" {row['refused']} rows were left out." if row["refused"] else ""
    counted = f"{row['n']} answers: {_GROUPS[row['metric']].format(**row)}"
    return f"{row['metric'].upper()} {score}, in 95 of 100 cases between {low} and {high} ({counted}).{left_out}"


def _verdict(found: Row) -> str:
    if found["difference"] is None:
        return f"Verdict: {found['verdict']}."
    unit = _UNITS[found["metric"]].replace("{:", "{:+").format
    difference, low, high = (unit(found[name]) for name in ("difference", "difference_low", "difference_high"))
    numbers = f"{'t' if found['metric'] == 'ces' else 'z'} = {found['z']:.2f}, p = {found['p']:.3f}"
    return f"Verdict: {found['verdict']}. The difference is {difference}, likely {low} to {high} ({numbers})."
