"""Canada Post: the details of Get Tracking, in XML. It pushes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
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

URL = "https://soa-gw.canadapost.ca/vis/track/pin/"
ADDRESS, REFUSED, UNCLAIMED = "consignee_bad_address", "consignee_refused", "consignee_unclaimed"

# Their message table, by what each code says. They write "0174" and mean 174.
GROUPS: Sequence[tuple[Meaning, str]] = (
    # Signatures, photographs, payments, wishes and new dates move nothing.
    (
        Meaning(""),
        "20 21 2001 152 190 198 1200 1203 1210 1214 1215 1216 1220 1221 1223 1224 1225 1230 1232 1234 2101 629 630",
    ),
    (Meaning(LABEL_CREATED), "3000 3002"),
    (Meaning(PICKED_UP), "1300 1301 1302 1303 2300"),
    (
        Meaning(IN_TRANSIT),
        "100 102 104 105 106 107 113 114 115 116 130 170 175 400 405 410 700 701 800 804 815 900 910 1240 1241 1244"
        " 1480 1490 1703 1705 2500 2501 2601 4000 4100 4202 4310 4311 4330 4400 4450 4500 4550 4600 4900 4950 5201"
        " 8901",
    ),
    (
        Meaning(IN_TRANSIT, delayed=True),
        "160 161 162 163 171 173 621 622 623 624 625 626 627 628 1412 1414 1444 2412 2414",
    ),
    (Meaning(IN_TRANSIT, "weather", delayed=True), "159"),
    (Meaning(IN_TRANSIT, "carrier_sorting", delayed=True), "172"),
    # Brought to the door, not yet told as delivered.
    (Meaning(OUT_FOR_DELIVERY), "174 500 610 611 612 613 614 615 616 617 618 619 620"),
    (Meaning(ATTEMPTED, "consignee_business_closed"), "1411 2411"),
    (Meaning(ATTEMPTED, "consignee_not_home"), "1443"),
    (Meaning(AVAILABLE_FOR_PICKUP), "156 1405 1407 1410 1435 1436 1437 1438 1479 1488 1701 2407 2410"),
    (Meaning(EXCEPTION, ADDRESS), "118 120 1245"),
    (Meaning(EXCEPTION, UNCLAIMED), "121"),
    (Meaning(EXCEPTION, "customs_documents"), "117"),
    (Meaning(EXCEPTION, "customs_hold"), "127 810"),
    (Meaning(EXCEPTION, "customs_duties_unpaid"), "1487 1495"),
    (Meaning(EXCEPTION, "carrier_damaged"), "710"),
    (Meaning(EXCEPTION, "other"), "150 179 1450 1483 1484 1493 1494 4650 4700"),
    (
        Meaning(DELIVERED),
        "1408 1409 1425 1432 1461 1462 1463 1465 1466 1467 1468 1469 1471 1472 1473 1475 1476 1496 1498",
    ),
    (
        Meaning(DELIVERED, detail="left_safe"),
        "1421 1422 1423 1424 1426 1427 1428 1429 1430 1431 1433 1434 1497 1499 5300",
    ),
    (Meaning(DELIVERED, detail="locker"), "1441 1442"),
    (Meaning(DELIVERED, detail="picked_up_by_customer"), "1406"),
    (Meaning(RETURNING, REFUSED), "1417 1482 1492"),
    (Meaning(RETURNING, ADDRESS), "1415 1416 1481 1491"),
    (Meaning(RETURNING, UNCLAIMED), "1419"),
    (Meaning(RETURNING), "167 168 169 181 182 183 184 1100 1418 1420 2600 2802 3001"),
)
CODES: Mapping[str, Meaning] = {code: meaning for meaning, codes in GROUPS for code in codes.split()}
# The same codes tell of the way back, in other words.
BACK = (
    ("returned to the sender", Meaning(RETURNED)),
    ("returned to sender", Meaning(RETURNED)),
    ("return to sender item", Meaning(RETURNING)),
    ("item returned to sender", Meaning(RETURNING)),
)
# Their hours come with the letters of a zone.
OFFSETS = {
    "NST": "-03:30", "NDT": "-02:30", "AST": "-04:00", "ADT": "-03:00", "EST": "-05:00", "EDT": "-04:00",
    "CST": "-06:00", "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00",
    "UTC": "+00:00", "GMT": "+00:00",
}  # fmt: skip
NOT_FOUND = frozenset(("004", "4"))


def parse(topic: str, body: str) -> Parsed:
    document = reading.xml_document(body)
    message = at(document, "messages", "message")
    if message is not None:
        return [_refusal(message)]
    details = rows(document, "tracking-detail")
    if not details:
        raise BadScan("bad_document: no tracking detail in what Canada Post says")
    return reading.parcels(details, _detail)


def _refusal(message: Any) -> ParcelDoc | BadScan:
    code, said = text(message, "code"), text(message, "description")
    if code in NOT_FOUND:
        return ParcelDoc(carrier="canada_post", scans=[], unknown_number=True)
    return BadScan(f"bad_document: Canada Post answers {code} {said}"[:200])


def _detail(detail: Any) -> ParcelDoc:
    events = rows(detail, "significant-events", "occurrence")
    arrives = expected(first(text(detail, "changed-expected-date"), text(detail, "expected-delivery-date")))
    signed_by = next((who for event in events if (who := text(event, "signatory-name"))), "")
    return ParcelDoc(
        carrier="canada_post",
        tracking_number=name(detail, "pin"),
        service=name(detail, "service-name"),
        expected_from=arrives,
        expected_to=arrives,
        pickup=_pickup(events),
        proof=Proof(signed_by=signed_by) if signed_by else None,
        scans=reading.scans(events, lambda event: _event(event, signed_by)),
    )


def _event(event: Any, signed_by: str) -> ScanDoc:
    code, words = text(event, "event-identifier"), text(event, "event-description")
    offset = OFFSETS.get(text(event, "event-time-zone").upper(), "")
    return ScanDoc(
        occurred_at=reading.when(text(event, "event-date"), text(event, "event-time"), offset),
        code=code,
        text=words,
        place=place(text(event, "event-site"), text(event, "event-province")),
        country="CA" if text(event, "event-province") else "",
        **_meaning(code, words, signed_by)._asdict(),
    )


def _meaning(code: str, words: str, signed_by: str) -> Meaning:
    meaning = reading.meaning(CODES, code.lstrip("0"), words=words)
    back = reading.told(words, BACK) if "being returned" not in words.casefold() else None
    if back and meaning.status == DELIVERED:
        return Meaning(RETURNED)
    if back and meaning.status in {OUT_FOR_DELIVERY, IN_TRANSIT, AVAILABLE_FOR_PICKUP}:
        return Meaning(RETURNING)
    signed = meaning.status == DELIVERED and not meaning.detail and signed_by
    return meaning._replace(detail="signed") if signed else meaning


def _pickup(events: Sequence[Any]) -> Pickup | None:
    """The post office of the newest notice."""
    for event in events:
        waits = CODES.get(text(event, "event-identifier").lstrip("0"))
        if waits and waits.status == AVAILABLE_FOR_PICKUP and text(event, "event-retail-name"):
            where = place(text(event, "event-site"), text(event, "event-province"))
            return Pickup(name=text(event, "event-retail-name"), address=where)
    return None


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    named = {"Accept": "application/vnd.cpc.track-v2+xml", "Accept_language": "en-CA"}
    who = asking.basic(credentials["username"], credentials["password"])
    return asking.get(f"{URL}{quote(asks[0].number, safe='')}/detail", Authorization=who, **named)


ADAPTER = Adapter(
    code="canada_post",
    name="Canada Post",
    kind="carrier",
    parse=parse,
    codes=CODES,
    poll=Poll(
        fields=(
            Field("username", "API key: user name", "The first half of your production key.", secret=False),
            Field("password", "API key: password", "The second half, after the colon."),
        ),
        request=_request,
        about="At canadapost-postescanada.ca, join the Developer Program; the key is on your dashboard.",
    ),
)
