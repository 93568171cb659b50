"""Naming the winner of a random split."""

from datetime import datetime

from django.db import transaction

from thereafter.journeys import splitting
from thereafter.journeys.models import SplitWinner
from thereafter.journeys.rules import splits
from thereafter.stores.actions import audit


def name_winners(now: datetime) -> int:
    """Looks at every split that waits for one; returns how many were decided. May be done as often as one likes."""
    decided = 0
    for version, step in splitting.undecided():
        split = splitting.of_step(version, step)
        name = splits.winner(split.ways, step["winner"])
        if not name:
            continue
        with transaction.atomic():
            _, is_new = SplitWinner.objects.get_or_create(
                store_id=version.store_id, version=version, step=step["id"], defaults={"way": name, "at": now}
            )
            if is_new:
                detail = {"step": step["id"], "way": name}
                audit(
                    version.store, by=None, verb="journeys.winner", now=now, subject=version.journey.name, detail=detail
                )
                decided += 1
    return decided
