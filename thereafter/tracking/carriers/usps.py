"""USPS: Tracking v3 when we ask, Subscriptions when they push."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from thereafter.commerce.webhooks import Call, is_base64_signed
from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.names import country_of
from thereafter.tracking.carriers.reading import at, expected, first, name, place, rows, text
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
    RETURNED,
    RETURNING,
)

HOST = "https://apis.usps.com"
# They send a call again for hours when it was not answered.
FRESH = timedelta(hours=24)
NOTHING, LABEL, PICKED, MOVING = Meaning(""), Meaning(LABEL_CREATED), Meaning(PICKED_UP), Meaning(IN_TRANSIT)
LATER = Meaning(IN_TRANSIT, delayed=True)
WAITING, BACK, BACK_THERE = Meaning(AVAILABLE_FOR_PICKUP), Meaning(RETURNING), Meaning(RETURNED)
NOT_HOME, WEATHER = Meaning(ATTEMPTED, "consignee_not_home"), Meaning(IN_TRANSIT, "weather", delayed=True)
BAD_ADDRESS = Meaning(EXCEPTION, "consignee_bad_address")
TO_CUSTOMER = Meaning(DELIVERED, detail="picked_up_by_customer")

# Event codes of Publication 199, appendix G.
CODES: Mapping[str, Meaning] = {
    "01": Meaning(DELIVERED),
    "02": NOT_HOME,
    "03": PICKED,
    "04": Meaning(EXCEPTION, "consignee_refused"),
    "05": BAD_ADDRESS,
    "06": MOVING,
    "07": MOVING,
    "08": Meaning(IN_TRANSIT, "carrier_sorting", delayed=True),
    "09": BACK,
    "10": MOVING,
    "11": Meaning(EXCEPTION, "carrier_lost"),
    "14": WAITING,
    "15": Meaning(IN_TRANSIT, "carrier_sorting", delayed=True),
    "16": WAITING,
    "17": TO_CUSTOMER,
    "19": MOVING,
    "21": BAD_ADDRESS,
    "22": BAD_ADDRESS,
    "23": BAD_ADDRESS,
    "24": BACK,
    "25": BAD_ADDRESS,
    "26": BAD_ADDRESS,
    "27": BACK,
    "28": BACK,
    "29": BACK,
    "30": NOT_HOME,
    "31": BACK,
    "41": MOVING,
    "42": MOVING,
    "43": TO_CUSTOMER,
    "44": NOTHING,
    "51": Meaning(ATTEMPTED, "consignee_business_closed"),
    "52": NOT_HOME,
    "53": NOT_HOME,
    "54": NOT_HOME,
    "55": NOT_HOME,
    "56": NOT_HOME,
    "71": LATER,
    "80": PICKED,
    "81": MOVING,
    "82": MOVING,
    "83": MOVING,
    "89": LABEL,
    "A1": MOVING,
    "AD": MOVING,
    "DX": NOTHING,
    "EF": MOVING,
    "GC": NOTHING,
    "GX": LABEL,
    "L1": MOVING,
    "MA": LABEL,
    "NT": MOVING,
    "OA": PICKED,
    "OF": Meaning(OUT_FOR_DELIVERY),
    "PA": PICKED,
    "PC": MOVING,
    "SF": MOVING,
    "T1": MOVING,
    "TL": MOVING,
    "TM": LABEL,
    "U1": MOVING,
    "UA": PICKED,
}
# What the words of an event add to its code: where it was left, that it came back, that it comes later.
REFINED = (
    ("original sender", BACK_THERE),
    ("neighbor", Meaning(DELIVERED, detail="neighbour")),
    ("parcel locker", Meaning(DELIVERED, detail="locker")),
    ("individual picked up", TO_CUSTOMER),
    ("front door", Meaning(DELIVERED, detail="left_safe")),
    ("mailbox", Meaning(DELIVERED, detail="left_safe")),
    ("garage", Meaning(DELIVERED, detail="left_safe")),
    ("arriving late", LATER),
    ("arriving on time", Meaning(IN_TRANSIT, delayed=False)),
)
# The words of events whose code is not in the table.
WORDS = (
    ("delivered, to original sender", BACK_THERE),
    ("weather delay", WEATHER),
    ("arriving late", LATER),
    ("held in customs", Meaning(EXCEPTION, "customs_hold")),
    ("out of customs", MOVING),
    ("into customs", MOVING),
    ("customs clearance", MOVING),
    ("held at post office", WAITING),
    ("available for redelivery or pickup", WAITING),
    ("redelivery scheduled", MOVING),
    ("animal interference", Meaning(ATTEMPTED, "other")),
    ("no access", NOT_HOME),
    ("label cancelled", Meaning(CANCELLED)),
    ("usps awaiting item", LABEL),
    ("usps in possession of item", PICKED),
    ("usps picked up item", PICKED),
    ("accepted at usps", PICKED),
    ("forward", MOVING),
    ("moved, left no address", BAD_ADDRESS),
    ("unclaimed", BACK),
    ("preparing for delivery", MOVING),
    ("delivered to agent for final delivery", MOVING),
)


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    if at(document, "payload") is not None and at(document, "trackingEvents") is None:
        inner = at(document, "payload")
        document = reading.json_document(inner) if isinstance(inner, str) else inner
    if at(document, "error") is not None or at(document, "apiVersion") is not None:
        return [_refusal(document)]
    return reading.parcels(document if isinstance(document, list) else [document], _piece)


def _refusal(document: Any) -> ParcelDoc | BadScan:
    said = first(text(document, "error", "message"), text(document, "error", "errors", "title"))
    if text(document, "error", "code") == "404" or "not found" in said.casefold():
        return ParcelDoc(carrier="usps", scans=[], unknown_number=True)
    return BadScan(f"bad_document: USPS answers {said or 'with an error'}"[:200])


def _piece(piece: Any) -> ParcelDoc | BadScan:
    number = name(piece, "trackingNumber")
    if at(piece, "error") is not None:
        refused = _refusal(piece)
        if isinstance(refused, ParcelDoc):
            refused.tracking_number = number
        return refused
    # A subscription may tell of one scan by itself.
    events = rows(piece, "trackingEvents") or ([piece] if text(piece, "eventCode") else [])
    if not events and not number:
        return BadScan(f"bad_document: neither events nor a number of USPS: {piece!r:.80}")
    arrives = expected(text(piece, "expectedDeliveryTimeStamp")) or expected(text(piece, "expectedDeliveryDate"))
    signed_by = next((who for event in events if (who := text(event, "name")) and text(event, "eventCode") == "01"), "")
    return ParcelDoc(
        carrier="usps",
        tracking_number=number,
        service=name(piece, "mailClass").split("<")[0],
        expected_from=arrives,
        expected_to=arrives,
        proof=Proof(signed_by=signed_by) if signed_by else None,
        scans=reading.scans(events, _event),
    )


def _event(event: Any) -> ScanDoc:
    code, words = text(event, "eventCode"), first(text(event, "eventType"), text(event, "event"))
    abroad = text(event, "eventCountry")
    return ScanDoc(
        occurred_at=_when(event),
        code=code or words,
        text=words,
        place=place(text(event, "eventCity"), text(event, "eventState"), abroad),
        country=country_of(abroad) if abroad else "US",
        **_meaning(event, code, words)._asdict(),
    )


def _when(event: Any) -> str:
    """Their local stamp has no seconds, and the same scan in UTC does; both are one moment on one clock."""
    offset, utc = text(event, "GMTOffset"), text(event, "GMTTimestamp")
    return reading.local(utc, offset) if utc and offset else reading.when(text(event, "eventTimestamp"), "", offset)


def _meaning(event: Any, code: str, words: str) -> Meaning:
    meaning = CODES.get(code.upper())
    if meaning is None:
        return reading.told(words, WORDS) or reading.meaning({}, words=words)
    refined = reading.told(words, REFINED)
    if refined and (refined.status == meaning.status or (refined == BACK_THERE and meaning.status == DELIVERED)):
        return refined
    signed = meaning.status == DELIVERED and not meaning.detail and text(event, "name")
    return meaning._replace(detail="signed") if signed else meaning


def verify(secrets: Sequence[str], call: Call) -> bool:
    """HMAC-SHA256 in base64 of the envelope's timestamp and its payload, a text in which the news are JSON again."""
    given = call.headers.get("x-hmac", "") or call.headers.get("hmac-header", "")
    try:
        envelope = reading.json_document(call.body.decode())
        stamp, payload = at(envelope, "timestamp"), at(envelope, "payload")
        age = call.now - datetime.fromisoformat(stamp)
        signed = (stamp + payload).encode()
    except (BadScan, ValueError, TypeError):
        return False
    return bool(given) and abs(age) <= FRESH and is_base64_signed(secrets, given, signed)


def _token(credentials: Credentials) -> Request:
    who = {"client_id": credentials["client_id"], "client_secret": credentials["client_secret"]}
    return asking.form(f"{HOST}/oauth2/v3/token", {"grant_type": "client_credentials", "scope": "tracking", **who})


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    url = f"{HOST}/tracking/v3/tracking/{quote(asks[0].number, safe='')}"
    return asking.get(url, {"expand": "DETAIL"}, Authorization=asking.bearer(token), Accept="application/json")


ADAPTER = Adapter(
    code="usps",
    name="USPS",
    kind="carrier",
    parse=parse,
    codes=CODES,
    verify=verify,
    poll=Poll(
        fields=(
            Field("client_id", "Consumer key", "Of your app at developers.usps.com.", secret=False),
            Field("client_secret", "Consumer secret", "Beside the consumer key."),
        ),
        request=_request,
        token=_token,
        read_token=asking.read_oauth,
        # Sixty questions an hour, until you ask for more.
        per_minute=1,
        about="At developers.usps.com, add an app with the product Public Access I, which holds Tracking.",
    ),
    steps=(
        "At developers.usps.com, ask for the Subscriptions Tracking API for your app.",
        "Subscribe your Mailer ID with the address shown here as listenerURL and the secret shown here as secret.",
    ),
)
