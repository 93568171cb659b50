"""WooCommerce: what TrackShip for WooCommerce told the shop, in the order's meta data or as it calls by itself.

The parcels themselves come with the order: Shipment Tracking and AST write them into `_wc_shipment_tracking_items`, and
`commerce.connectors.woocommerce` makes a fulfilment of each.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.commerce.webhooks import Call, is_base64_signed
from thereafter.tracking.carriers import reading
from thereafter.tracking.carriers.adapter import Adapter, Meaning, Parsed
from thereafter.tracking.carriers.names import carrier_code, country_of
from thereafter.tracking.carriers.reading import at, first, name, place, rows, text
from thereafter.tracking.documents import ParcelDoc, ScanDoc
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.rules.states import (
    ATTEMPTED,
    AVAILABLE_FOR_PICKUP,
    CANCELLED,
    DELIVERED,
    EXCEPTION,
    IN_TRANSIT,
    LABEL_CREATED,
    OUT_FOR_DELIVERY,
    RETURNING,
)

ITEMS, NEWS = "_wc_shipment_tracking_items", ("shipment_status", "ts_shipment_status")
CODES: Mapping[str, Meaning] = {
    "PENDING": Meaning(""),
    "PENDING_TRACKSHIP": Meaning(""),
    "UNKNOWN": Meaning(""),
    "CARRIER_UNSUPPORTED": Meaning(""),
    "WRONG_SHIPPING_PROVIDER": Meaning(""),
    "INVALID_TRACKING": Meaning(""),
    "INVALID_TRACKING_NUM": Meaning(""),
    "EXPIRED": Meaning(""),
    "PRE_TRANSIT": Meaning(LABEL_CREATED),
    "LABEL_CANCELLED": Meaning(CANCELLED),
    "CANCELLED": Meaning(CANCELLED),
    "IN_TRANSIT": Meaning(IN_TRANSIT),
    "ON_HOLD": Meaning(EXCEPTION, reason="other"),
    "OUT_FOR_DELIVERY": Meaning(OUT_FOR_DELIVERY),
    "AVAILABLE_FOR_PICKUP": Meaning(AVAILABLE_FOR_PICKUP),
    "DELIVERED": Meaning(DELIVERED),
    "DELIVERY_ATTEMPT": Meaning(ATTEMPTED),
    "FAILURE": Meaning(EXCEPTION, reason="other"),
    "EXCEPTION": Meaning(EXCEPTION, reason="other"),
    "RETURN_TO_SENDER": Meaning(RETURNING),
}


def parse(topic: str, body: str) -> Parsed:
    """One document for each parcel of which there is news; none when the order tells of none."""
    document = reading.json_document(body)
    if text(document, "tracking_number"):
        return reading.parcels([document], _call)
    if not isinstance(document, dict) or not text(document, "id"):
        raise BadScan("bad_document: neither a WooCommerce order nor a call of TrackShip")
    items = _list(_meta(document, ITEMS))
    news = next((found for key in NEWS if (found := _list(_meta(document, key)))), [])
    number = first(name(document, "number"), name(document, "id"))
    return [_parcel(number, item, told) for item, told in zip(items, news, strict=False)] + [
        BadScan(f"bad_document: news of a parcel of order {number} that the shop does not name")
        for _ in news[len(items) :]
    ]


def _meta(order: dict[str, Any], key: str) -> Any:
    return next((at(meta, "value") for meta in rows(order, "meta_data") if text(meta, "key") == key), None)


def _list(found: Any) -> list[Any]:
    """Lists of PHP whose numbers have a gap come as objects, and some plugins write JSON into a text."""
    if isinstance(found, str) and found[:1] in ("[", "{"):
        try:
            found = reading.json_document(found)
        except BadScan:
            return [found]
    if isinstance(found, dict):
        return [found[key] for key in sorted(found, key=lambda key: (len(key), key))]
    return found if isinstance(found, list) else []


def _parcel(order: str, item: Any, told: Any) -> ParcelDoc | BadScan:
    number = name(item, "tracking_number")
    if not number:
        return BadScan(f"bad_document: a parcel of order {order} has no tracking number")
    carrier = first(name(item, "tracking_provider"), name(item, "custom_tracking_provider"))
    arrives = reading.announced(text(told, "est_delivery_date"))
    events = [*_list(at(told, "tracking_events")), *_list(at(told, "tracking_destination_events"))]
    return ParcelDoc(
        carrier=carrier_code(carrier),
        tracking_number=number,
        order=order,
        expected_from=arrives,
        expected_to=arrives,
        scans=reading.scans(events, _event) or _newest(text(told, "status"), text(told, "status_date")),
    )


def _call(call: dict[str, Any]) -> ParcelDoc:
    events = [
        *_list(at(call, "tracking_events") or at(call, "events")),
        *_list(at(call, "tracking_destination_events") or at(call, "destination_events")),
    ]
    arrives = reading.announced(text(call, "tracking_est_delivery_date"))
    moment = first(text(call, "last_event_time"), text(call, "tracking_event_date"))
    return ParcelDoc(
        carrier=carrier_code(name(call, "tracking_provider")),
        tracking_number=name(call, "tracking_number"),
        expected_from=arrives,
        expected_to=arrives,
        scans=reading.scans(events, _event) or _newest(text(call, "tracking_event_status"), moment),
    )


def _newest(status: str, moment: str) -> list[Any]:
    """The status by itself, when the events were left out."""
    if not status:
        return []
    meaning = reading.meaning(CODES, status)
    return [reading.raw(ScanDoc(occurred_at=reading.when(moment), code=status, **meaning._asdict()))]


def _event(event: dict[str, Any]) -> ScanDoc:
    where, status = at(event, "tracking_location"), text(event, "status")
    said = first(text(event, "message"), text(event, "description"))
    return ScanDoc(
        occurred_at=reading.when(text(event, "datetime")),
        code=status,
        text=said,
        place=place(text(where, "city"), text(where, "state"), text(where, "country")),
        country=country_of(text(where, "country")),
        **reading.meaning(CODES, status, words=said)._asdict(),
    )


def verify(secrets: Sequence[str], call: Call) -> bool:
    return is_base64_signed(secrets, call.headers.get("x-wc-webhook-signature", ""), call.body)


ADAPTER = Adapter(
    code="woocommerce_tracking",
    name="WooCommerce with TrackShip",
    kind="shop",
    parse=parse,
    codes=CODES,
    verify=verify,
    steps=(
        "In WooCommerce, open Settings, Advanced, Webhooks, and add one beside those for orders.",
        "Choose the topic Order updated, the address below as delivery URL, and paste the secret below.",
        "TrackShip writes what carriers say into the order; we read it whenever the order changes.",
    ),
)
