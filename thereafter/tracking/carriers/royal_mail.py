"""Royal Mail: the events of its Tracking API v2. It pushes nothing to shops."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.names import country_of
from thereafter.tracking.carriers.reading import at, expected, first, name, place, rows, text
from thereafter.tracking.documents import ParcelDoc, Proof, ScanDoc
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

URL = "https://api.royalmail.net/mailpieces/v2/"
NOTHING, MOVING, WAITING = Meaning(""), Meaning(IN_TRANSIT), Meaning(AVAILABLE_FOR_PICKUP)
MISSENT = Meaning(IN_TRANSIT, "carrier_sorting", delayed=True)
NOT_HOME = Meaning(ATTEMPTED, "consignee_not_home")

CODES: Mapping[str, Meaning] = {
    "ASRXS": NOTHING,
    "EVAIE": Meaning(LABEL_CREATED),
    "EVAIP": Meaning(LABEL_CREATED),
    "EVBAH": MOVING,
    "EVDAC": MOVING,
    "EVDAV": MOVING,
    "EVGMI": MISSENT,
    "EVGPD": Meaning(OUT_FOR_DELIVERY),
    "EVIAV": MOVING,
    "EVIMC": MOVING,
    "EVIPI": MISSENT,
    "EVKAA": Meaning(ATTEMPTED, "consignee_bad_address"),
    "EVKAI": Meaning(RETURNING, "consignee_bad_address"),
    "EVKDN": Meaning(DELIVERED, detail="neighbour"),
    "EVKGA": Meaning(RETURNING, "consignee_bad_address"),
    "EVKLC": WAITING,
    "EVKNA": NOT_HOME,
    "EVKNR": NOT_HOME,
    "EVKOP": Meaning(DELIVERED),
    "EVKRF": Meaning(RETURNING, "consignee_refused"),
    "EVKSF": Meaning(DELIVERED, detail="left_safe"),
    "EVKSP": Meaning(DELIVERED, detail="signed"),
    "EVKSU": NOT_HOME,
    "EVNAA": Meaning(ATTEMPTED, "consignee_bad_address"),
    "EVNAR": MOVING,
    "EVNDA": NOT_HOME,
    "EVNDN": Meaning(ATTEMPTED, "other"),
    "EVNGA": Meaning(RETURNING, "consignee_bad_address"),
    "EVNKS": MOVING,
    "EVNMI": MISSENT,
    "EVNOC": Meaning(DELIVERED, detail="picked_up_by_customer"),
    "EVNRF": Meaning(RETURNING, "consignee_refused"),
    "EVNRT": MOVING,
    "EVNSR": MOVING,
    "EVOAC": MOVING,
    "EVOCO": MOVING,
    "EVODO": MOVING,
    "EVORI": MOVING,
    "EVPLC": Meaning(DELIVERED, detail="picked_up_by_customer"),
    "EVPPA": Meaning(PICKED_UP),
    "EVRTS": Meaning(RETURNED),
    "RFRXS": NOTHING,
    "RNRXS": NOTHING,
    "RORXS": NOTHING,
    "RPRXS": NOTHING,
    "RSRXS": NOTHING,
}
# The words of events that are not in the list they publish.
WORDS = (
    ("delivered to neighbour", Meaning(DELIVERED, detail="neighbour")),
    ("delivered by", Meaning(DELIVERED)),
    ("ready for delivery", MOVING),
    ("out for delivery", Meaning(OUT_FOR_DELIVERY)),
    ("attempted delivery", NOT_HOME),
    ("no answer", NOT_HOME),
    ("ready for collection", WAITING),
    ("held by customs", Meaning(EXCEPTION, "customs_hold")),
    ("customs charge", Meaning(EXCEPTION, "customs_duties_unpaid")),
    ("presented to customs", MOVING),
    ("mis-sort", MISSENT),
    ("accepted at post office", Meaning(PICKED_UP)),
    ("item received", MOVING),
    ("item leaving the uk", MOVING),
)
# "Barcode reference isn't recognised", and "no update available".
NOT_FOUND = frozenset(("E1142", "E0001"))


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    pieces = rows(document, "mailPieces")
    if pieces:
        return reading.parcels(pieces, _piece)
    return [_refusal(document)]


def _refusal(answer: Any, number: str = "") -> ParcelDoc | BadScan:
    code = first(text(answer, "errors", "errorCode"), text(answer, "error", "errorCode"))
    said = first(
        text(answer, "errors", "errorDescription"),
        text(answer, "error", "errorDescription"),
        text(answer, "httpMessage"),
    )
    if code in NOT_FOUND:
        return ParcelDoc(carrier="royal_mail", tracking_number=number, scans=[], unknown_number=True)
    return BadScan(f"bad_document: Royal Mail answers {code} {said}"[:200])


def _piece(piece: Any) -> ParcelDoc | BadScan:
    summary, window = at(piece, "summary"), at(piece, "estimatedDelivery")
    number = first(name(summary, "oneDBarcode"), name(piece, "mailPieceId"))
    events, error = rows(piece, "events"), at(piece, "error")
    if error is not None and not events:
        return _refusal(piece, number)
    day = text(window, "date")
    arrives = expected(day)
    return ParcelDoc(
        carrier="royal_mail",
        tracking_number=number,
        service=name(summary, "productName"),
        expected_from=_at(day, text(window, "startOfEstimatedWindow")) or arrives,
        expected_to=_at(day, text(window, "endOfEstimatedWindow")) or arrives,
        next_carrier=_abroad(summary),
        proof=_proof(at(piece, "signature")),
        scans=reading.scans(events or _last(summary), _event),
    )


def _event(event: Any) -> ScanDoc:
    code, words = text(event, "eventCode"), text(event, "eventName")
    meaning = CODES.get(code.upper()) or reading.told(words, WORDS) or reading.meaning({}, words=words)
    return ScanDoc(
        occurred_at=reading.when(text(event, "eventDateTime")),
        code=code or words,
        text=words,
        place=place(text(event, "locationName")),
        zone="Europe/London",
        **meaning._asdict(),
    )


def _last(summary: Any) -> list[Any]:
    """The newest event, when the others were left out."""
    if not text(summary, "lastEventCode"):
        return []
    fields = {"eventCode": "Code", "eventName": "Name", "eventDateTime": "DateTime", "locationName": "LocationName"}
    return [{ours: text(summary, f"lastEvent{theirs}") for ours, theirs in fields.items()}]


def _at(day: str, clock: str) -> str:
    """A window's hours have their offset, "08:00:00+01:00", and no day."""
    return expected(f"{day}T{clock}") if day and clock else ""


def _abroad(summary: Any) -> str:
    """Who brings it the last mile in another country."""
    if country_of(text(summary, "destinationCountryCode")) in {"", "GB"}:
        return ""
    partner = name(summary, "internationalPostalProvider", "title")
    return "" if partner.startswith("Royal Mail") else partner


def _proof(signature: Any) -> Proof | None:
    signed_by = text(signature, "recipientName")
    return Proof(signed_by=signed_by) if signed_by else None


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    named = {
        "X_IBM_Client_Id": credentials["client_id"],
        "X_IBM_Client_Secret": credentials["client_secret"],
        "X_Accept_RMG_Terms": "yes",
        "Accept": "application/json",
    }
    return asking.get(f"{URL}{quote(asks[0].number, safe='')}/events", **named)


ADAPTER = Adapter(
    code="royal_mail",
    name="Royal Mail",
    kind="carrier",
    parse=parse,
    codes=CODES,
    poll=Poll(
        fields=(
            Field("client_id", "Client ID", "Of your app at developer.royalmail.net.", secret=False),
            Field("client_secret", "Client secret", "Beside the client ID; shown once."),
        ),
        request=_request,
        about="At developer.royalmail.net, add an app with the Tracking API; you need a business account.",
    ),
)
