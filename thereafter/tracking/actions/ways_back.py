"""Parcels of returns: what shoppers send back is followed, and what leaves in exchange is a parcel of the order."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from thereafter.commerce.models import Order
from thereafter.events.returns import ExchangeShipped, ReturnParcelSent
from thereafter.stores.models import Store
from thereafter.tracking import forecasting
from thereafter.tracking.actions.corrections import recognise
from thereafter.tracking.actions.parcels import hand_over, lock_orders, new_parcel, send_off, wake
from thereafter.tracking.actions.promises import promise
from thereafter.tracking.models import Parcel, Promise, Scan
from thereafter.tracking.queries import settings_of
from thereafter.tracking.rules.scans import carrier_key, number_key, plain

# People tell a number days after they were at the post office; older scans are of another parcel.
REACH = timedelta(days=12)
EXCHANGE, OTHER_NUMBER = "exchange", "other_number"


@transaction.atomic
def follow_back(store: Store, sent: Sequence[ReturnParcelSent], now: datetime) -> int:
    """Follows the parcels that come back from now on, or under their new number; returns how many were new. Told
    again, it changes nothing."""
    orders = _orders(store, [event.order_id for event in sent])
    latest = {event.return_parcel_id: event for event in sent if event.order_id in orders and _key(event)}
    known = Parcel.all_ways.of(store).filter(return_parcel_id__in=latest).select_for_update(of=("self",))
    followed = {parcel.return_parcel_id: parcel for parcel in known.select_related("order").order_by("pk")}
    going_out = _going_out(store, orders)
    fresh = [
        _comes_back(event, orders[event.order_id or 0])
        for pk, event in latest.items()
        # One that the shopper never took goes back under its own number: the outbound parcel tells of that.
        if pk not in followed and (event.order_id, _key(event)) not in going_out
    ]
    recognise(store, fresh)
    Parcel.objects.bulk_create(fresh)
    renumbered = [one for pk, one in followed.items() if pk and _renumber(one, latest[pk])]
    wake(store, [*fresh, *renumbered], now)
    return len(fresh)


def _orders(store: Store, ids: Sequence[int | None]) -> Mapping[int, Order]:
    wanted = Order.objects.of(store).filter(pk__in={pk for pk in ids if pk})
    lock_orders(wanted)
    return {order.pk: order for order in wanted}


def _key(event: ReturnParcelSent | ExchangeShipped) -> str:
    return number_key(event.tracking_number)


def _going_out(store: Store, orders: Mapping[int, Order]) -> set[tuple[int | None, str]]:
    return set(Parcel.objects.of(store).filter(order_id__in=orders).values_list("order_id", "number_key"))


def _comes_back(event: ReturnParcelSent, order: Order) -> Parcel:
    parcel = Parcel(
        store_id=order.store_id,
        order=order,
        return_parcel_id=event.return_parcel_id,
        # As it is written, and not as a lane: nothing is forecast of it.
        destination="-".join(part for part in (event.to_country.upper(), event.to_postcode.strip()) if part)[:64],
        ordered_at=event.occurred_at - REACH,
    )
    _name(parcel, event)
    return parcel


def _name(parcel: Parcel, event: ReturnParcelSent) -> None:
    parcel.carrier, parcel.carrier_key = plain(event.carrier, 60), carrier_key(event.carrier)
    parcel.tracking_number, parcel.number_key = plain(event.tracking_number, 80), _key(event)


def _renumber(parcel: Parcel, event: ReturnParcelSent) -> bool:
    """The shopper had mistyped it: what was heard under the other number was of somebody else's parcel."""
    if parcel.number_key == _key(event):
        return False
    Scan.objects.of(parcel.store_id).filter(parcel=parcel).update(ignored=OTHER_NUMBER)
    blank = Parcel(store_id=parcel.store_id, order=parcel.order, ordered_at=parcel.ordered_at)
    for field in _OF_A_NUMBER:
        setattr(parcel, field, getattr(blank, field))
    _name(parcel, event)
    recognise(parcel.order.store, [parcel])
    parcel.save(update_fields=[*_OF_A_NUMBER, "carrier", "carrier_key", "tracking_number", "number_key"])
    return True


_OF_A_NUMBER = [
    "carrier_by", "next_carrier", "next_number", "next_key", "service", "status", "status_at", "reason", "detail",
    "told", "shipped_at", "delivered_at", "delivered_on", "finished_at", "carrier_from", "carrier_to",
    "last_scan_at", "carrier_delayed", "pickup", "proof", "unknown_number",
]  # fmt: skip


@transaction.atomic
def follow_exchanges(store: Store, shipped: Sequence[ExchangeShipped], now: datetime) -> int:
    """Makes a parcel of the order of what left in exchange, with a promise of its own; returns how many. The shop may
    tell of it as well, and then it is that one."""
    orders = _orders(store, [event.order_id for event in shipped])
    promise(store, set(orders), now)
    known = _known(store, orders)
    made: list[tuple[Parcel, Promise]] = []
    for event in shipped:
        order = orders.get(event.order_id or 0)
        if order is None or not known.isdisjoint(_marks(event)):
            continue
        known |= _marks(event)
        made.append(_goes_out(event, order, now))
    if made:
        send_off(store, [parcel for parcel, _ in made], now)
        _keep(store, made)
    return len(made)


_Mark = tuple[int | None, str, datetime | None]


def _known(store: Store, orders: Mapping[int, Order]) -> set[_Mark]:
    """By its number, and one without by when it left."""
    rows = Parcel.objects.of(store).filter(order_id__in=orders).values_list("order_id", "number_key", "ordered_at")
    return {(order_id, number, None if number else at) for order_id, number, at in rows}


def _marks(event: ExchangeShipped) -> set[_Mark]:
    number = _key(event)
    return {(event.order_id, number, None if number else event.occurred_at)}


def _goes_out(event: ExchangeShipped, order: Order, now: datetime) -> tuple[Parcel, Promise]:
    """What is promised of it is reckoned from when it left, not from when the order was placed."""
    settings, known = settings_of(order.store), forecasting.learnt(order.store)
    passage = forecasting.of_order(order, known, settings)._replace(ordered_at=event.occurred_at)
    if event.carrier:
        passage = passage._replace(carrier=carrier_key(event.carrier))
    (found,) = forecasting.when_ordered(forecasting.house_of(order.store, settings), known, [passage], now)
    promised = Promise(
        store_id=order.store_id,
        order=order,
        promised_on=found.promised,
        expected_from=min(found.first, found.promised),
        expected_to=min(found.last, found.promised),
        likely_on=min(found.likely, found.promised),
        coverage=found.coverage,
        cause=EXCHANGE,
        source=found.source,
        lane=found.lane,
        made_at=now,
    )
    parcel = new_parcel(order, promised, carrier=event.carrier, number=event.tracking_number)
    parcel.ordered_at = event.occurred_at
    hand_over(parcel, event.occurred_at)
    return parcel, promised


def _keep(store: Store, made: Sequence[tuple[Parcel, Promise]]) -> None:
    """Estimates of the parcel may have been made meanwhile; the promise comes after them, and counts by its cause."""
    ids = {promised.order_id for _, promised in made}
    rows = Promise.objects.of(store).filter(order_id__in=ids).order_by()
    last = dict(rows.values_list("order_id").annotate(Max("sequence")))
    for parcel, promised in made:
        last[promised.order_id] = last.get(promised.order_id, 0) + 1
        promised.parcel, promised.sequence = parcel, last[promised.order_id]
    Promise.objects.bulk_create([promised for _, promised in made])
