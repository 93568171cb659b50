"""AfterShip Tracking: its webhooks (`tracking_update`, `edd_revise`) and its list of trackings."""

from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.commerce.webhooks import Call, is_base64_signed
from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.names import carrier_code, country_of
from thereafter.tracking.carriers.reading import at, expected, first, name, place, rows, text
from thereafter.tracking.documents import ParcelDoc, Pickup, Proof, ScanDoc
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
    RETURNED,
    RETURNING,
)

HOST = "https://api.aftership.com/tracking/2025-01"
# The nine tags, for a checkpoint without a subtag.
TAGS: Mapping[str, Meaning] = {
    "PENDING": Meaning(""),
    "INFORECEIVED": Meaning(LABEL_CREATED),
    "INTRANSIT": Meaning(IN_TRANSIT),
    "OUTFORDELIVERY": Meaning(OUT_FOR_DELIVERY),
    "ATTEMPTFAIL": Meaning(ATTEMPTED),
    "DELIVERED": Meaning(DELIVERED),
    "AVAILABLEFORPICKUP": Meaning(AVAILABLE_FOR_PICKUP),
    "EXCEPTION": Meaning(EXCEPTION, reason="other"),
    # They stop asking after 30 days of silence; the parcel itself has not changed.
    "EXPIRED": Meaning(""),
}
SUBTAGS: Mapping[str, Meaning] = {
    **{f"PENDING_00{number}": Meaning("") for number in range(1, 7)},
    "INFORECEIVED_001": Meaning(LABEL_CREATED),
    "INTRANSIT_001": Meaning(IN_TRANSIT),
    "INTRANSIT_002": Meaning(PICKED_UP),
    **{f"INTRANSIT_00{number}": Meaning(IN_TRANSIT) for number in range(3, 10)},
    "OUTFORDELIVERY_001": Meaning(OUT_FOR_DELIVERY),
    "OUTFORDELIVERY_003": Meaning(OUT_FOR_DELIVERY),
    "OUTFORDELIVERY_004": Meaning(OUT_FOR_DELIVERY),
    "AVAILABLEFORPICKUP_001": Meaning(AVAILABLE_FOR_PICKUP),
    "ATTEMPTFAIL_001": Meaning(ATTEMPTED),
    "ATTEMPTFAIL_002": Meaning(ATTEMPTED, reason="consignee_not_home"),
    "ATTEMPTFAIL_003": Meaning(ATTEMPTED, reason="consignee_business_closed"),
    "DELIVERED_001": Meaning(DELIVERED),
    "DELIVERED_002": Meaning(DELIVERED, detail="picked_up_by_customer"),
    "DELIVERED_003": Meaning(DELIVERED, detail="signed"),
    "DELIVERED_004": Meaning(DELIVERED, detail="cod_paid"),
    "DELIVERED_005": Meaning(DELIVERED, detail="neighbour"),
    "EXCEPTION_001": Meaning(EXCEPTION, reason="other"),
    "EXCEPTION_002": Meaning(EXCEPTION, reason="consignee_bad_address"),
    "EXCEPTION_003": Meaning(EXCEPTION, reason="consignee_refused"),
    "EXCEPTION_004": Meaning(EXCEPTION, reason="customs_hold", delayed=True),
    "EXCEPTION_005": Meaning(EXCEPTION, reason="other", delayed=True),
    "EXCEPTION_006": Meaning(EXCEPTION, reason="payment_due"),
    "EXCEPTION_007": Meaning(EXCEPTION, reason="consignee_bad_address"),
    "EXCEPTION_008": Meaning(EXCEPTION, reason="merchant"),
    "EXCEPTION_009": Meaning(EXCEPTION, reason="other"),
    "EXCEPTION_010": Meaning(RETURNING),
    "EXCEPTION_011": Meaning(RETURNED),
    "EXCEPTION_012": Meaning(EXCEPTION, reason="carrier_damaged"),
    "EXCEPTION_013": Meaning(EXCEPTION, reason="carrier_lost"),
    "EXCEPTION_016": Meaning(EXCEPTION, reason="carrier_sorting", delayed=True),
    "EXCEPTION_017": Meaning(EXCEPTION, reason="weather", delayed=True),
    "EXCEPTION_018": Meaning(EXCEPTION, reason="customs_documents"),
    "EXPIRED_001": Meaning(""),
}
CODES = {**TAGS, **SUBTAGS}


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    if topic == "push":
        return reading.parcels([at(document, "msg") or document], _tracking)
    data = at(document, "data")
    found = rows(data, "trackings") or rows(data, "tracking") or ([data] if text(data, "tracking_number") else [])
    if isinstance(data, dict) and not found:
        return []
    if not found:
        said = first(text(document, "meta", "message"), "no trackings in the answer")
        raise BadScan(f"bad_document: AfterShip says: {said}"[:200])
    return reading.parcels(found, _tracking)


def _tracking(tracking: dict[str, Any]) -> ParcelDoc | BadScan:
    number = name(tracking, "tracking_number")
    if not number:
        return BadScan("bad_document: a tracking of AfterShip without a tracking number")
    since, until = _expected(tracking)
    where, signed_by = text(tracking, "pickup_location"), text(tracking, "signed_by")
    return ParcelDoc(
        carrier=carrier_code(name(tracking, "slug")),
        tracking_number=number,
        service=name(tracking, "shipment_type"),
        expected_from=since,
        expected_to=until,
        next_carrier=carrier_code(name(tracking, "next_couriers", 0, "slug")),
        next_number=name(tracking, "next_couriers", 0, "tracking_number"),
        pickup=Pickup(address=where) if where else None,
        proof=Proof(signed_by=signed_by) if signed_by else None,
        scans=reading.scans(rows(tracking, "checkpoints"), _checkpoint),
    )


def _expected(tracking: dict[str, Any]) -> tuple[str, str]:
    latest = at(tracking, "latest_estimated_delivery")
    one = expected(text(latest, "datetime")) or expected(text(tracking, "expected_delivery"))
    return expected(text(latest, "datetime_min")) or one, expected(text(latest, "datetime_max")) or one


def _checkpoint(checkpoint: dict[str, Any]) -> ScanDoc:
    """`checkpoint_time` is the carrier's own: with an offset, without one, or a mere day."""
    code = first(text(checkpoint, "subtag"), text(checkpoint, "tag"))
    said = first(text(checkpoint, "message"), text(checkpoint, "subtag_message"))
    land = text(checkpoint, "country_iso3")
    return ScanDoc(
        occurred_at=reading.when(text(checkpoint, "checkpoint_time")),
        code=code,
        text=said,
        place=text(checkpoint, "location")
        or place(text(checkpoint, "city"), text(checkpoint, "state"), country_of(land)),
        country=country_of(land),
        **reading.meaning(CODES, code, text(checkpoint, "tag"), words=said)._asdict(),
    )


def verify(secrets: Sequence[str], call: Call) -> bool:
    return is_base64_signed(secrets, call.headers.get("aftership-hmac-sha256", ""), call.body)


def delivery_id(call: Call) -> str:
    try:
        return name(reading.json_document(call.body.decode(errors="replace")), "event_id")
    except BadScan:
        return ""


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    query = {"tracking_numbers": ",".join(ask.number for ask in asks), "limit": "100"}
    return asking.get(f"{HOST}/trackings", query, as_api_key=credentials["api_key"], Accept="application/json")


ADAPTER = Adapter(
    code="aftership",
    name="AfterShip",
    kind="aggregator",
    parse=parse,
    codes=CODES,
    verify=verify,
    delivery_id=delivery_id,
    poll=Poll(
        fields=(Field("api_key", "API key", "From AfterShip's settings, under API keys."),),
        request=_request,
        batch=50,
        per_minute=120,
        about="In AfterShip, open Settings > API keys and make a key that may read trackings.",
    ),
    steps=(
        "In AfterShip Tracking, open Notifications > Webhooks and add the address shown here.",
        "Choose all shipment statuses and the estimated delivery date.",
        "Copy the webhook secret that is shown there, and paste it here.",
    ),
    their_secret=True,
)
