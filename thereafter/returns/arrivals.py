"""When the goods of orders left and came, line by line, in days of the shop's zone.

Which parcel a line is in is known by its fulfilment, and the parcel of a fulfilment by its number. Where that does not
tell, a line has come only when as many parcels have come as were sent, and counts from the last of them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from thereafter.commerce.models import Fulfilment, FulfilmentLine, Order, OrderLine
from thereafter.events.parcels import ParcelDelivered, ParcelShipped
from thereafter.kit.clock import day_in
from thereafter.returns.models import NewGoods
from thereafter.timeline.models import Entry

_CANCELLED = "cancelled"


class Arrival(NamedTuple):
    """`shipped` units of a line; `delivered_on` only when all of them have come."""

    shipped: int = 0
    fulfilled_on: date | None = None
    delivered_on: date | None = None


class _Parcels(NamedTuple):
    """What the log tells of an order: the day each number came, and each parcel."""

    by_number: Mapping[str, date]
    days: tuple[date, ...]


NOTHING = _Parcels({}, ())


def arrivals(
    store_id: int, zone: str, orders: Collection[Order], lines: Mapping[int, Collection[OrderLine]]
) -> dict[int, Arrival]:
    """By line id."""
    ids = [order.pk for order in orders]
    fulfilments: dict[int, list[Fulfilment]] = defaultdict(list)
    sent = Fulfilment.objects.of(store_id).filter(order_id__in=ids).exclude(status=_CANCELLED)
    for one in sent.order_by("shipped_at", "id"):
        fulfilments[one.order_id].append(one)
    contents: dict[int, dict[int, int]] = defaultdict(dict)
    rows = FulfilmentLine.objects.of(store_id).filter(fulfilment__order_id__in=ids)
    for line_id, fulfilment_id, quantity in rows.values_list("line_id", "fulfilment_id", "quantity"):
        contents[line_id][fulfilment_id] = quantity
    parcels = _parcels(store_id, zone, ids)
    found: dict[int, Arrival] = {}
    for order in orders:
        told = parcels.get(order.pk, NOTHING)
        came = {one.pk: day for one, day in _came(fulfilments[order.pk], told)}
        for line in lines.get(order.pk, ()):
            own = [one for one in fulfilments[order.pk] if one.pk in contents[line.pk]]
            found[line.pk] = _of_line(own, came, contents[line.pk], zone) if own else _unsaid(order, line, told, zone)
    return found


def _parcels(store_id: int, zone: str, order_ids: Collection[int]) -> dict[int | None, _Parcels]:
    """From the log; what went out in place of goods that came back is none of these."""
    names = (ParcelShipped.name, ParcelDelivered.name)
    rows = Entry.objects.of(store_id).filter(order_id__in=order_ids, name__in=names)
    numbers: dict[int, str] = {}
    days: dict[int | None, dict[int, date]] = defaultdict(dict)
    for name, order_id, at, payload in rows.order_by("id").values_list("name", "order_id", "occurred_at", "payload"):
        parcel = payload.get("parcel_id", 0)
        # Older entries of a delivery do not name the number; the one of the shipment does.
        numbers[parcel] = payload.get("tracking_number") or numbers.get(parcel, "")
        if name == ParcelDelivered.name:
            told = payload.get("delivered_on")
            days[order_id][parcel] = date.fromisoformat(told) if told else day_in(at, zone)
    instead = _replacements(store_id, order_ids)
    found: dict[int | None, _Parcels] = {}
    for order_id, by_parcel in days.items():
        own = {parcel: day for parcel, day in by_parcel.items() if numbers[parcel] not in instead}
        by_number = {numbers[parcel]: day for parcel, day in own.items() if numbers[parcel]}
        found[order_id] = _Parcels(by_number, tuple(own.values()))
    return found


def _replacements(store_id: int, order_ids: Collection[int]) -> set[str]:
    rows = NewGoods.objects.of(store_id).filter(case__order_id__in=order_ids).exclude(tracking_number="")
    return set(rows.values_list("tracking_number", flat=True))


def _came(fulfilments: Collection[Fulfilment], told: _Parcels) -> list[tuple[Fulfilment, date]]:
    """The day each fulfilment came, of those that have."""
    last = max(told.days) if told.days and len(told.days) >= len(fulfilments) else None
    days = ((one, told.by_number.get(one.tracking_number, last)) for one in fulfilments)
    return [(one, day) for one, day in days if day]


def _of_line(own: Collection[Fulfilment], came: Mapping[int, date], units: Mapping[int, int], zone: str) -> Arrival:
    days = [came[one.pk] for one in own if one.pk in came]
    return Arrival(
        shipped=sum(units[one.pk] for one in own),
        fulfilled_on=max(day_in(one.shipped_at, zone) for one in own),
        delivered_on=max(days) if len(days) == len(own) else None,
    )


def _unsaid(order: Order, line: OrderLine, told: _Parcels, zone: str) -> Arrival:
    """Of an order whose fulfilments nobody told: what is known is that a parcel came, or that all was sent."""
    if order.status != Order.Status.FULFILLED and not told.days:
        return Arrival()
    came = max(told.days, default=None)
    return Arrival(line.quantity, came or day_in(order.placed_at, zone), came)
