"""Our statuses in plain English, for the console."""

from datetime import date
from typing import Any

from thereafter.tracking.models import Parcel
from thereafter.tracking.rules import flags

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
# What shoppers report.
PROBLEM = {
    "damaged": "Something is damaged",
    "wrong": "Not what was ordered",
    "missing": "Something is missing",
    "not_received": "Parcel not received",
    "address": "The address is wrong",
    "other": "Something else",
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
_REPORTED = {
    "damaged": "Shopper: damaged",
    "wrong": "Shopper: wrong item",
    "missing": "Shopper: something missing",
    "not_received": "Shopper: not received",
    "address": "Shopper: wrong address",
    "other": "Shopper wrote",
}
_EXCEPTIONS = {
    "carrier_damaged": "Damaged",
    "carrier_lost": "Lost",
    "carrier_sorting": "Missorted",
    "carrier_vehicle": "Breakdown",
    "carrier_capacity": "Carrier overloaded",
    "consignee_refused": "Refused",
    "consignee_not_home": "Nobody at home",
    "consignee_bad_address": "Address not found",
    "consignee_business_closed": "Business closed",
    "consignee_unclaimed": "Not picked up",
    "customs_hold": "Held by customs",
    "customs_documents": "Customs: papers missing",
    "customs_duties_unpaid": "Duties unpaid",
    "customs_prohibited": "Stopped by customs",
    "weather": "Weather",
    "payment_due": "Payment due",
    "misdelivered": "Delivered elsewhere",
    "merchant": "Stopped by the shop",
}
_DELAYED = {flags.CARRIER: "Carrier says later", flags.PREDICTED: "Likely late", flags.SILENCE: "No news for too long"}
_STALLED = {flags.FULFILMENT: "Not sent yet", flags.PRE_TRANSIT: "Label made, never scanned", flags.TRANSIT: "Stalled"}
_PLAIN = {
    flags.OVERDUE: "Promised day is over",
    flags.ATTEMPTED: "Missed at the door",
    flags.RETURNING: "Coming back",
    flags.INVALID_NUMBER: "Carrier does not know the number",
    flags.POLLING_EXPIRED: "Carrier has no news",
}


def flag_words(kind: str, cause: str) -> str:
    """What a flag says, in a few words."""
    match kind:
        case flags.REPORTED:
            return _REPORTED.get(cause, "Shopper reported a problem")
        case flags.EXCEPTION:
            return reason_words(cause) or "Exception"
        case flags.DELAYED:
            return _DELAYED.get(cause, "Delayed")
        case flags.STALLED:
            return _STALLED.get(cause, "Stalled")
    return _PLAIN[kind]


def reason_words(reason: str) -> str:
    """Why a carrier cannot go on; nothing when it did not say."""
    return _EXCEPTIONS.get(reason, "")


def row_facts(parcel: Parcel, today: date) -> dict[str, Any]:
    late = bool(parcel.late) or parcel.is_overdue(today)
    return {"parcel": parcel, "status": STATUS[parcel.status], "tone": TONES.get(parcel.status, "info"), "late": late}
