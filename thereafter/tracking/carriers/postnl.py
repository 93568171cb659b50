"""PostNL: the Shipping Status API."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.reading import at, expected, name, rows, text
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
)

HOST = "https://api.postnl.nl"
ZONE = "Europe/Amsterdam"
STATUSES: Mapping[str, Meaning] = {
    "1": Meaning(LABEL_CREATED),
    "2": Meaning(PICKED_UP),
    "3": Meaning(PICKED_UP),
    "4": Meaning(EXCEPTION, reason="merchant"),
    "5": Meaning(IN_TRANSIT),
    "6": Meaning(IN_TRANSIT),
    "7": Meaning(OUT_FOR_DELIVERY),
    "8": Meaning(ATTEMPTED),
    "9": Meaning(IN_TRANSIT),
    "11": Meaning(DELIVERED),
    "12": Meaning(AVAILABLE_FOR_PICKUP),
    # Announced, and not seen yet.
    "13": Meaning(LABEL_CREATED),
    "22": Meaning(DELIVERED, detail="picked_up_by_customer"),
    # "Not applicable".
    "99": Meaning(""),
}
EVENTS: Mapping[str, Meaning] = {
    "A01": Meaning(LABEL_CREATED),
    "01A": Meaning(LABEL_CREATED),
    "01B": Meaning(PICKED_UP),
    "B01": Meaning(PICKED_UP),
    "J01": Meaning(IN_TRANSIT),
    "J05": Meaning(OUT_FOR_DELIVERY),
    "I01": Meaning(DELIVERED),
}
CODES = {**STATUSES, **EVENTS}
LANGUAGES = frozenset(("NL", "EN", "DE", "FR", "ES", "IT", "CN"))


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    if isinstance(document, list):
        return reading.parcels(document, _shipment)
    found = rows(document, "CompleteStatus", "Shipment") or rows(document, "CurrentStatus", "Shipment")
    if found:
        return reading.parcels(found, _shipment)
    return [_refusal(document)]


def _refusal(document: Any) -> ParcelDoc | BadScan:
    """An unknown barcode is an answer with a warning and without a shipment."""
    warned = at(document, "Warnings") or at(document, "CurrentStatus", "Warnings")
    said = reading.first(text(document, "fault", "faultstring"), text(warned, "Message"), text(warned, "Description"))
    if isinstance(document, dict) and ("CurrentStatus" in document or "CompleteStatus" in document):
        return ParcelDoc(carrier="postnl", scans=[], unknown_number=True)
    return BadScan(f"bad_document: no shipment in the answer of PostNL {said}".strip()[:200])


def _shipment(shipment: dict[str, Any]) -> ParcelDoc:
    since, until = (_american(text(shipment, "Expectation", end)) for end in ("ETAFrom", "ETATo"))
    arrives = expected(text(shipment, "DeliveryDate"))
    return ParcelDoc(
        carrier="postnl",
        tracking_number=_known(name(shipment, "Barcode")) or name(shipment, "MainBarcode"),
        service=_known(name(shipment, "ProductDescription")),
        expected_from=since or arrives,
        expected_to=until or arrives,
        scans=_scans(shipment),
    )


def _scans(shipment: dict[str, Any]) -> list[Any]:
    """An event and the status of the same moment are one thing told twice: the event says more, the status says what
    it means."""
    statuses = [*rows(shipment, "Status"), *rows(shipment, "OldStatus")]
    events = rows(shipment, "Event")
    meant = {_moment(status): text(status, "StatusCode") for status in statuses if text(status, "StatusCode") != "99"}
    told = {_moment(event) for event in events}
    alone = [status for status in statuses if not isinstance(status, dict) or _moment(status) not in told]
    return [
        *reading.scans(events, lambda event: _event(event, meant.get(_moment(event), ""))),
        *reading.scans(alone, _status),
    ]


def _event(event: dict[str, Any], status: str) -> ScanDoc:
    code, said = text(event, "Code"), _known(text(event, "Description"))
    return ScanDoc(
        occurred_at=_moment(event),
        code=code,
        text=said,
        zone=ZONE,
        **reading.meaning(CODES, code, status, words=said)._asdict(),
    )


def _status(status: dict[str, Any]) -> ScanDoc:
    code, said = text(status, "StatusCode"), _known(text(status, "StatusDescription"))
    return ScanDoc(
        occurred_at=_moment(status),
        code=code,
        text=said,
        zone=ZONE,
        **reading.meaning(CODES, code, words=said)._asdict(),
    )


def _moment(row: Any) -> str:
    said = text(row, "TimeStamp") or text(row, "Timestamp")
    day, _, hour = said.partition(" ")
    return reading.when(day, hour)


def _american(said: str) -> str:
    """Times are European here, but the expectation has its month first: 11/07/2022 is in November."""
    day, _, hour = said.partition(" ")
    told = reading.when(day, hour, month_first="/" in day)
    return expected(told)


def _known(said: str) -> str:
    """Empty elements come as "{}"."""
    return "" if said == "{}" else said


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    language = asks[0].language[:2].upper()
    query = {"detail": "true", "language": language if language in LANGUAGES else "EN"}
    url = f"{HOST}/shipment/v2/status/barcode/{quote(asks[0].number, safe='')}"
    return asking.get(url, query, apikey=credentials["api_key"], Accept="application/json")


ADAPTER = Adapter(
    code="postnl",
    name="PostNL",
    kind="carrier",
    parse=parse,
    codes=CODES,
    poll=Poll(
        fields=(Field("api_key", "API key", "Of the Shipping Status API, for your customer number."),),
        request=_request,
        per_minute=60,
        about="In the PostNL business portal, ask for an API key with the Shipping Status API.",
    ),
)
