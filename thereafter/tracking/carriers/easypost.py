"""EasyPost trackers: `tracker.created` and `tracker.updated` events, and the tracker that a question makes or finds."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from thereafter.commerce.webhooks import FRESH_SECONDS, Call
from thereafter.kit import tokens
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

HOST = "https://api.easypost.com/v2"
PREFIX = "hmac-sha256-hex="
STATUSES: Mapping[str, Meaning] = {
    "UNKNOWN": Meaning(""),
    "PRE_TRANSIT": Meaning(LABEL_CREATED),
    "IN_TRANSIT": Meaning(IN_TRANSIT),
    "OUT_FOR_DELIVERY": Meaning(OUT_FOR_DELIVERY),
    "DELIVERED": Meaning(DELIVERED),
    "AVAILABLE_FOR_PICKUP": Meaning(AVAILABLE_FOR_PICKUP),
    "RETURN_TO_SENDER": Meaning(RETURNING),
    "FAILURE": Meaning(EXCEPTION, reason="other"),
    "CANCELLED": Meaning(CANCELLED),
    "ERROR": Meaning(EXCEPTION, reason="other"),
}
# Details that say more than their status; where they say less, the status counts.
DETAILS: Mapping[str, Meaning] = {
    "ADDRESS_CORRECTION": Meaning(EXCEPTION, reason="consignee_bad_address"),
    "ARRIVED_AT_FACILITY": Meaning(IN_TRANSIT),
    "ARRIVED_AT_PICKUP_LOCATION": Meaning(AVAILABLE_FOR_PICKUP),
    "DAMAGED": Meaning(EXCEPTION, reason="carrier_damaged"),
    "DELAYED": Meaning(IN_TRANSIT, delayed=True),
    "DELIVERY_EXCEPTION": Meaning(ATTEMPTED),
    "DEPARTED_FACILITY": Meaning(IN_TRANSIT),
    "DEPARTED_ORIGIN_FACILITY": Meaning(IN_TRANSIT),
    "HELD": Meaning(EXCEPTION, reason="other"),
    "LABEL_CREATED": Meaning(LABEL_CREATED),
    "LOST": Meaning(EXCEPTION, reason="carrier_lost"),
    "MISSORTED": Meaning(IN_TRANSIT, delayed=True),
    "RECEIVED_AT_DESTINATION_FACILITY": Meaning(IN_TRANSIT),
    "RECEIVED_AT_ORIGIN_FACILITY": Meaning(PICKED_UP),
    "REFUSED": Meaning(EXCEPTION, reason="consignee_refused"),
    "RETURN": Meaning(RETURNING),
    "TRANSFERRED_TO_DESTINATION_CARRIER": Meaning(IN_TRANSIT),
    "TRANSIT_EXCEPTION": Meaning(EXCEPTION, reason="other"),
    "WEATHER_DELAY": Meaning(IN_TRANSIT, delayed=True),
}
VAGUE = ("ARRIVED_AT_DESTINATION", "AWAITING_INFORMATION", "EXPIRED", "STATUS_UPDATE")
CODES = {**dict.fromkeys(VAGUE, Meaning("")), **STATUSES, **DETAILS}


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    if topic == "push" and at(document, "result") is not None:
        return reading.parcels([at(document, "result")], _tracker) if _is_of_tracker(document) else []
    error = at(document, "error")
    if error is not None:
        return [_refusal(error)]
    found = rows(document, "trackers") or rows(document, "tracker") or [document]
    return reading.parcels(found, _tracker)


def _is_of_tracker(event: Any) -> bool:
    """Other objects have events as well, which are none of ours."""
    told = text(event, "description")
    return not told or told.startswith("tracker.") or at(event, "result", "tracking_details") is not None


def _refusal(error: Any) -> ParcelDoc | BadScan:
    code, said = text(error, "code"), text(error, "message")
    if code in {"TRACKER.CREATE.ERROR", "TRACKER.NOT_FOUND", "TRACKING_CODE.INVALID"}:
        return ParcelDoc(scans=[], unknown_number=True)
    return BadScan(f"bad_document: EasyPost answers {code} {said}".strip()[:200])


def _tracker(tracker: dict[str, Any]) -> ParcelDoc | BadScan:
    number = name(tracker, "tracking_code")
    if not number:
        return BadScan("bad_document: no tracker of EasyPost: it has no tracking_code")
    arrives, signed_by = reading.announced(text(tracker, "est_delivery_date")), text(tracker, "signed_by")
    return ParcelDoc(
        carrier=carrier_code(name(tracker, "carrier")),
        tracking_number=number,
        service=name(tracker, "carrier_detail", "service"),
        expected_from=arrives,
        expected_to=arrives,
        proof=Proof(signed_by=signed_by) if signed_by else None,
        scans=reading.scans(rows(tracker, "tracking_details"), _detail),
    )


def _detail(detail: dict[str, Any]) -> ScanDoc:
    status, more = text(detail, "status"), text(detail, "status_detail")
    code = more if more.upper() in DETAILS or not status else status
    where = at(detail, "tracking_location")
    said = first(text(detail, "message"), text(detail, "description"))
    return ScanDoc(
        occurred_at=reading.when(text(detail, "datetime")),
        code=code,
        text=said,
        place=place(text(where, "city"), text(where, "state"), text(where, "country")),
        country=country(text(where, "country")),
        **reading.meaning(CODES, code, status, words=said)._asdict(),
    )


def verify(secrets: Sequence[str], call: Call) -> bool:
    """The second edition signs the time and the path as well; where it is there, it must be right."""
    newer = call.headers.get("x-hmac-signature-v2", "")
    if newer:
        stamp, path = call.headers.get("x-timestamp", ""), call.headers.get("x-path", "")
        return _is_fresh(stamp, call.now) and _is_signed(secrets, newer, f"{stamp}POST{path}".encode() + call.body)
    return _is_signed(secrets, call.headers.get("x-hmac-signature", ""), call.body)


def _is_signed(secrets: Sequence[str], given: str, signed: bytes) -> bool:
    if not given.startswith(PREFIX):
        return False
    keys = [unicodedata.normalize("NFKD", secret) for secret in secrets]
    return any(tokens.same(tokens.hmac_sha256(key, signed).hex(), given.removeprefix(PREFIX)) for key in keys)


def _is_fresh(stamp: str, now: datetime) -> bool:
    try:
        moment = datetime.fromisoformat(stamp) if stamp[:4].isdecimal() else parsedate_to_datetime(stamp)
        return abs((now - moment).total_seconds()) <= FRESH_SECONDS
    except (ValueError, TypeError, OverflowError):
        return False


def delivery_id(call: Call) -> str:
    try:
        return name(reading.json_document(call.body.decode(errors="replace")), "id")
    except BadScan:
        return ""


CARRIERS = {
    "canada_post": "CanadaPost",
    "dhl": "DHLExpress",
    "dhl_parcel_de": "DHLPaket",
    "dpd": "DPD",
    "fedex": "FedEx",
    "gls": "GLS",
    "postnl": "PostNL",
    "royal_mail": "RoyalMail",
    "ups": "UPS",
    "usps": "USPS",
}


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    """Making a tracker that is there already answers with it."""
    tracker = {"tracking_code": asks[0].number}
    if asks[0].carrier:
        tracker["carrier"] = CARRIERS.get(carrier_code(asks[0].carrier), asks[0].carrier)
    return asking.post(f"{HOST}/trackers", {"tracker": tracker}, Authorization=asking.basic(credentials["api_key"], ""))


ADAPTER = Adapter(
    code="easypost",
    name="EasyPost",
    kind="aggregator",
    parse=parse,
    codes=CODES,
    verify=verify,
    delivery_id=delivery_id,
    poll=Poll(
        fields=(Field("api_key", "Production API key", "From EasyPost's account, under API keys."),),
        request=_request,
        per_minute=60,
        about="In EasyPost, open Account > API keys and copy the production key. EasyPost bills each tracker.",
    ),
    steps=(
        "In EasyPost, open Account > Webhooks and add the address shown here, for production.",
        "Give the secret shown here as the webhook secret.",
    ),
)
