"""Goods that were looked at and are brought where they go."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from thereafter.returns.actions import units
from thereafter.returns.models import CaseUnit
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store


@transaction.atomic
def done(store: Store, unit_ids: Collection[int], *, by: Staff, now: datetime) -> int:
    """These stand where they were to go; returns how many did not yet."""
    rows = CaseUnit.objects.of(store).filter(pk__in=unit_ids, state__in=units.DISPOSITIONS, put_away_at=None)
    moved = int(rows.update(put_away_at=now))
    if moved:
        audit(store, by=by, verb="returns.put_away", now=now, subject=f"{moved} items")
    return moved


@transaction.atomic
def redirect(unit: CaseUnit, to: str, *, by: Staff, now: datetime) -> None:
    """It goes elsewhere than was said; raises `CannotGo`."""
    units.dispose(unit, to, by=by, now=now)
    CaseUnit.objects.of(unit.store_id).filter(pk=unit.pk).update(put_away_at=None)
