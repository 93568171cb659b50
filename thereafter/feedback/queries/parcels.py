"""Where the parcels of orders are, as the timeline tells."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from thereafter.timeline.models import Entry


def _delivered(payload: Mapping[str, Any]) -> str:
    day = payload.get("delivered_on")
    when = f" on {date.fromisoformat(day):%-d %B}" if day else ""
    return f"Delivered{when}, late" if payload.get("late") else f"Delivered{when}"


_WORDS: Mapping[str, str] = {
    "parcel.shipped": "On its way",
    "parcel.moved": "On its way",
    "parcel.out_for_delivery": "Out for delivery",
    "parcel.available_for_pickup": "Waits to be picked up",
    "parcel.attempted": "Delivery was tried",
    "parcel.exception": "In trouble with the carrier",
    "parcel.late": "On its way, late",
    "parcel.returned": "Went back to the shop",
}
DELIVERED = "parcel.delivered"


def where_parcels_are(store_id: int, order_ids: Collection[int]) -> dict[int, str]:
    """The newest news of each order's parcels in the shop's words; orders of which nothing has left are missing."""
    if not order_ids:
        return {}
    names = [*_WORDS, DELIVERED]
    told = Entry.objects.of(store_id).filter(order_id__in=order_ids, name__in=names).order_by("occurred_at", "id")
    return {
        order_id: _delivered(payload) if name == DELIVERED else _WORDS[name]
        for order_id, name, payload in told.values_list("order_id", "name", "payload")
        if order_id
    }
