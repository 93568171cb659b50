"""Questions of several rows: what was promised, which parcels are meant, what the merchant has set."""

from collections.abc import Collection
from datetime import date, datetime, time

import msgspec
from django.db.models import Q

from thereafter.commerce.models import Order
from thereafter.kit.clock import zone
from thereafter.stores.models import Store
from thereafter.tracking import forecasting
from thereafter.tracking.models import Parcel, Promise, Scan, TrackingSettings
from thereafter.tracking.rules import outlook, states
from thereafter.tracking.rules.estimates import Estimate
from thereafter.tracking.rules.scans import number_key
from thereafter.tracking.rules.settings import Settings


def promises(store: Store, order_ids: Collection[int]) -> dict[int, Promise]:
    """The promise of each order that has one; later estimates are not promises."""
    rows = Promise.objects.of(store).filter(order_id__in=order_ids, sequence=0)
    return {promise.order_id: promise for promise in rows}


def latest_promise(order: Order) -> Promise | None:
    return Promise.objects.of(order.store_id).filter(order=order, sequence=0).first()


def estimate_for(order: Order) -> Estimate:
    """What we would say of an order as it was placed."""
    (found,) = forecasting.of_orders(order.store, [order], settings_of(order.store), order.placed_at)
    return found


def soonest_from(order: Order, today: date) -> date:
    """The first day on which an order of which nothing has left can still come: as if it were placed on this day."""
    store, settings = order.store, settings_of(order.store)
    known = forecasting.learnt(store)
    noon = datetime.combine(today, time(12), zone(store.time_zone))
    passage = forecasting.of_order(order, known, settings)._replace(ordered_at=noon)
    (found,) = forecasting.when_ordered(forecasting.house_of(store, settings), known, [passage], noon)
    return found.first


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


def newest_by_number(store: Store, number: str) -> Parcel | None:
    """The parcel with this number, or the one handed over under it: the newest, for carriers use numbers again."""
    key = number_key(number)
    if not key:
        return None
    named = Parcel.objects.of(store).filter(Q(number_key=key) | Q(next_key=key))
    return named.order_by("-ordered_at", "-id").prefetch_related("scans").first()


def usual_hour(parcel: Parcel) -> int | None:
    """The full hour by which nine in ten of the last parcels of this carrier came to this country, on the clocks
    there; None when too few are known."""
    country = parcel.destination.partition("-")[0]
    alike = Parcel.objects.of(parcel.store_id).filter(
        delivered_at__isnull=False, carrier_key=parcel.carrier_key, destination__startswith=country
    )
    last = list(alike.order_by("-delivered_at").values_list("pk", flat=True)[:100])
    scans = Scan.objects.of(parcel.store_id).filter(parcel__in=last, status=states.DELIVERED).exclude(precision="day")
    return outlook.by_hour([60 * scan.local.hour + scan.local.minute for scan in scans])
