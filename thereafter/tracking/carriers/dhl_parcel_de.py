"""DHL Paket (Post & Parcel Germany): its own tracking with all events, in XML. Pushes come by DHL's unified adapter."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from thereafter.tracking.carriers import asking, phrases, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.names import country_of
from thereafter.tracking.carriers.reading import at, first, name, place, rows, text
from thereafter.tracking.documents import ParcelDoc, Proof, ScanDoc
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.rules.states import (
    ATTEMPTED,
    AVAILABLE_FOR_PICKUP,
    DELIVERED,
    IN_TRANSIT,
    LABEL_CREATED,
    OUT_FOR_DELIVERY,
    PICKED_UP,
    RETURNED,
    RETURNING,
)

URL = "https://api-eu.dhl.com/parcel/de/tracking/v0/shipments"
NOTHING, MOVING = Meaning(""), Meaning(IN_TRANSIT)

# The two letters of the standard event, which say more than the five of ICE.
EVENTS: Mapping[str, Meaning] = {
    "AA": MOVING,
    "AE": Meaning(PICKED_UP),
    "EE": MOVING,
    "ES": Meaning(PICKED_UP),
    "GT": NOTHING,
    "HI": NOTHING,
    "LA": Meaning(AVAILABLE_FOR_PICKUP),
    "PO": Meaning(OUT_FOR_DELIVERY),
    "RT": Meaning(RETURNING),
    "VA": Meaning(LABEL_CREATED),
    "ZN": Meaning(ATTEMPTED, "other"),
    "ZU": Meaning(DELIVERED),
}
ICE: Mapping[str, Meaning] = {
    "DLVRD": Meaning(DELIVERED),
    "LDTMV": MOVING,
    "NDELV": Meaning(ATTEMPTED, "other"),
    "PARCV": Meaning(LABEL_CREATED),
    "PCKDU": Meaning(PICKED_UP),
    "SHRCU": Meaning(PICKED_UP),
    "SRTED": MOVING,
    "ULFMV": MOVING,
}
CODES = {**EVENTS, **ICE}
COUNTRIES = {"germany": "DE", "deutschland": "DE", "austria": "AT", "österreich": "AT", "switzerland": "CH"}
LOCKERS = (
    ("packstation", Meaning("", detail="locker")),
    ("locker", Meaning("", detail="locker")),
    ("neighbo", Meaning("", detail="neighbour")),
    ("nachbar", Meaning("", detail="neighbour")),
    ("ablageort", Meaning("", detail="left_safe")),
    ("drop-off location", Meaning("", detail="left_safe")),
)


def parse(topic: str, body: str) -> Parsed:
    whole = at(reading.xml_document(body), "data")
    shipments = [row for row in rows(whole, "data") if text(row, "name") != "piece-event-list"]
    if shipments:
        return reading.parcels(shipments, _shipment)
    code, said = text(whole, "code"), text(whole, "error")
    if code == "100":
        return [ParcelDoc(carrier="dhl_parcel_de", scans=[], unknown_number=True)]
    raise BadScan(f"bad_document: DHL Paket answers {code} {said}".strip()[:200])


def _shipment(shipment: Any) -> ParcelDoc | BadScan:
    number = first(
        name(shipment, "piece-code"), name(shipment, "searched-piece-code"), name(shipment, "piece-identifier")
    )
    error, events = text(shipment, "error-status"), _events(shipment)
    if error not in {"", "0"} and not events:
        if error == "100":
            return ParcelDoc(carrier="dhl_parcel_de", tracking_number=number, scans=[], unknown_number=True)
        return BadScan(f"bad_document: DHL Paket answers {error} {text(shipment, 'piece-status-desc')}"[:200])
    day = reading.day(text(shipment, "delivery-date"))
    taken_by = text(shipment, "recipient-name") if text(shipment, "delivery-event-flag") == "1" else ""
    return ParcelDoc(
        carrier="dhl_parcel_de",
        tracking_number=number,
        service=name(shipment, "product-name"),
        expected_from=day,
        expected_to=day,
        proof=Proof(signed_by=taken_by) if taken_by else None,
        scans=reading.scans(events or _newest(shipment), _event),
    )


def _events(shipment: Any) -> list[Any]:
    return [event for events in rows(shipment, "data") for event in rows(events, "data")]


def _newest(shipment: Any) -> list[Any]:
    """The newest status, when the events were left out."""
    if not text(shipment, "status-timestamp"):
        return []
    return [shipment | {"event-timestamp": text(shipment, "status-timestamp"), "event-text": text(shipment, "status")}]


def _event(event: Any) -> ScanDoc:
    words = first(text(event, "event-text"), text(event, "event-status"), text(event, "event-short-status"))
    day, _, hour = text(event, "event-timestamp").partition(" ")
    land = text(event, "event-country")
    country = COUNTRIES.get(land.casefold()) or country_of(land)
    return ScanDoc(
        occurred_at=reading.when(day, hour),
        code=first(text(event, "standard-event-code"), text(event, "ice")),
        text=words,
        place=place(text(event, "event-location"), land),
        country=country,
        zone="Europe/Berlin",
        **_meaning(event, words)._asdict(),
    )


def _meaning(event: Any, words: str) -> Meaning:
    meaning = reading.meaning(CODES, text(event, "standard-event-code"), text(event, "ice"), words=words)
    if text(event, "ruecksendung") == "true":
        return Meaning(RETURNED) if meaning.status == DELIVERED else _back(meaning)
    if meaning.status == ATTEMPTED:
        return meaning._replace(reason=phrases.meaning_of(words).reason or "consignee_not_home")
    if meaning.status == DELIVERED and not meaning.detail:
        told = reading.told(f"{words} {text(event, 'ric')}", LOCKERS)
        return meaning._replace(detail=told.detail if told else "")
    return meaning


def _back(meaning: Meaning) -> Meaning:
    return Meaning(RETURNING) if meaning.status else meaning


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    wanted = {
        "appname": credentials["username"],
        "language-code": "en",
        "password": credentials["password"],
        "piece-code": ";".join(ask.number for ask in asks),
        "request": "d-get-piece-detail",
    }
    if len(asks) == 1 and asks[0].postcode:
        wanted["zip-code"] = asks[0].postcode
    said = " ".join(f"{field}={quoteattr(value)}" for field, value in wanted.items())
    document = f'<?xml version="1.0" encoding="UTF-8" standalone="no"?><data {said}/>'
    who = asking.basic(credentials["api_key"], credentials["api_secret"])
    return asking.get(URL, {"xml": document}, Authorization=who, Accept="application/xml")


ADAPTER = Adapter(
    code="dhl_parcel_de",
    name="DHL Paket (Germany)",
    kind="carrier",
    parse=parse,
    codes=CODES,
    poll=Poll(
        fields=(
            Field("api_key", "API key", "Of your app at developer.dhl.com.", secret=False),
            Field("api_secret", "API secret", "Beside the API key."),
            Field(
                "username", "Tracking user (zt number)", "Of the business customer portal, for tracking.", secret=False
            ),
            Field("password", "Password of the tracking user"),
        ),
        request=_request,
        batch=20,
        about="At developer.dhl.com, create an app with Parcel DE Tracking; the user is made in the business portal.",
    ),
)
