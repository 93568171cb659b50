"""Shopify's `fulfillment_events/create` webhook: what its carriers told the shop."""

from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.commerce.webhooks import Call, is_base64_signed
from thereafter.tracking.carriers import reading
from thereafter.tracking.carriers.adapter import Adapter, Meaning, Parsed
from thereafter.tracking.carriers.names import country_of
from thereafter.tracking.carriers.reading import name, place, text
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.rules.states import (
    ATTEMPTED,
    AVAILABLE_FOR_PICKUP,
    DELIVERED,
    EXCEPTION,
    IN_TRANSIT,
    LABEL_CREATED,
    OUT_FOR_DELIVERY,
    PICKED_UP,
    RETURNING,
)

CODES: Mapping[str, Meaning] = {
    "CONFIRMED": Meaning(LABEL_CREATED),
    "LABEL_PURCHASED": Meaning(LABEL_CREATED),
    "LABEL_PRINTED": Meaning(LABEL_CREATED),
    "CARRIER_PICKED_UP": Meaning(PICKED_UP),
    "IN_TRANSIT": Meaning(IN_TRANSIT),
    "OUT_FOR_DELIVERY": Meaning(OUT_FOR_DELIVERY),
    "READY_FOR_PICKUP": Meaning(AVAILABLE_FOR_PICKUP),
    "READY_FOR_RECIPIENT_PICKUP": Meaning(AVAILABLE_FOR_PICKUP),
    "ATTEMPTED_DELIVERY": Meaning(ATTEMPTED),
    "BUYER_ACTION_REQUIRED": Meaning(EXCEPTION, reason="other"),
    "FAILURE": Meaning(EXCEPTION, reason="other"),
    "DELAYED": Meaning("", delayed=True),
    "DELIVERED": Meaning(DELIVERED),
    "PICKED_UP": Meaning(DELIVERED, detail="picked_up_by_customer"),
    "RETURNING_TO_SENDER": Meaning(RETURNING),
}


def parse(topic: str, body: str) -> Parsed:
    """One parcel with one scan; raises `BadScan`."""
    event = reading.json_document(body)
    fulfilment, status, happened_at = (text(event, part) for part in ("fulfillment_id", "status", "happened_at"))
    if not (fulfilment and status and happened_at):
        raise BadScan("bad_document: not a Shopify fulfillment event: it needs fulfillment_id, status and happened_at")
    arrives = reading.expected(text(event, "estimated_delivery_at"))
    return [
        ParcelDoc(
            fulfilment=name(event, "fulfillment_id"),
            expected_from=arrives,
            expected_to=arrives,
            scans=[reading.raw(_scan(event, status, happened_at))],
        )
    ]


def _scan(event: dict[str, Any], status: str, happened_at: str) -> ScanDoc:
    return ScanDoc(
        occurred_at=reading.when(happened_at),
        id=name(event, "id"),
        code=status,
        text=text(event, "message"),
        place=place(text(event, "city"), text(event, "province"), text(event, "country")),
        country=country_of(text(event, "country")),
        **reading.meaning(CODES, status)._asdict(),
    )


def verify(secrets: Sequence[str], call: Call) -> bool:
    return is_base64_signed(secrets, call.headers.get("x-shopify-hmac-sha256", ""), call.body)


def delivery_id(call: Call) -> str:
    return call.headers.get("x-shopify-webhook-id", "")


ADAPTER = Adapter(
    code="shopify",
    name="Shopify",
    kind="shop",
    parse=parse,
    codes=CODES,
    verify=verify,
    delivery_id=delivery_id,
    their_secret=True,
)
