"""Estimates that move while the promise stays: on every scan, on the carrier's own date, and when nothing is heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from thereafter.events.base import ShopperEvent
from thereafter.events.parcels import DeliveryEstimateMoved
from thereafter.kit.clock import day_in
from thereafter.storefront.actions import drop_documents
from thereafter.stores.models import Store
from thereafter.timeline.log import record
from thereafter.tracking import forecasting
from thereafter.tracking.actions.flags import FLAG_FIELDS, settle
from thereafter.tracking.forecasting import Learnt
from thereafter.tracking.models import Parcel, Promise
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules import estimates, silence, states
from thereafter.tracking.rules.calendars import add_working_days
from thereafter.tracking.rules.estimates import Estimate
from thereafter.tracking.rules.settings import Settings
from thereafter.tracking.rules.settings import carrier as carrier_settings
from thereafter.tracking.rules.zones import zone_at

ESTIMATE_FIELDS = ["expected_from", "expected_to", "likely_on", "carrier_first_to", "late_chance"]
SCAN, SILENCE, FROM_CARRIER = "scan", "silence", "carrier"
# Whoever waits for longer than this is helped by people, not by estimates.
LONGEST_WAIT = timedelta(days=120)
MOST_AT_ONCE = 2_000
# A promise further off than this is hardly ever missed for what is known today, so it can wait for its turn.
NEAR = timedelta(days=10)
# Waiting to be fetched or on its way back, a parcel has no day any more.
_COMING = frozenset(states.RANKS) - states.FINISHED - {states.AVAILABLE_FOR_PICKUP, states.RETURNING}


def reestimate(
    store: Store, parcels: Sequence[Parcel], settings: Settings, now: datetime, cause: str
) -> list[ShopperEvent]:
    """Estimates these parcels anew, in place, and keeps what a shopper is shown from now on; returns the events to
    record. The caller saves `ESTIMATE_FIELDS`; parcels carry their `order`."""
    for parcel in parcels:
        parcel.carrier_first_to = parcel.carrier_first_to or parcel.carrier_to
    coming = [parcel for parcel in parcels if parcel.status in _COMING]
    for parcel in parcels:
        if parcel.status not in _COMING:
            parcel.late_chance = None
    if not coming:
        return []
    call = _Call(store, settings, forecasting.learnt(store), now, cause)
    fresh = _fresh(coming, call)
    moved = [_Move(parcel, one, shown) for parcel, one in fresh if (shown := _news(parcel, one, call)) is not None]
    for move in moved:
        move.parcel.expected_from, move.parcel.expected_to = move.fresh.first, move.fresh.last
        move.parcel.likely_on = move.fresh.likely
    _append(moved, call)
    drop_documents(store.pk, {move.parcel.order_id for move in moved})
    return [_told(move, call) for move in moved if estimates.is_noticed(move.shown, move.fresh)]


@dataclass(frozen=True, slots=True)
class _Call:
    store: Store
    settings: Settings
    known: Learnt
    now: datetime
    cause: str

    def today(self, parcel: Parcel) -> date:
        """Where the parcel goes."""
        return self.now.astimezone(zone_at(parcel.destination, self.store.time_zone)).date()


@dataclass(frozen=True, slots=True)
class _Move:
    """A parcel, what we think now, and what was shown until now."""

    parcel: Parcel
    fresh: Estimate
    shown: tuple[date, date]


def _fresh(parcels: Sequence[Parcel], call: _Call) -> list[tuple[Parcel, Estimate]]:
    house = forecasting.house_of(call.store, call.settings)
    passages = [forecasting.of_parcel(parcel, call.known) for parcel in parcels]
    found, chances = forecasting.on_the_way(house, call.known, passages, call.now)
    fresh = []
    for parcel, ours, chance in zip(parcels, found, chances, strict=True):
        one = _on_the_van(parcel, call) or _of_carrier(parcel, ours, call) or _not_again_today(parcel, ours, call)
        # On the van no later than promised, nothing speaks for a delay.
        in_time = parcel.status == states.OUT_FOR_DELIVERY and one.last <= (parcel.promised_on or one.last)
        parcel.late_chance = 0.0 if in_time and chance is not None else chance
        fresh.append((parcel, one))
    return fresh


def _on_the_van(parcel: Parcel, call: _Call) -> Estimate | None:
    """It comes on the day it was loaded; when that is over, we are back to what usually happens."""
    today = call.today(parcel)
    if parcel.status != states.OUT_FOR_DELIVERY or parcel.status_at is None:
        return None
    loaded = parcel.status_at.astimezone(zone_at(parcel.destination, call.store.time_zone)).date()
    return Estimate(today, today, today, today, estimates.CARRIER) if loaded == today else None


def _not_again_today(parcel: Parcel, ours: Estimate, call: _Call) -> Estimate:
    """Who was at the door in vain comes again on another day."""
    today = call.today(parcel)
    if parcel.status != states.ATTEMPTED or ours.first > today:
        return ours
    carrier = carrier_settings(call.settings, parcel.carrier_key)
    country = parcel.destination.partition("-")[0] or call.store.country
    again = add_working_days(
        today + timedelta(days=1), 0, silence.of_carrier(carrier, carrier.delivery_weekdays, country)
    )
    return replace(ours, first=again, likely=max(ours.likely, again), last=max(ours.last, again))


def _of_carrier(parcel: Parcel, ours: Estimate, call: _Call) -> Estimate | None:
    """The carrier's own day, where it may be trusted more than ours."""
    last = parcel.carrier_to
    if last is None or last < call.today(parcel) or not _trusts(parcel, ours, call):
        return None
    first = max(min(parcel.carrier_from or last, last), call.today(parcel))
    return Estimate(first, last, last if first == last else first + (last - first) // 2, last, estimates.CARRIER)


def _trusts(parcel: Parcel, ours: Estimate, call: _Call) -> bool:
    """As the merchant says; else where its days were better than ours, and while ours are mere guesses."""
    wish = call.settings.dates.carrier
    if wish != "auto":
        return wish == "always"
    measured = call.known.told("trusted_carriers")
    return parcel.carrier_key in measured or ours.source in {estimates.DEFAULT, estimates.CALENDAR}


def _news(parcel: Parcel, fresh: Estimate, call: _Call) -> tuple[date, date] | None:
    """What the shopper sees now, if that is to change."""
    first, last = parcel.expected_from, parcel.expected_to
    if first is None or last is None:
        return (date.max, date.max)
    shown = estimates.from_today(first, last, call.today(parcel))
    return shown if estimates.is_news(shown, fresh, quiet=call.cause == SILENCE) else None


def _append(moved: Sequence[_Move], call: _Call) -> None:
    """One row each. The promise of the order is locked, so that two parcels of one order count on in turn."""
    if not moved:
        return
    ids = {move.parcel.order_id for move in moved}
    rows = Promise.objects.of(call.store).filter(order_id__in=ids)
    promised = dict(
        rows.filter(sequence=0).select_for_update().order_by("order_id").values_list("order_id", "promised_on")
    )
    last = dict(rows.values_list("order_id").annotate(Max("sequence")).values_list("order_id", "sequence__max"))
    new = []
    for move in moved:
        last[move.parcel.order_id] = last.get(move.parcel.order_id, 0) + 1
        new.append(_row(move, last[move.parcel.order_id], promised, call))
    Promise.objects.bulk_create(new)


def _row(move: _Move, sequence: int, promised: Mapping[int, date], call: _Call) -> Promise:
    parcel, fresh = move.parcel, move.fresh
    return Promise(
        store_id=parcel.store_id,
        order_id=parcel.order_id,
        parcel=parcel,
        sequence=sequence,
        promised_on=parcel.promised_on or promised.get(parcel.order_id) or fresh.last,
        expected_from=fresh.first,
        expected_to=fresh.last,
        likely_on=fresh.likely,
        coverage=fresh.coverage,
        cause=FROM_CARRIER if fresh.source == estimates.CARRIER else call.cause,
        source=fresh.source,
        lane=fresh.lane,
        made_at=call.now,
    )


def _told(move: _Move, call: _Call) -> DeliveryEstimateMoved:
    parcel = move.parcel
    heard = parcel.last_scan_at or call.now
    return DeliveryEstimateMoved(
        **parcel.shopper_ids(),
        occurred_at=call.now,
        expected_from=move.fresh.first,
        expected_to=move.fresh.last,
        promised_on=parcel.promised_on,
        cause=call.cause,
        old=call.cause != SILENCE and call.now - heard > timedelta(hours=call.settings.notify_within_hours),
    )


def look_ahead(store: Store, now: datetime) -> int:
    """Looks once more at the parcels that time alone makes later: those whose promise is near, whose range is over or
    that were likely to be late; returns how many."""
    seen, last = 0, 0
    while parcels := _look_ahead(store, now, after=last):
        seen, last = seen + len(parcels), parcels[-1].pk
    return seen


@transaction.atomic
def _look_ahead(store: Store, now: datetime, after: int) -> list[Parcel]:
    """The next parcels by their number."""
    today = day_in(now, store.time_zone)
    near = Q(promised_on__lte=today + NEAR) | Q(promised_on=None) | Q(expected_to__lte=today) | Q(late_chance__gt=0.1)
    open_ones = Parcel.objects.of(store).on_the_way().filter(near, pk__gt=after, ordered_at__gt=now - LONGEST_WAIT)
    rows = open_ones.order_by("pk").select_for_update(of=("self",)).select_related("order")
    parcels = list(rows[:MOST_AT_ONCE])
    if not parcels:
        return []
    settings = settings_of(store)
    before = {parcel.pk: _kept(parcel) for parcel in parcels}
    events = reestimate(store, parcels, settings, now, SILENCE)
    events += settle(store, parcels, settings, now)
    changed = [parcel for parcel in parcels if _kept(parcel) != before[parcel.pk]]
    Parcel.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_SAVED)
    drop_documents(store.pk, {parcel.order_id for parcel in changed})
    record(*events)
    return parcels


_SAVED = [*ESTIMATE_FIELDS, *FLAG_FIELDS]


def _kept(parcel: Parcel) -> list[object]:
    return [getattr(parcel, field) for field in _SAVED]
