"""FedEx: the Track API when we ask, Advanced Integrated Visibility when they push the same shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.commerce.webhooks import Call, is_base64_signed
from thereafter.kit import tokens
from thereafter.tracking.carriers import asking, phrases, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.reading import at, country, expected, first, name, place, rows, text
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
    RETURNING,
)

HOST = "https://apis.fedex.com"
NOTHING, LABEL, PICKED, MOVING = Meaning(""), Meaning(LABEL_CREATED), Meaning(PICKED_UP), Meaning(IN_TRANSIT)
LATER = Meaning(IN_TRANSIT, delayed=True)
OUT, WAITING, TROUBLE = Meaning(OUT_FOR_DELIVERY), Meaning(AVAILABLE_FOR_PICKUP), Meaning(EXCEPTION, "other")

# The scan codes of their Track guide. Those about wishes, labels to be printed and brokers say nothing of the place.
CODES: Mapping[str, Meaning] = {
    "AA": MOVING,
    "AC": MOVING,
    "AD": OUT,
    "AE": MOVING,
    "AF": MOVING,
    "AO": Meaning(IN_TRANSIT, delayed=False),
    "AP": LABEL,
    "AR": MOVING,
    "AX": MOVING,
    "BR": NOTHING,
    "CA": Meaning(CANCELLED),
    "CC": MOVING,
    "CD": Meaning(EXCEPTION, "customs_hold", delayed=True),
    "CH": NOTHING,
    "CP": MOVING,
    "CU": MOVING,
    "DD": LATER,
    "DE": TROUBLE,
    "DL": Meaning(DELIVERED),
    "DP": MOVING,
    "DR": Meaning(IN_TRANSIT, "carrier_vehicle"),
    "DS": MOVING,
    "DY": LATER,
    "EA": MOVING,
    "ED": OUT,
    "EO": MOVING,
    "EP": LABEL,
    "FD": MOVING,
    "HA": NOTHING,
    "HL": WAITING,
    "HP": WAITING,
    "IN": LABEL,
    "IP": MOVING,
    "IT": MOVING,
    "IX": MOVING,
    "LO": MOVING,
    "LP": Meaning(EXCEPTION, "carrier_lost"),
    "MD": LABEL,
    "OC": LABEL,
    "OD": OUT,
    "OF": MOVING,
    "OW": MOVING,
    "OX": LABEL,
    "PD": Meaning(LABEL_CREATED, delayed=True),
    "PF": MOVING,
    "PL": MOVING,
    "PM": MOVING,
    "PU": PICKED,
    "PX": PICKED,
    "PY": Meaning(LABEL_CREATED, delayed=True),
    "RC": NOTHING,
    "RD": NOTHING,
    "RG": NOTHING,
    "RM": NOTHING,
    "RP": NOTHING,
    "RR": NOTHING,
    "RS": Meaning(RETURNING),
    "RT": NOTHING,
    "SE": TROUBLE,
    "SF": MOVING,
    "SP": MOVING,
    "TP": MOVING,
    "TR": MOVING,
}
# Why a delivery (DE) or a shipment (SE) met an exception, as the scan's own words tell.
EXCEPTIONS = (
    ("not available", Meaning(ATTEMPTED, "consignee_not_home")),
    ("business closed", Meaning(ATTEMPTED, "consignee_business_closed")),
    ("recipient not in", Meaning(ATTEMPTED, "consignee_not_home")),
    ("unable to access", Meaning(ATTEMPTED, "consignee_not_home")),
    ("refused", Meaning(EXCEPTION, "consignee_refused")),
    ("address", Meaning(EXCEPTION, "consignee_bad_address")),
    ("damage", Meaning(EXCEPTION, "carrier_damaged")),
    ("weather", Meaning(IN_TRANSIT, "weather", delayed=True)),
    ("payment", Meaning(ATTEMPTED, "payment_due")),
    ("customs", Meaning(EXCEPTION, "customs_hold")),
    ("clearance", Meaning(EXCEPTION, "customs_hold")),
    ("redirected", MOVING),
    ("future delivery", MOVING),
    ("delay", LATER),
)
NOT_FOUND = frozenset(("TRACKING.TRACKINGNUMBER.NOTFOUND", "TRACKING.DATA.NOTFOUND"))
# Whose building or network a scan with this code is in.
PARTNERS = {"AX": "usps", "OX": "usps", "AC": "canada_post"}


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    found = rows(document, "output", "completeTrackResults") or rows(document, "completeTrackResults")
    if found:
        return [doc for row in found for doc in _number(row)]
    if rows(document, "trackResults") or at(document, "trackingNumberInfo") is not None:
        return _number(document)
    said = first(text(document, "errors", "message"), text(document, "errors", "code"))
    raise BadScan(f"bad_document: no tracking results in what FedEx says {said}".strip()[:200])


def _number(answer: Any) -> Parsed:
    """A number used again has several results; the core tells old scans from ours."""
    results = rows(answer, "trackResults")
    if not results and at(answer, "scanEvents") is None:
        return [BadScan(f"bad_document: no results of FedEx for {name(answer, 'trackingNumber')}")]
    return reading.parcels(results or [answer], lambda result: _result(result, name(answer, "trackingNumber")))


def _result(result: Any, asked: str) -> ParcelDoc | BadScan:
    number, error = first(name(result, "trackingNumberInfo", "trackingNumber"), asked), text(result, "error", "code")
    events = rows(result, "scanEvents")
    if error in NOT_FOUND:
        return ParcelDoc(carrier="fedex", tracking_number=number, scans=[], unknown_number=True)
    if error and not events:
        return BadScan(f"bad_document: FedEx answers {error} {text(result, 'error', 'message')}"[:200])
    arrives = _arrives(result)
    signed_by = text(result, "deliveryDetails", "signedByName")
    return ParcelDoc(
        carrier="fedex",
        tracking_number=number,
        service=name(result, "serviceDetail", "description"),
        expected_from=arrives[0],
        expected_to=arrives[1],
        next_carrier=next((PARTNERS[code] for row in events if (code := text(row, "eventType")) in PARTNERS), ""),
        pickup=_pickup(at(result, "holdAtLocation", "locationContactAndAddress")),
        proof=_proof(result, signed_by),
        scans=reading.scans(events, lambda event: _event(event, signed_by)),
    )


def _event(event: Any, signed_by: str) -> ScanDoc:
    where, code = at(event, "scanLocation"), text(event, "eventType")
    why, what = text(event, "exceptionDescription"), text(event, "eventDescription")
    return ScanDoc(
        occurred_at=reading.when(text(event, "date")),
        code=code,
        text=f"{what}: {why}" if what and why else what or why,
        place=place(text(where, "city"), text(where, "stateOrProvinceCode"), text(where, "countryCode")),
        country=country(text(where, "countryCode")),
        **_meaning(event, f"{what}. {why}", signed_by)._asdict(),
    )


def _meaning(event: Any, words: str, signed_by: str) -> Meaning:
    meaning = reading.meaning(CODES, text(event, "eventType"), words=words)
    if meaning == TROUBLE:
        meaning = reading.told(text(event, "exceptionDescription"), EXCEPTIONS) or meaning
    if meaning.status == DELIVERED:
        return meaning._replace(detail=_detail(words, signed_by))
    delay = text(event, "delayDetail", "status")
    if delay == "DELAYED":
        weather = text(event, "delayDetail", "type") == "WEATHER" and not meaning.reason
        return meaning._replace(delayed=True, reason="weather" if weather else meaning.reason)
    return meaning._replace(delayed=False) if delay in {"ON_TIME", "EARLY"} else meaning


def _detail(words: str, signed_by: str) -> str:
    by_words = (
        ("left at", Meaning("", detail="left_safe")),
        ("release authorized", Meaning("", detail="left_safe")),
        ("neighbor", Meaning("", detail="neighbour")),
        ("picked up", Meaning("", detail="picked_up_by_customer")),
    )
    known = reading.told(words, by_words) or phrases.meaning_of(words)
    return known.detail or ("signed" if signed_by else "")


def _arrives(result: Any) -> tuple[str, str]:
    """What they estimate now, before what the service promises."""
    for field in ("estimatedDeliveryTimeWindow", "standardTransitTimeWindow"):
        begins, ends = (expected(text(result, field, "window", end)) for end in ("begins", "ends"))
        if begins or ends:
            return begins or ends, ends or begins
    days = {text(row, "type"): expected(text(row, "dateTime")) for row in rows(result, "dateAndTimes")}
    arrives = first(days.get("ESTIMATED_DELIVERY", ""), days.get("COMMITMENT", ""))
    return arrives, arrives


def _pickup(place_held: Any) -> Pickup | None:
    where = at(place_held, "address")
    streets = [text(line) for line in rows(where, "streetLines")]
    address = place(*streets, text(where, "city"), text(where, "stateOrProvinceCode"), text(where, "postalCode"))
    return Pickup(name=text(place_held, "contact", "companyName"), address=address) if address else None


def _proof(result: Any, signed_by: str) -> Proof | None:
    proof = Proof(signed_by=signed_by, place=text(result, "deliveryDetails", "locationDescription"))
    return None if proof == Proof() else proof


def verify(secrets: Sequence[str], call: Call) -> bool:
    """HMAC-SHA256 of the body under the security token; their guide shows it in base64 and in hex."""
    given = call.headers.get("fdx-signature", "")
    if not given:
        return False
    in_hex = (tokens.hmac_sha256(secret, call.body).hex() for secret in secrets)
    return is_base64_signed(secrets, given, call.body) or any(tokens.same(one, given.lower()) for one in in_hex)


def _token(credentials: Credentials) -> Request:
    who = {"client_id": credentials["client_id"], "client_secret": credentials["client_secret"]}
    return asking.form(f"{HOST}/oauth/token", {"grant_type": "client_credentials", **who})


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    wanted = [{"trackingNumberInfo": {"trackingNumber": ask.number}} for ask in asks]
    document = {"includeDetailedScans": True, "trackingInfo": wanted}
    named = {"Authorization": asking.bearer(token), "X_locale": "en_US"}
    return asking.post(f"{HOST}/track/v1/trackingnumbers", document, **named)


ADAPTER = Adapter(
    code="fedex",
    name="FedEx",
    kind="carrier",
    parse=parse,
    codes=CODES,
    verify=verify,
    poll=Poll(
        fields=(
            Field("client_id", "API key", "Of your project at developer.fedex.com.", secret=False),
            Field("client_secret", "Secret key", "Beside the API key; shown once."),
        ),
        request=_request,
        token=_token,
        read_token=asking.read_oauth,
        batch=30,
        about="At developer.fedex.com, create a project with the Track API and move it to production.",
    ),
    steps=(
        "At developer.fedex.com, create a webhook project for Advanced Integrated Visibility.",
        "Give the address shown here as the destination URL, and the secret shown here as the security token.",
        "Choose the shipping accounts whose parcels it tells of.",
    ),
)
