"""Our statuses in plain English, for the console."""

from datetime import date
from typing import Any

from thereafter.tracking.models import Parcel

STATUS = {
    "unknown": "No news yet",
    "label_created": "Handed over by the shop",
    "picked_up": "Picked up",
    "in_transit": "In transit",
    "out_for_delivery": "Out for delivery",
    "available_for_pickup": "Ready for pickup",
    "attempted": "Delivery attempted",
    "exception": "Exception",
    "delivered": "Delivered",
    "returning": "Coming back",
    "returned": "Back at the sender",
    "cancelled": "Cancelled",
}
TONES = {
    "delivered": "good",
    "exception": "bad",
    "attempted": "warn",
    "returning": "warn",
    "returned": "neutral",
    "cancelled": "neutral",
    "unknown": "neutral",
}


def row_facts(parcel: Parcel, today: date) -> dict[str, Any]:
    late = bool(parcel.late) or parcel.is_overdue(today)
    return {"parcel": parcel, "status": STATUS[parcel.status], "tone": TONES.get(parcel.status, "info"), "late": late}
