"""Taking a merchant's table of scans, row by row; what cannot be taken is kept with its reason and can be mended."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Received
from thereafter.tracking.actions.intake import ROOM, keep_waiting
from thereafter.tracking.actions.scans import Taken, add_scans
from thereafter.tracking.carriers import csv
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.models import Parcel
from thereafter.tracking.rules.scans import BadScan, number_key

SOURCE = "csv"
MOST_ROWS, AT_ONCE = 10_000, 500
TAKEN, KNOWN, WAITING, REFUSED = "taken", "known", "waiting", "refused"


class Line(NamedTuple):
    """A row of the table and what became of it; `raw` is the row as it stood there."""

    line: int
    raw: str
    read: ParcelDoc | BadScan
    outcome: str = ""
    reason: str = ""

    @property
    def number(self) -> str:
        return self.read.tracking_number or self.read.order if isinstance(self.read, ParcelDoc) else ""


def read_table(body: str) -> list[Line]:
    """The rows of a table. Raises `BadScan` when it cannot be read as a whole, or is too long for one go."""
    rows = list(csv.read(body))
    if len(rows) > MOST_ROWS:
        raise BadScan(f"too_many: {len(rows)} rows; at most {MOST_ROWS} at a time: cut the file in parts")
    lines = body.lstrip().splitlines()
    before = [1, *(row.line for row in rows)]
    return [
        Line(row.line, "\n".join(lines[start : row.line]).strip("\n"), row.read)
        for start, row in zip(before, rows, strict=False)
    ]


def unknown_numbers(store: Store, lines: Sequence[Line]) -> int:
    """How many rows tell of a tracking number that no parcel of the store has yet."""
    keys = [number_key(line.read.tracking_number) for line in lines if isinstance(line.read, ParcelDoc)]
    known: set[str] = set()
    for at in range(0, len(keys), AT_ONCE):
        rows = Parcel.all_ways.of(store).filter(number_key__in=keys[at : at + AT_ONCE])
        known.update(rows.values_list("number_key", flat=True))
    return sum(bool(key) and key not in known for key in keys)


def import_table(store: Store, body: str, *, by: Staff, now: datetime) -> list[Line]:
    """Takes the table; what was taken before changes nothing, so that a file may be sent again."""
    lines = read_table(body)
    batch = hashlib.sha256(body.encode(errors="replace")).hexdigest()[:16]
    told = list(_take(store, lines, batch, now))
    header = body.lstrip().partition("\n")[0].rstrip("\r")
    refused = [
        (Received(store.pk, ROOM, SOURCE, SOURCE, f"{batch}#{line.line}", f"{header}\n{line.raw}"), line.reason)
        for line in told
        if line.outcome == REFUSED
    ]
    inbox.refuse(refused, now)
    figures = {name: sum(line.outcome == name for line in told) for name in (TAKEN, KNOWN, WAITING, REFUSED)}
    audit(store, by=by, verb="tracking.import", now=now, subject=batch, detail={"rows": len(told), **figures})
    return told


def _take(store: Store, lines: Sequence[Line], batch: str, now: datetime) -> Iterator[Line]:
    for at in range(0, len(lines), AT_ONCE):
        part = lines[at : at + AT_ONCE]
        docs = [line.read for line in part if isinstance(line.read, ParcelDoc)]
        answers = iter(add_scans(store, docs, source=SOURCE, now=now))
        taken = [next(answers) if isinstance(line.read, ParcelDoc) else Taken(reason=str(line.read)) for line in part]
        told = [(line.read, answer) for line, answer in zip(part, taken, strict=True)]
        keep_waiting(store.pk, SOURCE, f"{batch}.{at}", told, now)
        yield from (_with_outcome(line, answer) for line, answer in zip(part, taken, strict=True))


def _with_outcome(line: Line, answer: Taken) -> Line:
    if answer.waits_for:
        return line._replace(outcome=WAITING, reason="No parcel has this number yet; kept until one does.")
    reason = answer.reason or "; ".join(why for _, why in answer.rejects)
    if reason:
        return line._replace(outcome=REFUSED, reason=reason)
    return line._replace(outcome=TAKEN if answer.new else KNOWN)
