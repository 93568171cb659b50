"""Bringing a store's snapshot up to date: `bring(store, now=...)`, by the hour and whenever somebody asks."""

import hashlib
import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Q

from thereafter.insights.engine import files
from thereafter.insights.engine.current import engine
from thereafter.insights.engine.files import WHOLE, Manifest, Part
from thereafter.insights.engine.port import EngineTrouble
from thereafter.insights.export import asked, following
from thereafter.insights.export.beginning import Parts, everything
from thereafter.insights.export.reading import reader
from thereafter.insights.export.tables import Source
from thereafter.insights.models import Snapshot
from thereafter.stores.models import Store
from thereafter.timeline.models import first_line

log = logging.getLogger(__name__)
# Who has not finished by then died.
_LONGEST = timedelta(minutes=30)
_REST_SECONDS = 60
_rests = {"until": 0.0}


class NotBrought(EngineTrouble):
    """The snapshot could not be made; its `trouble` says why, the one before still holds."""


def bring(store: Store, *, now: datetime) -> Snapshot:
    """Makes the figures of the store true as of now; the first time everything is read, later what happened since.

    Who asks while somebody else is at it gets the snapshot that holds. Raises `NotBrought`.
    """
    snapshot, _ = Snapshot.objects.get_or_create(store=store)
    if not _claim(snapshot, now):
        return snapshot
    began = time.perf_counter()
    try:
        changed = _renew(snapshot, store, now)
    except Exception as error:
        if not connection.needs_rollback:
            Snapshot.objects.of(store).update(trouble=first_line(error), busy_until=None)
        raise NotBrought(f"The figures could not be brought up to date ({first_line(error)}).") from error
    snapshot.took_ms = round((time.perf_counter() - began) * 1000)
    snapshot.trouble, snapshot.busy_until = "", None
    snapshot.save()
    for table, months in changed.items():
        engine().refresh(store.pk, table, months)
    return snapshot


def _claim(snapshot: Snapshot, now: datetime) -> bool:
    free = Q(busy_until=None) | Q(busy_until__lte=now)
    rows = Snapshot.objects.of(snapshot.store_id).filter(free)
    won = bool(rows.update(busy_until=now + _LONGEST))
    snapshot.refresh_from_db()
    return won


def _renew(snapshot: Snapshot, store: Store, now: datetime) -> dict[str, list[int]]:
    """Returns which months of which tables are new."""
    folder, serial, basis = Path(settings.FIGURES_FOLDER), files.new_serial(), _basis(store)
    held = files.read_manifest(folder, store.pk)
    with reader() as opened:
        source = Source(opened, store)
        upto = source.log_ends_at()
        follows = held is not None and (held.serial, held.basis) == (snapshot.serial, basis) and held.entry_to <= upto
        parts = _parts(source, folder, serial, held if follows else None, upto)
    snapshot.as_of = now
    if parts is None:
        return {}
    snapshot.was_whole = not follows
    made = Manifest(serial, basis, upto, parts)
    files.put_manifest(folder, store.pk, made)
    files.sweep(folder, store.pk, made, held)
    snapshot.serial, snapshot.entry_to = serial, upto
    snapshot.orders, snapshot.customers, snapshot.entries = map(made.rows, ("orders", "customers", "entries"))
    return _changed(held.parts if held and follows else {}, parts)


def _parts(source: Source, folder: Path, serial: str, held: Manifest | None, upto: int) -> Parts | None:
    if held is not None:
        try:
            return following.since(source, following.Kept(folder, source.store.pk, held, serial), upto=upto)
        except following.TooMuch:
            log.info("store %s has too much news to follow", source.store.pk)
        except FileNotFoundError:
            log.warning("files of the snapshot of store %s are gone; it is made anew", source.store.pk)
    return everything(source, folder, serial, upto=upto)


def _changed(before: Mapping[str, Mapping[int, Part]], after: Mapping[str, Mapping[int, Part]]) -> dict[str, list[int]]:
    """By table the months that were written or are gone; none for a table that is written whole."""
    found = {}
    for table in files.EXPORTED:
        old, new = before.get(table, {}), after.get(table, {})
        months = sorted(month for month in {*old, *new} if old.get(month) != new.get(month))
        if months:
            found[table] = [month for month in months if month != WHOLE]
    return found


def _basis(store: Store) -> str:
    shape = hashlib.sha256((asked.shape() + repr(files.ARROW)).encode()).hexdigest()[:16]
    return f"{store.time_zone} {store.currency} {shape}"


def bring_by_the_hour(now: datetime) -> int:
    """All stores, but not again within minutes by this machine's own clock: a replay runs through hours in no time."""
    if time.monotonic() < _rests["until"]:
        return 0
    done = bring_all(now)
    _rests["until"] = time.monotonic() + _REST_SECONDS
    return done


def bring_all(now: datetime) -> int:
    """Every store, one after the other; one that cannot be brought keeps no other waiting."""
    done = 0
    for store in Store.objects.order_by("pk"):
        try:
            bring(store, now=now)
        except EngineTrouble:
            log.exception("the figures of %s could not be brought up to date", store.slug)
        else:
            done += 1
    forget_others()
    return done


def forget(store_id: int) -> None:
    """The store is gone, and with it what was copied of it."""
    engine().forget(store_id)
    files.take_away(Path(settings.FIGURES_FOLDER), store_id)


def forget_others() -> None:
    """Folders of stores that are no more."""
    known = {str(pk) for pk in Store.objects.values_list("pk", flat=True)}
    for home in Path(settings.FIGURES_FOLDER).glob("[0-9]*"):
        if home.name not in known:
            forget(int(home.name))
