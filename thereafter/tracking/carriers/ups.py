"""UPS: the Track API when we ask, Track Alert when they push."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from thereafter.commerce.webhooks import Call
from thereafter.kit import tokens
from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.reading import country, expected, name, place, rows, text
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

HOST = "https://onlinetools.ups.com"
NOTHING = Meaning("")
MOVING, LATER = Meaning(IN_TRANSIT), Meaning(IN_TRANSIT, delayed=True)
WEATHER = Meaning(IN_TRANSIT, reason="weather", delayed=True)
NOT_HOME = Meaning(ATTEMPTED, reason="consignee_not_home")

# The two letters of an activity; its type (I, X, D, M) says less than they do and is not asked: Out For Delivery is an
# "I", and a release from customs an "X".
ACTIVITIES: Mapping[str, Meaning] = {
    "MP": Meaning(LABEL_CREATED),
    "MV": Meaning(CANCELLED),
    "VP": Meaning(CANCELLED),
    "XD": Meaning(PICKED_UP),
    "PU": Meaning(PICKED_UP),
    "OR": MOVING,
    "AR": MOVING,
    "DP": MOVING,
    "DS": MOVING,
    "YP": MOVING,
    "EP": MOVING,
    "IM": MOVING,
    "SR": MOVING,
    "DY": WEATHER,
    "OT": Meaning(OUT_FOR_DELIVERY),
    "OF": Meaning(OUT_FOR_DELIVERY),
    "FS": Meaning(DELIVERED),
    "KB": Meaning(DELIVERED),
    "9E": Meaning(DELIVERED),
    "2Q": Meaning(AVAILABLE_FOR_PICKUP),
    "ZP": Meaning(AVAILABLE_FOR_PICKUP),
    "RS": Meaning(RETURNED),
}
# The three digits beside them, in the order of the appendix of the Track API.
DETAILS: Mapping[str, Meaning] = {
    "000": NOTHING,
    "003": Meaning(LABEL_CREATED),
    "005": MOVING,
    "006": Meaning(OUT_FOR_DELIVERY),
    "007": Meaning(CANCELLED),
    "010": MOVING,
    "011": Meaning(DELIVERED),
    "012": MOVING,
    "013": Meaning(EXCEPTION, reason="other"),
    "014": MOVING,
    "016": MOVING,
    "017": Meaning(AVAILABLE_FOR_PICKUP),
    "018": NOTHING,
    "019": MOVING,
    "020": NOTHING,
    "021": Meaning(OUT_FOR_DELIVERY),
    "022": NOT_HOME,
    "023": NOT_HOME,
    "024": NOT_HOME,
    "025": MOVING,
    "026": Meaning(DELIVERED),
    "027": NOTHING,
    "028": NOTHING,
    "029": Meaning(EXCEPTION, reason="other"),
    "030": Meaning(EXCEPTION, reason="other"),
    "032": WEATHER,
    "033": NOTHING,
    "034": Meaning(RETURNED),
    "035": Meaning(RETURNING),
    "036": Meaning(RETURNING),
    "037": Meaning(RETURNING),
    "038": Meaning(PICKED_UP),
    "039": MOVING,
    "040": Meaning(AVAILABLE_FOR_PICKUP),
    "041": NOTHING,
    "042": NOTHING,
    "043": Meaning(CANCELLED),
    "044": Meaning(LABEL_CREATED),
    "045": Meaning(LABEL_CREATED),
    "046": LATER,
    "047": LATER,
    "048": LATER,
    "049": Meaning(EXCEPTION, reason="other", delayed=True),
    "050": Meaning(EXCEPTION, reason="consignee_bad_address"),
    "051": WEATHER,
    "052": WEATHER,
    "053": WEATHER,
    "054": NOTHING,
    "055": LATER,
    "056": NOTHING,
    "057": MOVING,
    "058": Meaning(EXCEPTION, reason="customs_documents"),
    "059": Meaning(EXCEPTION, reason="carrier_damaged"),
    "060": NOT_HOME,
    "061": NOT_HOME,
    "062": Meaning(ATTEMPTED, reason="payment_due"),
    "063": NOTHING,
    "064": Meaning(EXCEPTION, reason="consignee_refused"),
    "065": NOTHING,
    "066": NOT_HOME,
    "067": Meaning(RETURNED),
    "068": Meaning(EXCEPTION, reason="carrier_lost"),
    "069": Meaning(EXCEPTION, reason="consignee_unclaimed"),
}
CODES = {**ACTIVITIES, **DETAILS}
# "Tracking information not found", in its several editions.
NOT_FOUND = frozenset(("TW0001", "TV1002", "151018", "151044"))


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    if topic == "push":
        return reading.parcels([document], _alert)
    shipments = rows(document, "trackResponse", "shipment")
    if not shipments:
        return [_refusal(document)]
    return [doc for shipment in shipments for doc in _shipment(shipment)]


def _refusal(document: Any) -> ParcelDoc | BadScan:
    code, said = text(document, "response", "errors", "code"), text(document, "response", "errors", "message")
    if code in NOT_FOUND or code == "404":
        return ParcelDoc(carrier="ups", scans=[], unknown_number=True)
    return BadScan(f"bad_document: UPS answers {code} {said}".strip()[:200])


def _shipment(shipment: Any) -> Parsed:
    packages = rows(shipment, "package")
    if packages:
        return reading.parcels(packages, _package)
    number = name(shipment, "inquiryNumber")
    if text(shipment, "warnings", "code") in NOT_FOUND and number:
        return [ParcelDoc(carrier="ups", tracking_number=number, scans=[], unknown_number=True)]
    return [BadScan(f"bad_document: a shipment of UPS without packages: {shipment!r:.80}")]


def _package(package: Any) -> ParcelDoc:
    delivered = text(package, "deliveryInformation", "receivedBy")
    proof = Proof(signed_by=delivered, place=text(package, "deliveryInformation", "location"))
    until = expected(text(package, "accessPointInformation", "pickupByDate"))
    arrives = _arrives(package)
    other = next((row for row in rows(package, "alternateTrackingNumber") if text(row, "type") == "USPS_PIC"), None)
    return ParcelDoc(
        carrier="ups",
        tracking_number=name(package, "trackingNumber"),
        service=name(package, "service", "description"),
        expected_from=arrives[0],
        expected_to=arrives[1],
        next_carrier="usps" if other else "",
        next_number=name(other, "number"),
        proof=proof if proof != Proof() else None,
        pickup=Pickup(until=until) if until else None,
        scans=reading.scans(rows(package, "activity"), _activity),
    )


def _arrives(package: Any) -> tuple[str, str]:
    """The rescheduled day before the scheduled one, with the window of hours if there is one."""
    days = {text(row, "type"): text(row, "date") for row in rows(package, "deliveryDate")}
    arrives = days.get("RDD") or days.get("SDD") or ""
    window = reading.at(package, "deliveryTime")
    if text(window, "type") not in {"EDW", "CDW", "IDW", "CMT"}:
        return expected(arrives), expected(arrives)
    return expected(arrives, text(window, "startTime")), expected(arrives, text(window, "endTime"))


def _activity(activity: Any) -> ScanDoc:
    status = reading.at(activity, "status")
    where = reading.at(activity, "location", "address")
    code = text(status, "code") or text(status, "statusCode")
    return ScanDoc(
        occurred_at=reading.when(text(activity, "date"), text(activity, "time"), text(activity, "gmtOffset")),
        code=code,
        text=text(status, "description"),
        place=place(text(where, "city"), text(where, "stateProvince"), text(where, "countryCode")),
        country=country(reading.first(text(where, "countryCode"), text(where, "country"))),
        **_meaning(status)._asdict(),
    )


def _meaning(status: Any) -> Meaning:
    codes = (text(status, "code"), text(status, "statusCode"), text(status, "descriptionCode"))
    return reading.meaning(CODES, *codes, words=text(status, "description"))


def _alert(event: Any) -> ParcelDoc:
    """Track Alert tells of one activity at a time."""
    where = reading.at(event, "activityLocation")
    day, signed_by = text(event, "scheduledDeliveryDate"), text(event, "receivedBy")
    scan = ScanDoc(
        occurred_at=_alert_time(event),
        code=text(event, "activityStatus", "code") or text(event, "activityStatus", "descriptionCode"),
        text=text(event, "activityStatus", "description"),
        place=place(text(where, "city"), text(where, "stateProvince"), text(where, "country")),
        country=country(text(where, "country")),
        **_meaning(reading.at(event, "activityStatus"))._asdict(),
    )
    return ParcelDoc(
        carrier="ups",
        tracking_number=name(event, "trackingNumber"),
        expected_from=expected(day, text(event, "deliveryStartTime")),
        expected_to=expected(day, text(event, "deliveryEndTime")),
        proof=Proof(signed_by=signed_by) if signed_by else None,
        scans=[reading.raw(scan)],
    )


def _alert_time(event: Any) -> str:
    """The older edition tells no offset, but the same moment on both clocks."""
    local = reading.when(text(event, "localActivityDate"), text(event, "localActivityTime"), text(event, "gmtOffset"))
    return reading.beside(local, reading.when(text(event, "gmtActivityDate"), text(event, "gmtActivityTime")))


def verify(secrets: Sequence[str], call: Call) -> bool:
    """UPS sends back the credential that was given to it with the subscription."""
    given = call.headers.get("credential", "")
    return bool(given) and any(tokens.same(secret, given) for secret in secrets)


def _token(credentials: Credentials) -> Request:
    who = asking.basic(credentials["client_id"], credentials["client_secret"])
    return asking.form(f"{HOST}/security/v1/oauth/token", {"grant_type": "client_credentials"}, Authorization=who)


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    url = f"{HOST}/api/track/v1/details/{quote(asks[0].number, safe='')}"
    query = {"locale": "en_US", "returnSignature": "false", "returnMilestones": "false", "returnPOD": "false"}
    named = {"transId": asks[0].number, "transactionSrc": "thereafter"}
    return asking.get(url, query, Authorization=asking.bearer(token), **named)


ADAPTER = Adapter(
    code="ups",
    name="UPS",
    kind="carrier",
    parse=parse,
    codes=CODES,
    verify=verify,
    poll=Poll(
        fields=(
            Field("client_id", "Client ID", "Of your app at developer.ups.com.", secret=False),
            Field("client_secret", "Client secret", "Beside the client ID."),
        ),
        request=_request,
        token=_token,
        read_token=asking.read_oauth,
        about="At developer.ups.com, add an app for your shipper account with the product Tracking.",
    ),
    steps=(
        "At developer.ups.com, add the product Track Alert to your app.",
        "Subscribe your tracking numbers or your account with the address shown here as the destination.",
        "Give the secret shown here as the credential.",
    ),
)
