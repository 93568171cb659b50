"""DPD: the parcel life cycle, as their SOAP service for shippers tells it (XML) and as its REST sister does (JSON)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from thereafter.tracking.carriers import reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request, Token
from thereafter.tracking.carriers.reading import at, country, name, rows, text, yes
from thereafter.tracking.documents import ParcelDoc, Pickup, ScanDoc
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

HOSTS = {
    "BE": "https://wsshipper.dpd.be/soap/services",
    "DE": "https://public-ws.dpd.com/services",
    "NL": "https://wsshipper.dpd.nl/soap/services",
}
TYPES = "http://dpd.com/common/service/types"
# A token lives a day, and they want few log-ins.
TOKEN_SECONDS = 6 * 3600
TROUBLE, LATER = Meaning(EXCEPTION, reason="other"), Meaning(IN_TRANSIT, delayed=True)
MOVING, WAITS = Meaning(IN_TRANSIT), Meaning(AVAILABLE_FOR_PICKUP)
# The steps of the life cycle, in the spellings of both services.
STATUSES: Mapping[str, Meaning] = {
    "SHIPMENT": Meaning(LABEL_CREATED),
    "ACCEPTED": Meaning(PICKED_UP),
    "PICKEDUP": Meaning(PICKED_UP),
    "AT_SENDING_DEPOT": MOVING,
    "ON_THE_ROAD": MOVING,
    "BETWEENDEPOTS": MOVING,
    "AT_DELIVERY_DEPOT": MOVING,
    "DEPOT": MOVING,
    "COURIER": Meaning(OUT_FOR_DELIVERY),
    "OUT_FOR_DELIVERY": Meaning(OUT_FOR_DELIVERY),
    "DELIVERYFAILURE": Meaning(ATTEMPTED),
    # Back at the depot after a day on the van: not out for delivery any more.
    "RETURNINGFROMDELIVERY": LATER,
    "PARCELSHOP": WAITS,
    "DELIVERED": Meaning(DELIVERED),
}
SCAN_TYPES: Mapping[str, Meaning] = {
    "01": MOVING,
    "02": MOVING,
    "03": Meaning(OUT_FOR_DELIVERY),
    "04": LATER,
    "05": MOVING,
    "06": Meaning(RETURNING),
    "08": LATER,
    "09": MOVING,
    "10": MOVING,
    "12": MOVING,
    "13": Meaning(DELIVERED),
    "14": Meaning(ATTEMPTED),
    "15": Meaning(PICKED_UP),
    "17": MOVING,
    "18": Meaning(""),
    "20": MOVING,
    "23": WAITS,
}
# The group's own letters (Geo event codes): where, then what was done.
EVENTS: Mapping[str, Meaning] = {
    "ENA": Meaning(LABEL_CREATED),
    "ENX": TROUBLE,
    "ORI": MOVING,
    "ORW": MOVING,
    "ORX": TROUBLE,
    "HUI": MOVING,
    "HUS": MOVING,
    "HUW": MOVING,
    "HUZ": MOVING,
    "HUX": TROUBLE,
    "SPE": Meaning(""),
    "SPL": MOVING,
    "SPS": MOVING,
    "SPV": MOVING,
    "SPW": MOVING,
    "SPZ": MOVING,
    "SPR": Meaning(RETURNING),
    "SPX": TROUBLE,
    "DLI": MOVING,
    "DLS": MOVING,
    "DLW": MOVING,
    "DLZ": MOVING,
    "DLR": LATER,
    "DLO": Meaning(OUT_FOR_DELIVERY),
    "DLX": TROUBLE,
    "MSDLO": Meaning(""),
    "DEX": Meaning(ATTEMPTED),
    "DEN": Meaning(EXCEPTION, reason="consignee_refused"),
    "DEHD": MOVING,
    "DEHDY": MOVING,
    "DEY": Meaning(DELIVERED),
    "DEYY": Meaning(DELIVERED),
    "DOPKY": Meaning(PICKED_UP),
    "DODEI": WAITS,
    "DOMSDLO": WAITS,
    "DODEY": Meaning(DELIVERED, detail="picked_up_by_customer"),
    "DODEYY": Meaning(DELIVERED, detail="picked_up_by_customer"),
    "DODEN": Meaning(EXCEPTION, reason="consignee_unclaimed"),
    "DODEH": Meaning(RETURNING),
    "DODEX": TROUBLE,
    "CANCELLED": Meaning(CANCELLED),
}
CODES = {**STATUSES, **SCAN_TYPES, **EVENTS}


def parse(topic: str, body: str) -> Parsed:
    if body.lstrip()[:1] == "<":
        return _soap(reading.xml_document(body))
    return _rest(reading.json_document(body))


def _soap(document: Any) -> Parsed:
    answer = at(document, "Envelope", "Body")
    result = at(answer, "getTrackingDataResponse", "trackingresult")
    if result is None:
        raise BadScan(f"bad_document: DPD answers {_complaint(answer)}"[:200])
    return [_parcel(result, rows(result, "statusInfo"))]


def _complaint(answer: Any) -> str:
    said = (
        text(answer, "Fault", "detail", *path)
        for path in (("faults", "message"), ("authenticationFault", "errorMessage"))
    )
    return reading.first(*said, text(answer, "Fault", "faultstring"), "without a tracking result")


def _rest(document: Any) -> Parsed:
    result = at(document, "parcellifecycleResponse", "parcelLifeCycleData")
    if not isinstance(at(document, "parcellifecycleResponse"), dict):
        raise BadScan("bad_document: no parcel life cycle in the answer of DPD")
    scans = rows(result, "scanInfo", "scan")
    return [_parcel(result, scans or rows(result, "statusInfo"))]


def _parcel(result: Any, steps: Sequence[Any]) -> ParcelDoc:
    """The steps before it are announced as well; they have not been reached."""
    reached = [step for step in steps if not isinstance(step, dict) or _is_reached(step)]
    number = name(result, "shipmentInfo", "parcelLabelNumber")
    return ParcelDoc(
        carrier="dpd",
        tracking_number=number,
        service=_said(at(result, "shipmentInfo", "serviceDescription", "content"))
        or name(result, "shipmentInfo", "productName"),
        pickup=_pickup(result),
        scans=reading.scans(reached, _step),
        unknown_number=not steps,
    )


def _is_reached(step: dict[str, Any]) -> bool:
    return "statusHasBeenReached" not in step or yes(step, "statusHasBeenReached")


def _step(step: dict[str, Any]) -> ScanDoc:
    code = reading.first(text(step, "scanData", "scanType", "code"), text(step, "status"))
    where = reading.first(_said(at(step, "location")), text(step, "scanData", "location"))
    words = reading.first(
        _said(at(step, "description", "content")),
        _said(at(step, "scanDescription", "content")),
        _said(at(step, "label")),
    )
    abroad = re.search(r"\(([A-Z]{2})\)\s*$", where)
    return ScanDoc(
        occurred_at=when(_said(at(step, "date"))),
        code=code,
        text=words,
        place=where,
        country=country(text(step, "scanData", "country") or (abroad[1] if abroad else "")),
        **reading.meaning(CODES, code, words=words)._asdict(),
    )


def when(said: str) -> str:
    """ "8/17/2021 7:11:26 PM" is American, "17.08.2021, 19:11" German, and the REST service writes ISO."""
    found = re.fullmatch(r"(\d{1,2}[/.-]\d{1,2}[/.-]\d{4}),?\s+(.+)", said)
    if not found:
        return reading.when(said)
    return reading.when(found[1], found[2], month_first=found[2].upper().endswith("M"))


def _said(line: Any) -> str:
    """The texts of a line of content, which both services wrap, at times twice."""
    if isinstance(line, list):
        return " ".join(part for part in map(_said, line[:5]) if part)
    return _said(line["content"]) if isinstance(line, dict) and "content" in line else text(line)


def _pickup(result: Any) -> Pickup | None:
    shop = at(result, "shipmentInfo", "parcelShop")
    where = Pickup(name=_said(at(shop, "company")) or text(shop, "name"), address=_said(at(shop, "address")))
    return where if where != Pickup() else None


def read_token(body: bytes) -> Token:
    """The token of their log-in service; raises `BadScan` with what it says instead."""
    answer = at(reading.xml_document(body.decode(errors="replace")), "Envelope", "Body")
    value = text(answer, "getAuthResponse", "return", "authToken")
    if not value:
        raise BadScan(f"no_token: {_complaint(answer)}"[:200])
    return Token(value, TOKEN_SECONDS)


def _token(credentials: Credentials) -> Request:
    asked = f"<delisId>{_xml(credentials['delis_id'])}</delisId><password>{_xml(credentials['password'])}</password>"
    body = (
        f'<ns:getAuth xmlns:ns="{TYPES}/LoginService/2.0">{asked}<messageLanguage>en_US</messageLanguage></ns:getAuth>'
    )
    return _call(credentials, "LoginService", "getAuth", body)


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    who = f"<delisId>{_xml(credentials['delis_id'])}</delisId><authToken>{_xml(token)}</authToken>"
    head = f"{who}<messageLanguage>en_US</messageLanguage>"
    header = f'<ns1:authentication xmlns:ns1="{TYPES}/Authentication/2.0">{head}</ns1:authentication>'
    asked = f"<parcelLabelNumber>{_xml(asks[0].number)}</parcelLabelNumber>"
    body = f'<ns:getTrackingData xmlns:ns="{TYPES}/ParcelLifeCycleService/2.0">{asked}</ns:getTrackingData>'
    return _call(credentials, "ParcelLifeCycleService", "getTrackingData", body, header)


def _call(credentials: Credentials, service: str, action: str, body: str, header: str = "") -> Request:
    host = HOSTS.get(credentials.get("country", "").upper(), HOSTS["DE"])
    envelope = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<soapenv:Header>{header}</soapenv:Header><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    headers = {"Content-Type": "text/xml;charset=UTF-8", "SOAPAction": f"{TYPES}/{service}/2.0/{action}"}
    return Request("POST", f"{host}/{service}/V2_0", headers, envelope.encode())


def _xml(said: str) -> str:
    return escape(said)


ADAPTER = Adapter(
    code="dpd",
    name="DPD",
    kind="carrier",
    parse=parse,
    codes=CODES,
    poll=Poll(
        fields=(
            Field("delis_id", "DELIS ID", "The user name of DPD's web services.", secret=False),
            Field("password", "Password", "Of the web services, not of the customer portal."),
            Field("country", "Country", "Where your contract is: DE, BE or NL.", secret=False, required=False),
        ),
        request=_request,
        token=_token,
        read_token=read_token,
        per_minute=30,
        about="Ask your DPD contact for access to the web services LoginService and ParcelLifeCycleService.",
    ),
)
