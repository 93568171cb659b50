"""Shopify's `fulfillment_events/create` webhook: what its carriers told the shop."""

import msgspec

from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.rules import states
from thereafter.tracking.rules.scans import BadScan

STATUSES = {
    "confirmed": states.LABEL_CREATED,
    "label_purchased": states.LABEL_CREATED,
    "label_printed": states.LABEL_CREATED,
    "carrier_picked_up": states.PICKED_UP,
    "in_transit": states.IN_TRANSIT,
    "out_for_delivery": states.OUT_FOR_DELIVERY,
    "ready_for_pickup": states.AVAILABLE_FOR_PICKUP,
    "ready_for_recipient_pickup": states.AVAILABLE_FOR_PICKUP,
    "attempted_delivery": states.ATTEMPTED,
    "buyer_action_required": states.EXCEPTION,
    "failure": states.EXCEPTION,
    "delayed": states.UNKNOWN,
    "delivered": states.DELIVERED,
    "picked_up": states.DELIVERED,
    "returning_to_sender": states.RETURNING,
}


class Event(msgspec.Struct, kw_only=True):
    fulfillment_id: int
    status: str
    happened_at: str
    id: int
    message: str | None = None
    city: str | None = None
    province: str | None = None
    country: str | None = None


def parse(topic: str, body: str) -> list[ParcelDoc | BadScan]:
    """One parcel with one scan; raises `BadScan`."""
    try:
        event = msgspec.json.decode(body, type=Event, strict=False)
    except msgspec.MsgspecError as wrong:
        raise BadScan(f"bad_document: not a Shopify fulfillment event: {wrong}") from None
    status = STATUSES.get(event.status.lower(), states.UNKNOWN)
    scan = ScanDoc(
        occurred_at=event.happened_at,
        id=str(event.id),
        status=status,
        reason="other" if status == states.EXCEPTION else "",
        code=event.status,
        text=event.message or "",
        place=", ".join(part for part in (event.city, event.province, event.country) if part),
    )
    return [ParcelDoc(fulfilment=str(event.fulfillment_id), scans=[msgspec.Raw(msgspec.json.encode(scan))])]
