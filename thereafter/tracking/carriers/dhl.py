"""DHL: Shipment Tracking Unified and its push, which speak for Express, eCommerce, Parcel, Freight and Post alike."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.commerce.webhooks import Call
from thereafter.kit import tokens
from thereafter.tracking.carriers import asking, phrases, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.names import country_of
from thereafter.tracking.carriers.reading import at, expected, first, name, place, rows, text
from thereafter.tracking.documents import ParcelDoc, Pickup, Proof, ScanDoc
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
    RETURNED,
    RETURNING,
)

URL = "https://api-eu.dhl.com/track/shipments"
HEADER = "x-thereafter-token"
NOTHING, MOVING, LATER = Meaning(""), Meaning(IN_TRANSIT), Meaning(IN_TRANSIT, delayed=True)
TROUBLE, CUSTOMS = Meaning(EXCEPTION, "other"), Meaning(EXCEPTION, "customs_hold")

# What every division says, and how much nearer its words may bring us. "unknown" is no delay: it says nothing.
COARSE: Mapping[str, Meaning] = {
    "PRE-TRANSIT": Meaning(LABEL_CREATED),
    "TRANSIT": MOVING,
    "DELIVERED": Meaning(DELIVERED),
    "FAILURE": TROUBLE,
    "UNKNOWN": NOTHING,
}
NEARER: Mapping[str, frozenset[str]] = {
    "PRE-TRANSIT": frozenset({LABEL_CREATED, CANCELLED}),
    "TRANSIT": frozenset(
        {PICKED_UP, IN_TRANSIT, OUT_FOR_DELIVERY, AVAILABLE_FOR_PICKUP, ATTEMPTED, EXCEPTION, RETURNING, RETURNED}
    ),
    "DELIVERED": frozenset({DELIVERED, RETURNED}),
    "FAILURE": frozenset({ATTEMPTED, EXCEPTION, RETURNING, RETURNED, CANCELLED}),
}
# The two letters of DHL Express.
EXPRESS: Mapping[str, Meaning] = {
    "AD": NOTHING,
    "AF": MOVING,
    "AR": MOVING,
    "BA": Meaning(EXCEPTION, "consignee_bad_address"),
    "BN": NOTHING,
    "BR": MOVING,
    "CA": Meaning(ATTEMPTED, "consignee_business_closed"),
    "CC": Meaning(AVAILABLE_FOR_PICKUP),
    "CD": CUSTOMS,
    "CI": MOVING,
    "CM": Meaning(EXCEPTION, "consignee_bad_address"),
    "CR": MOVING,
    "CS": NOTHING,
    "CU": NOTHING,
    "DD": Meaning(DELIVERED),
    "DF": MOVING,
    "DI": NOTHING,
    "DM": Meaning(EXCEPTION, "carrier_damaged"),
    "DS": Meaning(EXCEPTION, "other"),
    "ES": MOVING,
    "FD": MOVING,
    "HI": MOVING,
    "HN": MOVING,
    "HP": Meaning(EXCEPTION, "payment_due"),
    "IC": MOVING,
    "IR": TROUBLE,
    "MC": Meaning(IN_TRANSIT, "carrier_sorting", delayed=True),
    "MD": LATER,
    "MS": Meaning(IN_TRANSIT, "carrier_sorting", delayed=True),
    "NA": NOTHING,
    "ND": Meaning(ATTEMPTED, "other"),
    "NH": Meaning(ATTEMPTED, "consignee_not_home"),
    "OH": TROUBLE,
    "OK": Meaning(DELIVERED),
    "PD": NOTHING,
    "PL": MOVING,
    "PU": Meaning(PICKED_UP),
    "RD": Meaning(EXCEPTION, "consignee_refused"),
    "RR": NOTHING,
    "RT": Meaning(RETURNED),
    "RW": NOTHING,
    "SA": Meaning(PICKED_UP),
    "SC": NOTHING,
    "SS": TROUBLE,
    "TD": LATER,
    "TP": MOVING,
    "TR": MOVING,
    "UD": CUSTOMS,
    "WC": Meaning(OUT_FOR_DELIVERY),
}
CODES = {**COARSE, **EXPRESS}
OTHERS = {"parcel-de": "dhl_parcel_de"}


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    shipments = rows(document, "shipments") or rows(document, "shipment")
    if shipments:
        return reading.parcels(shipments, _shipment)
    if text(document, "status") == "404":
        number = text(document, "instance").rpartition("/")[2]
        return [ParcelDoc(carrier="dhl", tracking_number=number[:80], scans=[], unknown_number=True)]
    said = first(text(document, "detail"), text(document, "title"))
    raise BadScan(f"bad_document: no shipments in what DHL says {said}".strip()[:200])


def _shipment(shipment: Any) -> ParcelDoc:
    details, events = at(shipment, "details"), rows(shipment, "events")
    newest = at(shipment, "status")
    arrives = expected(text(shipment, "estimatedTimeOfDelivery"))
    frame = at(shipment, "estimatedDeliveryTimeFrame")
    service = text(shipment, "service")
    return ParcelDoc(
        carrier=OTHERS.get(service, "dhl"),
        tracking_number=name(shipment, "id"),
        service=first(name(details, "product", "productName"), service[:80]),
        expected_from=expected(text(frame, "estimatedFrom")) or arrives,
        expected_to=expected(text(frame, "estimatedThrough")) or arrives,
        pickup=_pickup(at(newest, "location")),
        proof=_proof(at(details, "proofOfDelivery")),
        # A push may bring the newest status without its history.
        scans=reading.scans(events or rows(newest), _event),
    )


def _event(event: Any) -> ScanDoc:
    where = at(event, "location", "address")
    words = ". ".join(filter(None, (text(event, "description"), text(event, "status"))))
    said = first(text(event, "description"), text(event, "status"), text(event, "remark"))
    code = _code(event)
    return ScanDoc(
        occurred_at=reading.when(text(event, "timestamp")),
        code=code or f"{text(event, 'statusCode')}: {said}".strip(": "),
        text=said,
        place=place(text(where, "addressLocality"), text(where, "countryCode")),
        country=country_of(text(where, "countryCode")),
        **_meaning(event, code, words)._asdict(),
    )


def _code(event: Any) -> str:
    """A code of the division, where it tells one; the five words that all share are the same for a hundred events."""
    said = first(text(event, "typeCode"), text(event, "status"))
    return said if re.fullmatch(r"[A-Z0-9]{2,5}", said) else ""


def _meaning(event: Any, code: str, words: str) -> Meaning:
    if code in EXPRESS:
        return EXPRESS[code]
    coarse_code = text(event, "statusCode").upper()
    coarse, near = COARSE.get(coarse_code), phrases.meaning_of(words)
    if coarse is None or not coarse.status:
        return near
    if near.status in NEARER[coarse_code]:
        return near
    return coarse._replace(delayed=near.delayed, reason=coarse.reason or near.reason)


def _pickup(location: Any) -> Pickup | None:
    """A parcel shop or locker where it waits."""
    point = at(location, "servicePoint")
    where = at(location, "address")
    address = place(text(where, "streetAddress"), text(where, "postalCode"), text(where, "addressLocality"))
    return Pickup(name=text(point, "label"), address=address) if isinstance(point, dict) else None


def _proof(told: Any) -> Proof | None:
    proof = Proof(
        signed_by=first(text(told, "signed", "name"), text(told, "signed", "familyName")),
        document_url=_address(text(told, "documentUrl")),
        photo_url=_address(text(told, "signatureUrl")),
    )
    return None if proof == Proof() else proof


def _address(said: str) -> str:
    return said if said.startswith("https://") else ""


def verify(secrets: Sequence[str], call: Call) -> bool:
    """DHL sends the token that was given with the subscription, in the header that was named there."""
    given = call.headers.get(HEADER, "")
    return bool(given) and any(tokens.same(secret, given) for secret in secrets)


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    ask = asks[0]
    query = {"trackingNumber": ask.number, "language": ask.language, "limit": "25"}
    if ask.postcode:
        query["recipientPostalCode"] = ask.postcode
    return asking.get(URL, query, DHL_API_Key=credentials["api_key"], Accept="application/json")


ADAPTER = Adapter(
    code="dhl",
    name="DHL",
    kind="carrier",
    parse=parse,
    codes=CODES,
    verify=verify,
    poll=Poll(
        fields=(Field("api_key", "API key", "Of your app at developer.dhl.com."),),
        request=_request,
        # A question every five seconds and 250 a day, until you ask for more.
        per_minute=12,
        about="At developer.dhl.com, create an app with Shipment Tracking - Unified.",
    ),
    steps=(
        "At developer.dhl.com, add Shipment Tracking - Unified - Push to your app.",
        "Create a subscription for your account with the address shown here as hook.uri.",
        "Set hook.authentication to type ApiKeyAuthentication, header X-Thereafter-Token, token the secret here.",
    ),
)
