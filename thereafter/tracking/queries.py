"""Questions of several rows: how long a lane takes, what was promised, which parcel a document means."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from thereafter.commerce.models import Order
from thereafter.kit.clock import day_in
from thereafter.stores.models import Store
from thereafter.tracking.models import Lane, Parcel, Promise, TrackingSettings
from thereafter.tracking.rules import estimates
from thereafter.tracking.rules.estimates import Days, Estimate
from thereafter.tracking.rules.settings import Settings

# Deliveries of this long tell how fast a lane is now; when there are too few, of longer.
RECENT, LONG_AGO = timedelta(days=120), timedelta(days=400)


def lanes(store: Store, destinations: Iterable[str]) -> dict[str, Days]:
    """What is known of these destinations and of what they fall back to."""
    wanted = {lane for destination in destinations for lane in estimates.back_off(destination)}
    return {lane.destination: lane.days for lane in Lane.objects.of(store).filter(destination__in=wanted)}


def promises(store: Store, order_ids: Collection[int]) -> dict[int, Promise]:
    """The promise of each order that has one; later estimates are not promises."""
    rows = Promise.objects.of(store).filter(order_id__in=order_ids, sequence=0)
    return {promise.order_id: promise for promise in rows}


def latest_promise(order: Order) -> Promise | None:
    return Promise.objects.of(order.store_id).filter(order=order, sequence=0).first()


def estimate_for(order: Order, store: Store) -> tuple[Estimate, date, date]:
    """What we would say of an order today, with the first and last day."""
    known = lanes(store, [order.destination])
    guess = estimates.estimate(known, order.destination, store.country)
    return guess, *estimates.arrival(day_in(order.placed_at, store.time_zone), guess.days)


def trips(store: Store, now: datetime) -> Mapping[str, Sequence[int]]:
    """Days from order to door of recent deliveries, by destination."""
    rows = _delivered(store, now, RECENT)
    if len(rows) < estimates.ENOUGH:
        rows = _delivered(store, now, LONG_AGO)
    days: dict[str, list[int]] = {}
    for destination, ordered_at, delivered_on in rows:
        days.setdefault(destination, []).append(max(0, (delivered_on - day_in(ordered_at, store.time_zone)).days))
    return days


def _delivered(store: Store, now: datetime, reach: timedelta) -> list[tuple[str, datetime, date]]:
    recent = Parcel.objects.of(store).filter(delivered_at__gt=now - reach, delivered_at__lte=now)
    rows = recent.values_list("destination", "ordered_at", "delivered_on")
    return [(destination, ordered_at, on) for destination, ordered_at, on in rows if on is not None]


def parcels_of(order: Order) -> list[Parcel]:
    """The parcels of an order, oldest first, with their items and scans."""
    rows = Parcel.objects.of(order.store_id).filter(order=order).order_by("id")
    return list(rows.prefetch_related("items__line__product", "items__line__variant", "scans"))


def bare_parcels(store: Store, order_ids: Collection[int]) -> dict[int, list[Parcel]]:
    """The parcels of each order that has any, oldest first, without items and scans."""
    parcels: dict[int, list[Parcel]] = {}
    for parcel in Parcel.objects.of(store).filter(order_id__in=order_ids).order_by("id"):
        parcels.setdefault(parcel.order_id, []).append(parcel)
    return parcels


def settings_of(store: Store) -> Settings:
    """What the merchant has set; what was never set holds its default."""
    row = TrackingSettings.objects.of(store).values_list("document", flat=True).first()
    return msgspec.convert(row, Settings) if row else Settings()
