"""What a page or a mail shows of an order's parcels, as plain JSON."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from thereafter.commerce.models import Order
from thereafter.tracking import queries
from thereafter.tracking.carrier_pages import carrier_name
from thereafter.tracking.models import Flag, Parcel, Promise
from thereafter.tracking.parcel_facts import Seen, iso, line, on_page, way, web
from thereafter.tracking.rules import estimates, flags, outlook, progress, states

_LEAD = ("headline", "from", "to", "delivered_on", "promised_on", "reason", "late", "trend", "cause")
# How often an open page asks for news, in seconds: on the last day, on the way, before anything has left.
LAST_DAY, ON_THE_WAY, WAITING = 30, 60, 180


def delivery(order: Order, today: date) -> dict[str, Any]:
    """All that is known of the way to the door. Days are where the shop is, scans on the clock of the place."""
    seen = Seen(order.store, queries.settings_of(order.store), today)
    parcels = queries.parcels_of(order)
    ways = [on_page(parcel, at, seen) for at, parcel in enumerate(parcels, 1)]
    first = ways[progress.leading([one["headline"] for one in ways])] if ways else _not_sent(order, seen)
    unsent = _unsent(order, parcels) if ways else []
    return {
        "leads": True,
        "live": _asks_every(order, ways, unsent),
        "number": order.number,
        "placed_at": order.placed_at.isoformat(),
        "lead": {key: first[key] for key in _LEAD} | {"hour": first.get("hour"), "place": first.get("place")},
        "steps": [] if ways or order.is_cancelled else [(*step, None) for step in progress.steps(states.UNKNOWN)],
        "parcels": ways,
        "delivered": sum(one["headline"] == states.DELIVERED for one in ways),
        "unsent": unsent,
        "shown": seen.settings.number_of_scans_shown,
        "subscribe": seen.settings.page.subscribe,
    }


def _asks_every(order: Order, ways: Sequence[dict[str, Any]], unsent: Sequence[object]) -> int:
    """0 when nothing is going to happen any more."""
    open_ways = [one["status"] for one in ways if one["status"] not in states.FINISHED]
    if order.is_cancelled or not (open_ways or unsent or not ways):
        return 0
    if states.OUT_FOR_DELIVERY in open_ways:
        return LAST_DAY
    return ON_THE_WAY if open_ways else WAITING


def help_with(order: Order) -> dict[str, Any]:
    """What may be wrong with an order as it stands, and who helps."""
    parcels = queries.bare_parcels(order.store, [order.pk]).get(order.pk, [])
    statuses = {parcel.status for parcel in parcels}
    page = queries.settings_of(order.store).page
    return {
        "came": states.DELIVERED in statuses,
        "coming": not order.is_cancelled and not (statuses and statuses <= states.FINISHED | {states.RETURNING}),
        "may_move": not parcels or any(parcel.reason == "consignee_bad_address" for parcel in parcels),
        "only": 1 if len(parcels) == 1 else None,
        "returns_url": web(page.returns_url) if states.DELIVERED in statuses else "",
        "chat_url": web(page.chat_url),
        "number": order.number,
        "support_email": order.store.support_email,
    }


def pieces_of_the_shop(order: Order) -> list[dict[str, str]]:
    """What the merchant put on the page."""
    return [
        {
            "title": slot.title,
            "text": slot.text,
            "url": web(slot.url),
            "label": slot.label,
            "image": web(slot.image_url),
        }
        for slot in queries.settings_of(order.store).page.slots
    ]


def _unsent(order: Order, parcels: Sequence[Parcel]) -> list[dict[str, Any]]:
    """What is in no parcel yet; an order whose parcels nobody packed in our books counts as sent."""
    packed: Counter[int] = Counter()
    for parcel in parcels:
        if parcel.status != states.CANCELLED:
            packed.update({item.line_id: item.quantity for item in parcel.items.all()})
    if not packed or order.is_cancelled:
        return []
    lines = order.lines.select_related("product").order_by("id")
    return [line(one, one.quantity - packed[one.pk]) for one in lines if one.quantity > packed[one.pk]]


def _not_sent(order: Order, seen: Seen) -> dict[str, Any]:
    """An order of which nothing has left yet."""
    waits = _waiting(order, queries.latest_promise(order), seen.today)
    stalled = Flag.objects.of(order.store_id).up().filter(order=order, parcel=None, kind=flags.STALLED).exists()
    if not stalled or order.is_cancelled:
        return waits
    return waits | {"trend": waits["trend"] or outlook.MIGHT_BE_LATE, "cause": flags.FULFILMENT}


def _waiting(order: Order, promise: Promise | None, today: date) -> dict[str, Any]:
    if promise is not None:
        first, last, promised_on = promise.expected_from, promise.expected_to, promise.promised_on
    else:
        guess = queries.estimate_for(order)
        first, last, promised_on = guess.first, guess.last, order.promised_on or guess.promised
    late = states.is_overdue(promised_on, today)
    first, last = estimates.from_today(first, last, today)
    if first <= today and not order.is_cancelled:
        # What is not packed yet does not come today, whatever we said when it was ordered.
        first = max(first, queries.soonest_from(order, today))
        last = max(first, last)
    headline = "cancelled" if order.is_cancelled else "late" if late else "preparing"
    return {
        "headline": headline,
        "trend": outlook.LATE if headline == "late" else "",
        "cause": "",
        "from": iso(first),
        "to": iso(last),
        "delivered_on": None,
        "promised_on": iso(promised_on),
        "reason": "",
        "late": late,
    }


def for_messages(orders: Sequence[Order], today: date) -> dict[int, dict[str, Any]]:
    """The little that a mail says of each order's delivery, in three or four reads for all orders of one store."""
    store = orders[0].store
    seen = Seen(store, queries.settings_of(store), today)
    parcels_of = queries.bare_parcels(store, [order.pk for order in orders])
    promises = queries.promises(store, [order.pk for order in orders if order.pk not in parcels_of])
    return {
        order.pk: _in_a_mail(parcels_of[order.pk], seen)
        if order.pk in parcels_of
        else {**_waiting(order, promises.get(order.pk), today), "carrier": "", "tracking_number": "", "parcels": []}
        for order in orders
    }


def _in_a_mail(parcels: Sequence[Parcel], seen: Seen) -> dict[str, Any]:
    """Opens with the parcel that matters most; with several, all are listed."""
    ways = [_of_mail(parcel, seen) for parcel in parcels]
    first = ways[progress.leading([one["headline"] for one in ways])]
    done = sum(one["headline"] == states.DELIVERED for one in ways)
    return {**first, "parcels": ways if len(ways) > 1 else [], "delivered": done}


def _of_mail(parcel: Parcel, seen: Seen) -> dict[str, Any]:
    waits = parcel.status == states.AVAILABLE_FOR_PICKUP
    return {
        **way(parcel, seen),
        "carrier": carrier_name(parcel.carrier),
        "tracking_number": parcel.tracking_number,
        "next_carrier": carrier_name(parcel.next_carrier),
        "next_number": parcel.next_number,
        "pickup": {name: parcel.pickup.get(name, "") for name in ("name", "address", "until")} if waits else {},
    }
