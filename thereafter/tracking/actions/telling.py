"""Moving parcels on to the state their scans give, and telling of it once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from thereafter.events.base import ShopperEvent
from thereafter.events.parcels import (
    ParcelAttempted,
    ParcelAwaitsPickup,
    ParcelDelivered,
    ParcelMoved,
    ParcelOutForDelivery,
    ParcelRanIntoTrouble,
    ParcelReturned,
    ParcelShipped,
    ReturnParcelMoved,
)
from thereafter.kit.clock import day_in
from thereafter.storefront.actions import drop_documents
from thereafter.stores.models import Store
from thereafter.timeline.log import record
from thereafter.tracking.actions.estimates import ESTIMATE_FIELDS, SCAN, reestimate
from thereafter.tracking.actions.flags import FLAG_FIELDS, settle
from thereafter.tracking.models import Parcel, Scan
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules import states
from thereafter.tracking.rules.settings import Settings
from thereafter.tracking.rules.states import Entry, State

SHIPPED, FROM_SHOP = "shipped", "shop"
_DAYS = ["shipped_at", "delivered_at", "delivered_on", "finished_at", "last_scan_at"]
_STATE_FIELDS = ["status", "status_at", "reason", "detail", "told", "late", "carrier_delayed", *_DAYS]
# What a carrier's news say of a parcel beside its scans.
LEARNT_FIELDS = [
    "carrier",
    "carrier_key",
    "carrier_by",
    "service",
    "carrier_from",
    "carrier_to",
    "next_carrier",
    "next_number",
    "next_key",
    "pickup",
    "proof",
    "unknown_number",
]
_SAVED = [*_STATE_FIELDS, *LEARNT_FIELDS, *ESTIMATE_FIELDS, *FLAG_FIELDS]


@dataclass(frozen=True, slots=True)
class _Call:
    store: Store
    settings: Settings
    now: datetime

    def is_old(self, at: datetime) -> bool:
        return self.now - at > timedelta(hours=self.settings.notify_within_hours)


def move_on(
    store: Store,
    parcels: Sequence[tuple[Parcel, Sequence[Scan]]],
    now: datetime,
    before: Mapping[int, list[object]] | None = None,
) -> None:
    """Computes each parcel's state from all of its scans and records what is new, in the caller's transaction. What
    happened longer ago than the store's limit is recorded as old, so that an import notifies nobody. `before` is what
    `kept` gave of the parcels if the caller has changed them since."""
    if not parcels:
        return
    call = _Call(store, settings_of(store), now)
    events: list[ShopperEvent] = []
    before = before or kept(parcel for parcel, _ in parcels)
    for parcel, scans in parcels:
        state = states.state(scan.fact for scan in scans if not scan.ignored)
        news = _turns(parcel, state) if parcel.comes_back else _news(parcel, state)
        _take_on(parcel, state, store.time_zone)
        parcel.shipped_at = _handed_over_at(scans) or state.shipped_at
        events += [event for entry in news for event in _events(parcel, entry, call)]
    moved = [parcel for parcel, _ in parcels]
    going_out = [parcel for parcel in moved if not parcel.comes_back]
    events += reestimate(store, going_out, call.settings, now, SCAN)
    events += settle(store, going_out, call.settings, now)
    _save([parcel for parcel in moved if _kept(parcel) != before[parcel.pk]])
    drop_documents(store.pk, {parcel.order_id for parcel, _ in parcels})
    record(*events)


def kept(parcels: Iterable[Parcel]) -> dict[int, list[object]]:
    """What is saved of each parcel, to tell whether it has changed."""
    return {parcel.pk: _kept(parcel) for parcel in parcels}


def _kept(parcel: Parcel) -> list[object]:
    return [getattr(parcel, field) for field in _SAVED]


def _news(parcel: Parcel, state: State) -> list[Entry]:
    """What the parcel came to for the first time. What we hear of only after the parcel has gone on is history and
    is not told: nobody wants to read "on the van" after the bell rang."""
    fresh = [entry for entry in state.entries if entry.status not in parcel.told]
    before = parcel.status_at
    return [one for one in fresh if before is None or one.at >= before or one.status == state.status]


def _turns(parcel: Parcel, state: State) -> list[Entry]:
    """Of a parcel that comes back every turn is told: also into trouble a second time, and out of it again."""
    news = _news(parcel, state)
    is_told = (state.status, state.reason) == (parcel.status, parcel.reason)
    if state.at is None or is_told or any(entry.status == state.status for entry in news):
        return news
    return [*news, Entry(state.status, state.at, state.reason)]


def _take_on(parcel: Parcel, state: State, zone_name: str) -> None:
    parcel.last_scan_at, parcel.carrier_delayed = state.last_at or parcel.last_scan_at, state.delayed
    parcel.status, parcel.status_at, parcel.reason, parcel.detail = state.status, state.at, state.reason, state.detail
    parcel.delivered_at = state.delivered_at
    parcel.delivered_on = day_in(state.delivered_at, zone_name) if state.delivered_at else None
    parcel.finished_at = state.at if parcel.is_finished else None
    parcel.unknown_number = parcel.unknown_number and state.status not in states.HANDED_OVER
    parcel.late = _late(parcel)
    parcel.told = list(dict.fromkeys([*parcel.told, *(entry.status for entry in state.entries)]))


def _handed_over_at(scans: Iterable[Scan]) -> datetime | None:
    """As the shop says."""
    told = (scan.occurred_at for scan in scans if scan.source == FROM_SHOP and scan.status == states.LABEL_CREATED)
    return min(told, default=None)


def _late(parcel: Parcel) -> bool | None:
    if parcel.delivered_on is None or parcel.promised_on is None:
        return None
    return states.is_late(parcel.delivered_on, parcel.promised_on)


def _save(moved: Sequence[Parcel]) -> None:
    """One statement for all of them: an insert that finds each row there already."""
    Parcel.objects.bulk_create(moved, update_conflicts=True, unique_fields=["id"], update_fields=_SAVED)


def _events(parcel: Parcel, entry: Entry, call: _Call) -> Iterable[ShopperEvent]:
    old = call.is_old(entry.at)
    if parcel.comes_back:
        yield _back(parcel, entry, old)
        return
    if entry.status in states.HANDED_OVER and SHIPPED not in parcel.told:
        parcel.told = [*parcel.told, SHIPPED]
        yield ParcelShipped(
            **parcel.shopper_ids(),
            occurred_at=entry.at,
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            old=old,
        )
        if entry.status == states.PICKED_UP:
            return
    yield _event(parcel, entry, old)


def _back(parcel: Parcel, entry: Entry, old: bool) -> ReturnParcelMoved:
    return ReturnParcelMoved(
        store_id=parcel.store_id,
        customer_id=parcel.order.customer_id,
        order_id=parcel.order_id,
        occurred_at=entry.at,
        return_parcel_id=parcel.return_parcel_id or 0,
        status=entry.status,
        reason=entry.reason,
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        old=old,
    )


_PLAIN: Mapping[str, type[ParcelOutForDelivery | ParcelReturned]] = {
    states.OUT_FOR_DELIVERY: ParcelOutForDelivery,
    states.RETURNED: ParcelReturned,
}


def _event(parcel: Parcel, entry: Entry, old: bool) -> ShopperEvent:
    about = parcel.shopper_ids() | {"occurred_at": entry.at, "old": old}
    match entry.status:
        case states.AVAILABLE_FOR_PICKUP:
            return ParcelAwaitsPickup(**about, until=_day(parcel.pickup.get("until", "")))
        case states.ATTEMPTED:
            return ParcelAttempted(**about, reason=entry.reason)
        case states.EXCEPTION:
            return ParcelRanIntoTrouble(**about, reason=entry.reason)
        case states.DELIVERED:
            return ParcelDelivered(
                **about,
                carrier=parcel.carrier,
                tracking_number=parcel.tracking_number,
                promised_on=parcel.promised_on,
                delivered_on=parcel.delivered_on,
                late=parcel.late,
            )
    plain = _PLAIN.get(entry.status)
    return plain(**about) if plain else ParcelMoved(**about, status=entry.status)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
