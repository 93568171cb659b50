"""Shippo: `track_updated` webhooks, and the track of a carrier and number."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from thereafter.commerce.webhooks import FRESH_SECONDS, Call
from thereafter.kit import tokens
from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.names import carrier_code
from thereafter.tracking.carriers.reading import at, country, first, name, place, rows, text
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
    RETURNING,
)

HOST = "https://api.goshippo.com"
STATUSES: Mapping[str, Meaning] = {
    "UNKNOWN": Meaning(""),
    "PRE_TRANSIT": Meaning(LABEL_CREATED),
    "TRANSIT": Meaning(IN_TRANSIT),
    "DELIVERED": Meaning(DELIVERED),
    # "Is en route to the sender, or is there": only the first is certain.
    "RETURNED": Meaning(RETURNING),
    "FAILURE": Meaning(EXCEPTION, reason="other"),
}
SUBSTATUSES: Mapping[str, Meaning] = {
    "INFORMATION_RECEIVED": Meaning(LABEL_CREATED),
    "ADDRESS_ISSUE": Meaning(EXCEPTION, reason="consignee_bad_address"),
    "CONTACT_CARRIER": Meaning(EXCEPTION, reason="other"),
    "DELAYED": Meaning(IN_TRANSIT, delayed=True),
    "DELIVERY_ATTEMPTED": Meaning(ATTEMPTED),
    "DELIVERY_RESCHEDULED": Meaning(IN_TRANSIT, delayed=True),
    "DELIVERY_SCHEDULED": Meaning(IN_TRANSIT),
    "LOCATION_INACCESSIBLE": Meaning(ATTEMPTED),
    "NOTICE_LEFT": Meaning(ATTEMPTED, reason="consignee_not_home"),
    "OUT_FOR_DELIVERY": Meaning(OUT_FOR_DELIVERY),
    "PACKAGE_ACCEPTED": Meaning(PICKED_UP),
    "PACKAGE_ARRIVED": Meaning(IN_TRANSIT),
    "PACKAGE_DAMAGED": Meaning(EXCEPTION, reason="carrier_damaged"),
    "PACKAGE_DEPARTED": Meaning(IN_TRANSIT),
    "PACKAGE_FORWARDED": Meaning(IN_TRANSIT),
    "PACKAGE_HELD": Meaning(EXCEPTION, reason="other"),
    "PACKAGE_PROCESSED": Meaning(IN_TRANSIT),
    "PACKAGE_PROCESSING": Meaning(IN_TRANSIT),
    "PICKUP_AVAILABLE": Meaning(AVAILABLE_FOR_PICKUP),
    "RESCHEDULE_DELIVERY": Meaning(ATTEMPTED),
    "RETURN_TO_SENDER": Meaning(RETURNING),
    "PACKAGE_UNCLAIMED": Meaning(EXCEPTION, reason="consignee_unclaimed"),
    "PACKAGE_UNDELIVERABLE": Meaning(EXCEPTION, reason="other"),
    "PACKAGE_DISPOSED": Meaning(EXCEPTION, reason="carrier_lost"),
    "PACKAGE_LOST": Meaning(EXCEPTION, reason="carrier_lost"),
}
CODES = {"OTHER": Meaning(""), **STATUSES, **SUBSTATUSES}


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    if topic == "push":
        return reading.parcels([at(document, "data") or document], _track) if _is_of_track(document) else []
    return reading.parcels([document], _track)


def _is_of_track(event: Any) -> bool:
    """Labels and batches have events as well, which are none of ours."""
    tracked = at(event, "data", "tracking_history") or at(event, "data", "tracking_status")
    return text(event, "event") in {"", "track_updated"} or tracked is not None


def _track(track: dict[str, Any]) -> ParcelDoc | BadScan:
    number = name(track, "tracking_number")
    if not number:
        said = first(text(track, "detail"), text(track, "messages", 0), "no tracking_number")
        return BadScan(f"bad_document: no track of Shippo: {said}"[:200])
    history, newest = rows(track, "tracking_history"), at(track, "tracking_status")
    if newest and newest not in history:
        history = [*history, newest]
    arrives = reading.announced(text(track, "eta"))
    return ParcelDoc(
        carrier=carrier_code(name(track, "carrier")),
        tracking_number=number,
        service=name(track, "servicelevel", "name"),
        expected_from=arrives,
        expected_to=arrives,
        scans=reading.scans(history, _status),
    )


def _status(status: dict[str, Any]) -> ScanDoc:
    more, broad = text(status, "substatus", "code"), text(status, "status")
    code = more if more.upper() in SUBSTATUSES or not broad else broad
    where = at(status, "location")
    said = first(text(status, "status_details"), text(status, "substatus", "text"))
    return ScanDoc(
        occurred_at=reading.when(text(status, "status_date")),
        code=code,
        text=said,
        place=place(text(where, "city"), text(where, "state"), text(where, "country")),
        country=country(text(where, "country")),
        **reading.meaning(CODES, code, broad, words=said)._asdict(),
    )


def verify(secrets: Sequence[str], call: Call) -> bool:
    """`Shippo-Auth-Signature: t=<Unix seconds>,v1=<hex HMAC of "t.body">`, which Shippo switches on when asked."""
    parts = dict(part.strip().partition("=")[::2] for part in call.headers.get("shippo-auth-signature", "").split(","))
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= len("100000000000") and given):
        return False
    if abs(call.now.timestamp() - int(stamp)) > FRESH_SECONDS:
        return False
    signed = stamp.encode() + b"." + call.body
    return any(tokens.same(tokens.hmac_sha256(secret, signed).hex(), given) for secret in secrets)


CARRIERS = {
    "dhl": "dhl_express",
    "dhl_parcel_de": "dhl_germany",
    "dpd": "dpd_de",
    "gls": "gls_de",
    "correios": "correios_br",
}


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    known = carrier_code(asks[0].carrier)
    carrier = quote(CARRIERS.get(known, known), safe="")
    url = f"{HOST}/tracks/{carrier}/{quote(asks[0].number, safe='')}"
    return asking.get(url, Authorization=f"ShippoToken {credentials['api_token']}", Accept="application/json")


ADAPTER = Adapter(
    code="shippo",
    name="Shippo",
    kind="aggregator",
    parse=parse,
    codes=CODES,
    verify=verify,
    poll=Poll(
        fields=(Field("api_token", "Live API token", "From Shippo's settings, under API."),),
        request=_request,
        per_minute=60,
        needs=("carrier",),
        about="In Shippo, open Settings > API and copy the live token.",
    ),
    steps=(
        "In Shippo, open Settings > API > Webhooks and add the address shown here for the event Track Updated.",
        "Ask Shippo's support to switch HMAC signatures on for the webhook; they send you the secret.",
        "Paste that secret here.",
    ),
    their_secret=True,
)
