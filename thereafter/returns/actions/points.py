"""Places where parcels are handed in: by hand and from tables."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from thereafter.returns.models import DropOffPoint
from thereafter.returns.points import READERS, BadRow, Line, Place
from thereafter.returns.rules.points import postcode_key
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.timeline import inbox
from thereafter.timeline.inbox import Outcome, Received, State
from thereafter.timeline.models import Inbound

ROOM, SOURCE = "drop_off_points", "drop-off points"
CSV = "csv"
MOST_ROWS, AT_ONCE = 50_000, 500
_UPDATED = (
    "name", "kind", "carrier", "address", "city", "postcode", "postcode_key", "country", "opening_hours", "is_counter",
    "latitude", "longitude", "changed_at",
)  # fmt: skip


class Imported(NamedTuple):
    """How many places were read, and the rows that could not be."""

    taken: int
    refused: Sequence[Line]


@transaction.atomic
def import_table(store: Store, text: str, *, by: Staff, now: datetime) -> Imported:
    """Takes a table; the same one again changes nothing, and rows that cannot be read are kept to be mended.

    Raises ValueError when it cannot be read as a whole.
    """
    lines = READERS[CSV](text)
    if len(lines) > MOST_ROWS:
        raise ValueError(f"The file has {len(lines)} rows: cut it in parts of {MOST_ROWS}.")
    refused = [line for line in lines if isinstance(line.read, BadRow)]
    taken = _keep(store, [line.read for line in lines if isinstance(line.read, Place)], now)
    _refuse(store, text, refused, now)
    figures = {"rows": len(lines), "taken": taken, "refused": len(refused)}
    audit(store, by=by, verb="returns.import_points", now=now, subject="drop-off points", detail=figures)
    return Imported(taken, refused)


def _keep(store: Store, places: Sequence[Place], now: datetime) -> int:
    """Of two rows with one reference the later counts."""
    known = dict(DropOffPoint.objects.of(store).filter(source=CSV).values_list("reference", "pk"))
    rows = {
        place.reference: DropOffPoint(
            pk=known.get(place.reference),
            store=store,
            source=CSV,
            reference=place.reference,
            changed_at=now,
            **place.fields,
        )
        for place in places
    }
    fresh = [row for row in rows.values() if row.reference not in known]
    DropOffPoint.objects.bulk_create(fresh, batch_size=AT_ONCE)
    DropOffPoint.objects.bulk_update(
        [row for row in rows.values() if row.reference in known], _UPDATED, batch_size=AT_ONCE
    )
    return len(rows)


def _refuse(store: Store, text: str, refused: Sequence[Line], now: datetime) -> None:
    header = text.lstrip("\ufeff").lstrip().partition("\n")[0].rstrip("\r")
    batch = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
    calls = [
        (Received(store.pk, ROOM, SOURCE, CSV, f"{batch}#{line.number}", f"{header}\n{line.raw}"), line.read.reason)
        for line in refused
        if isinstance(line.read, BadRow)
    ]
    inbox.refuse(calls, now)


def take(rows: Sequence[Inbound], now: datetime) -> list[Outcome]:
    """Rows that somebody mended under Needs attention."""
    stores = Store.objects.in_bulk({row.store_id for row in rows})
    return [_take(stores[row.store_id], row.body, now) for row in rows]


def _take(store: Store, body: str, now: datetime) -> Outcome:
    try:
        lines = READERS[CSV](body)
    except ValueError as wrong:
        return Outcome(State.REFUSED, str(wrong))
    bad = next((line.read.reason for line in lines if isinstance(line.read, BadRow)), "")
    if bad:
        return Outcome(State.REFUSED, bad)
    _keep(store, [line.read for line in lines if isinstance(line.read, Place)], now)
    return Outcome()


@transaction.atomic
def save(point: DropOffPoint, *, by: Staff, now: datetime) -> None:
    """Keeps a place that somebody typed in or changed."""
    is_new = point.pk is None
    point.country, point.postcode_key, point.changed_at = point.country.upper(), postcode_key(point.postcode), now
    point.save()
    verb = "returns.add_point" if is_new else "returns.change_point"
    audit(point.store, by=by, verb=verb, now=now, subject=point.name)


@transaction.atomic
def close(point: DropOffPoint, *, by: Staff, now: datetime, is_active: bool = False) -> None:
    """Shows it no more, or again."""
    DropOffPoint.objects.of(point.store_id).filter(pk=point.pk).update(is_active=is_active, changed_at=now)
    audit(
        point.store,
        by=by,
        verb="returns.open_point" if is_active else "returns.close_point",
        now=now,
        subject=point.name,
    )


@transaction.atomic
def renew_link(point: DropOffPoint, *, by: Staff, now: datetime) -> None:
    """The counter's link before this one is good no more."""
    point.link_edition += 1
    DropOffPoint.objects.of(point.store_id).filter(pk=point.pk).update(link_edition=point.link_edition, changed_at=now)
    audit(point.store, by=by, verb="returns.renew_counter_link", now=now, subject=point.name)
