"""Moving parcels on to the state their scans give, and telling of it once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from thereafter.events.base import ShopperEvent
from thereafter.events.parcels import (
    ParcelDelivered,
    ParcelMoved,
    ParcelOutForDelivery,
    ParcelRanIntoTrouble,
    ParcelReturned,
    ParcelShipped,
)
from thereafter.kit.clock import day_in
from thereafter.storefront.actions import drop_documents
from thereafter.stores.models import Store
from thereafter.timeline.log import record
from thereafter.tracking.models import Parcel, Scan
from thereafter.tracking.rules import states
from thereafter.tracking.rules.states import Entry, State

SHIPPED = "shipped"
_DAYS = ["shipped_at", "delivered_at", "delivered_on", "finished_at"]
_STATE_FIELDS = ["status", "status_at", "reason", "told", "late", *_DAYS]


def move_on(store: Store, parcels: Sequence[tuple[Parcel, Sequence[Scan]]]) -> None:
    """Computes each parcel's state from all of its scans and records what is new, in the caller's transaction."""
    moved, events = [], []
    for parcel, scans in parcels:
        state = states.state(scan.fact for scan in scans if not scan.ignored)
        news = _news(parcel, state)
        if _take_on(parcel, state, store.time_zone):
            moved.append(parcel)
        events += [event for entry in news for event in _events(parcel, entry)]
    _save(moved)
    drop_documents(store.pk, {parcel.order_id for parcel, _ in parcels})
    record(*events)


def _news(parcel: Parcel, state: State) -> list[Entry]:
    """What the parcel came to for the first time. What we hear of only after the parcel has gone on is history and
    is not told: nobody wants to read "on the van" after the bell rang."""
    fresh = [entry for entry in state.entries if entry.status not in parcel.told]
    before = parcel.status_at
    return [one for one in fresh if before is None or one.at >= before or one.status == state.status]


def _take_on(parcel: Parcel, state: State, zone_name: str) -> bool:
    before = [getattr(parcel, field) for field in _STATE_FIELDS]
    if state.at is None:
        return False
    parcel.status, parcel.status_at, parcel.reason = state.status, state.at, state.reason
    parcel.shipped_at = parcel.shipped_at or state.shipped_at
    parcel.delivered_at = state.delivered_at
    parcel.delivered_on = day_in(state.delivered_at, zone_name) if state.delivered_at else None
    parcel.finished_at = state.at if parcel.is_finished else None
    parcel.late = _late(parcel)
    parcel.told = list(dict.fromkeys([*parcel.told, *(entry.status for entry in state.entries)]))
    return before != [getattr(parcel, field) for field in _STATE_FIELDS]


def _late(parcel: Parcel) -> bool | None:
    if parcel.delivered_on is None or parcel.promised_on is None:
        return None
    return states.is_late(parcel.delivered_on, parcel.promised_on)


def _save(moved: Sequence[Parcel]) -> None:
    """One statement for all of them: an insert that finds each row there already."""
    Parcel.objects.bulk_create(moved, update_conflicts=True, unique_fields=["id"], update_fields=_STATE_FIELDS)


def _events(parcel: Parcel, entry: Entry) -> Iterable[ShopperEvent]:
    if entry.status in states.HANDED_OVER and SHIPPED not in parcel.told:
        parcel.told.append(SHIPPED)
        yield ParcelShipped(**_ids(parcel, entry.at), carrier=parcel.carrier, tracking_number=parcel.tracking_number)
        if entry.status == states.PICKED_UP:
            return
    yield _event(parcel, entry)


def _event(parcel: Parcel, entry: Entry) -> ShopperEvent:
    ids = _ids(parcel, entry.at)
    match entry.status:
        case states.OUT_FOR_DELIVERY:
            return ParcelOutForDelivery(**ids)
        case states.DELIVERED:
            return ParcelDelivered(
                **ids,
                carrier=parcel.carrier,
                promised_on=parcel.promised_on,
                delivered_on=parcel.delivered_on,
                late=parcel.late,
            )
        case states.EXCEPTION:
            return ParcelRanIntoTrouble(**ids, reason=entry.reason)
        case states.RETURNED:
            return ParcelReturned(**ids)
        case _:
            return ParcelMoved(**ids, status=entry.status)


def _ids(parcel: Parcel, at: datetime) -> dict[str, Any]:
    return {
        "store_id": parcel.store_id,
        "occurred_at": at,
        "customer_id": parcel.order.customer_id,
        "order_id": parcel.order_id,
        "parcel_id": parcel.pk,
    }
