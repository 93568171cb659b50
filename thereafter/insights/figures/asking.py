"""Asking the snapshot: the one door between figures and the engine."""

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
from django.conf import settings
from django.core.cache import cache
from ibis.expr.types import Table

from thereafter.insights.engine import files
from thereafter.insights.engine.current import engine
from thereafter.insights.engine.port import EngineTrouble, Row
from thereafter.insights.figures.view import View
from thereafter.insights.models import Snapshot
from thereafter.journeys.models import Segment, SegmentMember
from thereafter.stores.models import Store

# An answer holds as long as its snapshot; after that nobody asks for it any more.
_KEPT_SECONDS = 86_400
# Answers for each customer are not for keeping in memory.
_MOST_ROWS = 20_000
_NO_STORE = 0
# So many people are not read again for each question.
_MANY = 10_000
_NOBODY = pa.table({"customer_id": pa.array([], pa.int64())})


def ask(view: View, expression: Table) -> list[Row]:
    """The rows of a metric for this view; before the first snapshot those of empty tables.

    Answers are kept until the snapshot or the people of the segment change.
    """
    asked, serial, members = engine(), serial_of(view.store), _members(view)
    sql = asked.compile(expression)
    key = _key(view.store.pk, serial, sql, members[0])
    found: list[Row] | None = cache.get(key)
    if found is None:
        _look_for_files(view.store.pk, serial)
        given = {"members": members[1]} if view.segment_id is not None else None
        # Files that another database left behind are not ours.
        found = list(asked.run(view.store.pk if serial else _NO_STORE, sql, given))
        if len(found) <= _MOST_ROWS:
            cache.set(key, found, _KEPT_SECONDS)
    return found


def _look_for_files(store_id: int, serial: str) -> None:
    """Tables without files are empty ones: a copy that was taken away would be told as a shop without orders."""
    try:
        is_gone = serial and files.read_manifest(Path(settings.FIGURES_FOLDER), store_id) is None
    except OSError as error:
        raise EngineTrouble(f"The folder of the figures cannot be read: {error.strerror}") from error
    if is_gone:
        raise EngineTrouble("The copy that figures are counted on is gone; it is made anew within the hour.")


def snapshot_of(store: Store) -> Snapshot | None:
    return Snapshot.objects.of(store).first()


def as_of(store: Store) -> datetime | None:
    """The moment at which the figures are true; None before the first snapshot."""
    return Snapshot.objects.of(store).values_list("as_of", flat=True).first()


def serial_of(store: Store) -> str:
    """Another one for each snapshot: what was worked out from it can be kept under this name."""
    return Snapshot.objects.of(store).values_list("serial", flat=True).first() or ""


def _key(store_id: int, serial: str, sql: str, people: str) -> str:
    told = "\n".join((str(store_id), serial, people, sql))
    return f"figures:{hashlib.sha256(told.encode()).hexdigest()}"


def _members(view: View) -> tuple[str, pa.Table]:
    """Who is in the view's segment, and a name for just these people."""
    if view.segment_id is None:
        return "", _NOBODY
    counted = Segment.objects.of(view.store).filter(pk=view.segment_id).values_list("counted_at", "people").first()
    if counted is None or counted[1] < _MANY:
        return _people(view.store.pk, view.segment_id)
    return _many_people(view.store.pk, view.segment_id, counted)


@lru_cache(maxsize=4)
def _many_people(store_id: int, segment_id: int, counted: tuple[datetime | None, int]) -> tuple[str, pa.Table]:
    """A page asks a dozen questions about the same people."""
    return _people(store_id, segment_id)


def _people(store_id: int, segment_id: int) -> tuple[str, pa.Table]:
    stays = SegmentMember.objects.of(store_id).filter(segment_id=segment_id, left_at__isnull=True)
    ids = pa.array(stays.order_by("customer_id").values_list("customer_id", flat=True), pa.int64())
    digest = hashlib.sha256(ids.buffers()[1] or b"").hexdigest() if len(ids) else "nobody"
    return digest, pa.table({"customer_id": ids})
