"""What tracking does again and again."""

from datetime import datetime

from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.schedule import every
from thereafter.tracking.actions import intake, late, promises


@every(seconds=1)
def drain_scans(now: datetime) -> int:
    return inbox.drain(intake.ROOM, lambda rows: intake.take(rows, now), now)


@every(days=1)
def refresh_lanes(now: datetime) -> int:
    return sum(promises.refresh_lanes(store, now) for store in Store.objects.all())


# A promised day ends at midnight where the shop is; nobody has to hear of it within minutes.
@every(hours=3)
def find_late(now: datetime) -> int:
    return sum(late.find_late(store, now) for store in Store.objects.all())
