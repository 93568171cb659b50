"""Writing a journey: its draft, what was done to it, and journeys that are new, copied, renamed or put away."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from thereafter.journeys.models import DraftEdit, Journey
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

Document = Mapping[str, Any]
# Typing in one field saves every second; it is one change all the same.
ONE_CHANGE = timedelta(seconds=40)
KEPT = 60


@transaction.atomic
def change(journey: Journey, document: Document, *, did: str, by: Staff, now: datetime, mark: str = "") -> None:
    """Keeps a new state of the draft. Changes of one person with the same `mark` soon after each other are one."""
    locked = _locked(journey)
    before = _standing(locked)
    if document == before:
        return
    DraftEdit.objects.filter(journey=locked, undone=True).delete()
    last = DraftEdit.objects.filter(journey=locked).order_by("-id").first()
    if last and mark and last.mark == mark and last.by_id == by.pk and now - last.at < ONE_CHANGE:
        DraftEdit.objects.filter(pk=last.pk).update(after=document, at=now)
    else:
        DraftEdit.objects.create(
            store_id=locked.store_id,
            journey=locked,
            before=before,
            after=document,
            did=did[:120],
            mark=mark[:120],
            by=by,
            at=now,
        )
        _forget_old(locked)
    _keep(journey, document, now)


def undo(journey: Journey, *, now: datetime) -> str:
    """Takes the last change back; returns what it was, "" when there is none."""
    return _step(journey, now, undone=True)


def redo(journey: Journey, *, now: datetime) -> str:
    """Does again what was taken back last; returns what it was, "" when there is none."""
    return _step(journey, now, undone=False)


@transaction.atomic
def _step(journey: Journey, now: datetime, *, undone: bool) -> str:
    locked = _locked(journey)
    rows = DraftEdit.objects.filter(journey=locked, undone=not undone).order_by("-id" if undone else "id")
    edit = rows.first()
    if edit is None:
        return ""
    DraftEdit.objects.filter(pk=edit.pk).update(undone=undone)
    _keep(journey, edit.before if undone else edit.after, now)
    return edit.did


@transaction.atomic
def create(store: Store, name: str, document: Document, *, by: Staff, now: datetime, key: str = "") -> Journey:
    """A new journey, off and with nothing but a draft."""
    journey = Journey.objects.create(
        store=store,
        key=_free_key(store, key or name),
        name=name[:100],
        draft=dict(document),
        drafted_at=now,
        created_at=now,
    )
    audit(store, by=by, verb="journeys.create", now=now, subject=journey.name)
    return journey


@transaction.atomic
def rename(journey: Journey, name: str, *, by: Staff, now: datetime) -> None:
    """Another name; the address of the journey stays."""
    if name and name != journey.name:
        Journey.objects.filter(pk=journey.pk).update(name=name[:100])
        audit(journey.store, by=by, verb="journeys.rename", now=now, subject=f"{journey.name} → {name}"[:200])
        journey.name = name[:100]


@transaction.atomic
def archive(journey: Journey, *, by: Staff, now: datetime) -> None:
    """Puts a journey away: nobody comes in any more; who is on the way goes on."""
    if Journey.objects.filter(pk=journey.pk, archived_at=None).update(archived_at=now, live=False):
        audit(journey.store, by=by, verb="journeys.archive", now=now, subject=journey.name)


@transaction.atomic
def bring_back(journey: Journey, *, by: Staff, now: datetime) -> None:
    """Takes a journey out of the archive again, turned off."""
    if Journey.objects.filter(pk=journey.pk).exclude(archived_at=None).update(archived_at=None):
        audit(journey.store, by=by, verb="journeys.bring_back", now=now, subject=journey.name)


def _locked(journey: Journey) -> Journey:
    rows = Journey.objects.select_for_update(of=("self",)).select_related("version")
    return rows.get(pk=journey.pk)


def _standing(journey: Journey) -> Any:
    """What the builder shows: the draft, or what is published."""
    return journey.draft or (journey.version.document if journey.version else None)


def _keep(journey: Journey, document: Any, now: datetime) -> None:
    Journey.objects.filter(pk=journey.pk).update(draft=document, drafted_at=now)
    journey.draft, journey.drafted_at = document, now


def _forget_old(journey: Journey) -> None:
    kept = DraftEdit.objects.filter(journey=journey).order_by("-id").values_list("pk", flat=True)[KEPT - 1 : KEPT]
    DraftEdit.objects.filter(journey=journey, pk__lt=next(iter(kept), 0)).delete()


def _free_key(store: Store, like: str) -> str:
    """ "Thank you!" as thank_you, or thank_you_2 when the store has that already."""
    stem = re.sub(r"[^a-z0-9]+", "_", like.lower()).strip("_")[:34] or "journey"
    taken = set(Journey.objects.of(store).filter(key__startswith=stem).values_list("key", flat=True))
    names = (f"{stem}_{number}" if number > 1 else stem for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)
