"""What tracking does again and again."""

from datetime import datetime

from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.schedule import every
from thereafter.tracking import sending
from thereafter.tracking.actions import codes, estimates, flags, forecasts, intake, planning, subscriptions
from thereafter.tracking.desk import Desk


@every(seconds=1)
def drain_scans(now: datetime) -> int:
    return inbox.drain(intake.ROOM, lambda rows: intake.take(rows, now), now)


@every(days=1)
def learn_from_deliveries(now: datetime) -> int:
    return sum(forecasts.refresh(store, now) for store in Store.objects.all())


@every(days=1)
def look_ahead(now: datetime) -> int:
    return sum(estimates.look_ahead(store, now) for store in Store.objects.all())


# A promised day ends at midnight where the shop is; nobody has to hear of it within minutes.
@every(hours=1)
def look_at_flags(now: datetime) -> int:
    return sum(flags.look_again(store, now) for store in Store.objects.all())


@every(hours=6)
def watch_fulfilment(now: datetime) -> int:
    return sum(flags.watch_fulfilment(store, now) for store in Store.objects.all())


@every(seconds=1)
def send_notices(now: datetime) -> int:
    return sending.send_due(now)


@every(days=1)
def forget_followers(now: datetime) -> int:
    return subscriptions.forget(now)


_desk = Desk()


@every(seconds=1)
def ask_carriers(now: datetime) -> int:
    return _desk.round(now)


@every(minutes=1)
def plan_polling(now: datetime) -> int:
    return sum(planning.plan_parcels(store, now) for store in planning.stores_that_ask())


@every(seconds=5)
def follow_codes(now: datetime) -> int:
    return codes.apply_mapped(now)
