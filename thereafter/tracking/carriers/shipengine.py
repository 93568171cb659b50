"""ShipEngine (ShipStation API): `API_TRACK` webhooks, and its tracking endpoint."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from thereafter.commerce.webhooks import FRESH_SECONDS, Call
from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.names import carrier_code
from thereafter.tracking.carriers.reading import at, country, first, name, place, rows, text
from thereafter.tracking.documents import ParcelDoc, Proof, ScanDoc
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
    PICKED_UP,
    RETURNING,
)

HOST = "https://api.shipengine.com/v1"
STATUSES: Mapping[str, Meaning] = {
    "UN": Meaning(""),
    "NY": Meaning(LABEL_CREATED),
    "AC": Meaning(PICKED_UP),
    "IT": Meaning(IN_TRANSIT),
    "AT": Meaning(ATTEMPTED),
    "EX": Meaning(EXCEPTION, reason="other"),
    "SP": Meaning(AVAILABLE_FOR_PICKUP),
    "DE": Meaning(DELIVERED),
}


def _each(meaning: Meaning, codes: str) -> dict[str, Meaning]:
    return dict.fromkeys(codes.split(), meaning)


DETAILS: Mapping[str, Meaning] = {
    **_each(
        Meaning(LABEL_CREATED),
        "AWAITING_DESPATCH COLLECTION_REQUESTED ELEC_ADVICE_RECD_BY_CARRIER NOT_YET_RECEIVED_BY_CARRIER "
        "SHIPMENT_CREATED AWAITING_ELECTRONIC_ADVICE AWAITING_PICKUP_DROP_OFF",
    ),
    **_each(
        Meaning(PICKED_UP),
        "COLLECTION_MADE DESPATCHED PICKED_UP DROPPED_OFF RECEIVED_BY_CARRIER RECD_BY_CARRIER_NO_ELEC_ADVICE",
    ),
    **_each(
        Meaning(IN_TRANSIT),
        "CUSTOMS_CLEARED CUSTOMS_PROCESSING DELIVERY_ARRANGED_WITH_RECIPIENT DELIVERY_SCHEDULED HUB_SCAN_IN "
        "HUB_SCAN_OUT HUB_PROCESSING IN_TRANSIT PARCEL_OVER_LABELLED PARCEL_REDIRECTED "
        "RECEIVED_LOCAL_DELIVERY_DEPOT SUB_CONTRACTOR_EVENT SUB_CONTRACTOR_RECEIVED "
        "HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING",
    ),
    **_each(
        Meaning(IN_TRANSIT, delayed=True),
        "CARRIER_DELAYS DELAYED_NOT_CARRIER DELIVERY_RESCHEDULED MISSORTED ROUTING_ERROR PARCEL_REPACKED",
    ),
    "OUT_FOR_DELIVERY": Meaning(OUT_FOR_DELIVERY),
    **_each(
        Meaning(ATTEMPTED),
        "ATTEMPTED_DELIVERY ATTEMPTED_DELIVERY_2ND ATTEMPTED_DELIVERY_3RD ATTEMPTED_DELIVERY_FINAL "
        "CUSTOMER_IDENTIFICATION_FAILED NO_ACCESS_TO_RECIPIENTS_ADDRESS",
    ),
    "CUSTOMER_CARDED": Meaning(ATTEMPTED, reason="consignee_not_home"),
    **_each(
        Meaning(EXCEPTION, reason="payment_due"),
        "COD_AMOUNT_NOT_PAID INVALID_METHOD_OF_PAYMENT",
    ),
    **_each(
        Meaning(AVAILABLE_FOR_PICKUP),
        "AWAITING_COLLECTION_FROM_PICKUP_POINT COLLECT_AT_LOCAL_PO CUSTOMER_TO_COLLECT_FROM_CARRIER "
        "DELIVERED_TO_LOCKER_COLLECTION_POINT",
    ),
    "DELIVERED": Meaning(DELIVERED),
    "DELIVERED_DAMAGED": Meaning(DELIVERED),
    "COD_AMOUNT_PAID": Meaning(DELIVERED, detail="cod_paid"),
    "DELIVERED_IN_MAILBOX": Meaning(DELIVERED, detail="left_safe"),
    "DELIVERED_POD": Meaning(DELIVERED, detail="signed"),
    "DELIVERED_PROOF_OF_DELIVERY": Meaning(DELIVERED, detail="signed"),
    "DELIVERED_TO_NEIGHBOUR": Meaning(DELIVERED, detail="neighbour"),
    "DELIVERED_TO_NEIGHBOR": Meaning(DELIVERED, detail="neighbour"),
    "DELIVERED_TO_SAFE_PLACE": Meaning(DELIVERED, detail="left_safe"),
    "ADDRESS_QUERY": Meaning(EXCEPTION, reason="consignee_bad_address"),
    "REFUSED_BY_CUSTOMER": Meaning(EXCEPTION, reason="consignee_refused"),
    "PARCEL_DAMAGED": Meaning(EXCEPTION, reason="carrier_damaged"),
    **_each(
        Meaning(EXCEPTION, reason="carrier_lost"),
        "PARCEL_LOST PARCEL_DISPOSED",
    ),
    **_each(
        Meaning(EXCEPTION, reason="other"),
        "NOT_DELIVERED NOT_DELIVERED_ADDRESSEE_DECEASED PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY HELD_BY_CARRIER",
    ),
    **_each(
        Meaning(EXCEPTION, reason="customs_hold"),
        "HELD_BY_CUSTOMS HELD_BY_EXPORT_CUSTOMS HELD_BY_IMPORT_CUSTOMS",
    ),
    "INCORRECT_DECLARATION": Meaning(EXCEPTION, reason="customs_documents"),
    "COLLECTION_FAILED": Meaning(EXCEPTION, reason="merchant"),
    "RETURN_TO_SENDER": Meaning(RETURNING),
    **_each(
        Meaning(CANCELLED),
        "CANCELLED CANCELLED_BEFORE_DESPATCH",
    ),
}
# They say less than the status beside them.
VAGUE = (
    "CARRIER_STATUS_NOT_MAPPED",
    "INFORMATION",
    "PARCEL_UPDATE_NOTIFICATION",
    "PARCEL_UPDATE_NOTIFICATION_VIA_EMAIL",
    "PARCEL_UPDATE_NOTIFICATION_VIA_SMS",
)
CLEAR = {**STATUSES, **DETAILS}
CODES = {**dict.fromkeys(VAGUE, Meaning("")), **CLEAR}


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    if topic != "push":
        return reading.parcels([document], _tracking)
    data = at(document, "data")
    tells = text(document, "resource_type") in {"", "API_TRACK"} or at(data, "events") is not None
    return reading.parcels([_with_carrier(data, text(document, "resource_url"))], _tracking) if tells else []


def _with_carrier(data: Any, address: str) -> Any:
    """A webhook names the carrier only in the address of the resource."""
    try:
        carrier = parse_qs(urlsplit(address).query).get("carrier_code", [""])[0]
    except ValueError:
        carrier = ""
    return {"carrier_code": carrier, **data} if isinstance(data, dict) else data


def _tracking(tracking: dict[str, Any]) -> ParcelDoc | BadScan:
    number = name(tracking, "tracking_number")
    if not number:
        said = first(text(tracking, "errors", "message"), "no tracking_number")
        return BadScan(f"bad_document: no tracking of ShipEngine: {said}"[:200])
    events = rows(tracking, "events")
    arrives = reading.announced(text(tracking, "estimated_delivery_date"))
    signed_by = first(*(text(event, "signer") for event in events))
    return ParcelDoc(
        carrier=carrier_code(name(tracking, "carrier_code")),
        tracking_number=number,
        expected_from=arrives,
        expected_to=arrives,
        proof=Proof(signed_by=signed_by) if signed_by else None,
        scans=reading.scans(events, _event),
    )


def _event(event: dict[str, Any]) -> ScanDoc:
    more, broad, theirs = (text(event, part) for part in ("status_detail_code", "status_code", "event_code"))
    code = more if more and more.upper() not in VAGUE else first(theirs if broad in {"", "UN"} else broad, broad)
    said = first(text(event, "description"), text(event, "carrier_status_description"))
    return ScanDoc(
        occurred_at=_moment(event),
        code=code,
        text=said,
        place=place(text(event, "city_locality"), text(event, "state_province"), text(event, "country_code")),
        country=country(text(event, "country_code")),
        **reading.meaning(CLEAR, code, broad if broad != "UN" else "", words=said)._asdict(),
    )


def _moment(event: dict[str, Any]) -> str:
    """The carrier's clock, with the offset that the same moment in UTC gives away."""
    here, utc = text(event, "carrier_occurred_at"), text(event, "occurred_at")
    return reading.beside(reading.when(here), reading.when(utc).removesuffix("+00:00")) if here else reading.when(utc)


def verify(secrets: Sequence[str], call: Call) -> bool:
    """RSA-SHA256 over "<timestamp>.<raw body>"; the secret is their public key, as PEM or as their JWKS document."""
    stamp = call.headers.get("x-shipengine-timestamp", "")
    try:
        signature = base64.b64decode(call.headers.get("x-shipengine-rsa-sha256-signature", ""), validate=True)
        age = abs((call.now - datetime.fromisoformat(stamp)).total_seconds())
    except (ValueError, TypeError):
        return False
    if not signature or age > FRESH_SECONDS:
        return False
    keys = [key for secret in secrets for key in _keys(secret)]
    return any(_is_signed(key, signature, stamp.encode() + b"." + call.body) for key in keys)


def _is_signed(key: RSAPublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _keys(secret: str) -> list[RSAPublicKey]:
    try:
        if secret.lstrip().startswith("{"):
            return [_of_jwk(key) for key in json.loads(secret)["keys"] if key.get("kty") == "RSA"]
        key = load_pem_public_key(secret.strip().encode())
    except (ValueError, KeyError, TypeError, AttributeError, UnsupportedAlgorithm):
        return []
    return [key] if isinstance(key, RSAPublicKey) else []


def _of_jwk(key: dict[str, str]) -> RSAPublicKey:
    n, e = (int.from_bytes(base64.urlsafe_b64decode(key[part] + "==="), "big") for part in ("n", "e"))
    return RSAPublicNumbers(e, n).public_key()


CARRIERS = {"dhl": "dhl_express"}


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    known = carrier_code(asks[0].carrier)
    query = {"carrier_code": CARRIERS.get(known, known), "tracking_number": asks[0].number}
    return asking.get(f"{HOST}/tracking", query, API_Key=credentials["api_key"])


ADAPTER = Adapter(
    code="shipengine",
    name="ShipEngine",
    kind="aggregator",
    parse=parse,
    codes=CODES,
    verify=verify,
    poll=Poll(
        fields=(Field("api_key", "API key", "From ShipEngine's dashboard, under API management."),),
        request=_request,
        per_minute=100,
        needs=("carrier",),
        about="In ShipEngine (ShipStation API), open API management and make a production key.",
    ),
    steps=(
        "In ShipEngine, open Developer > Webhooks and add the address shown here for the event Tracking.",
        "Open https://api.shipengine.com/jwks in your browser and paste all of what it shows here.",
    ),
    their_secret=True,
)
