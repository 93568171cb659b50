"""What a carrier's word means for a parcel that comes back."""

from collections.abc import Mapping

_LOST = "carrier_lost"
# On its way to the shop, "coming back" is what a return does; "back at the sender" is not: then the shopper has it.
_SAYS: Mapping[str, str] = {
    "label_created": "pre_transit",
    "picked_up": "in_transit",
    "in_transit": "in_transit",
    "out_for_delivery": "in_transit",
    "available_for_pickup": "in_transit",
    "attempted": "in_transit",
    "returning": "in_transit",
    "exception": "exception",
    "returned": "exception",
    "delivered": "delivered",
}


def told(status: str, reason: str = "") -> str:
    """The state of the machine of parcels that a status of tracking leads to; "" for what says nothing."""
    return "lost" if status == "exception" and reason == _LOST else _SAYS.get(status, "")
