"""17TRACK: `TRACKING_UPDATED` pushes, and what it knows of numbers that are registered there (API 2.2 and later)."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.commerce.webhooks import Call
from thereafter.kit import tokens
from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.names import carrier_code, country_of
from thereafter.tracking.carriers.reading import at, expected, first, name, place, rows, text
from thereafter.tracking.documents import ParcelDoc, ScanDoc
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

HOST = "https://api.17track.net/track/v2.2"
STATUSES: Mapping[str, Meaning] = {
    "NOTFOUND": Meaning(""),
    "INFORECEIVED": Meaning(LABEL_CREATED),
    "INTRANSIT": Meaning(IN_TRANSIT),
    "EXPIRED": Meaning(""),
    "AVAILABLEFORPICKUP": Meaning(AVAILABLE_FOR_PICKUP),
    "OUTFORDELIVERY": Meaning(OUT_FOR_DELIVERY),
    "DELIVERYFAILURE": Meaning(ATTEMPTED),
    "DELIVERED": Meaning(DELIVERED),
    "EXCEPTION": Meaning(EXCEPTION, reason="other"),
}
SUB_STATUSES: Mapping[str, Meaning] = {
    "NOTFOUND_OTHER": Meaning(""),
    "NOTFOUND_INVALIDCODE": Meaning(""),
    "INTRANSIT_PICKEDUP": Meaning(PICKED_UP),
    "INTRANSIT_OTHER": Meaning(IN_TRANSIT),
    "INTRANSIT_DEPARTURE": Meaning(IN_TRANSIT),
    "INTRANSIT_ARRIVAL": Meaning(IN_TRANSIT),
    "INTRANSIT_CUSTOMSPROCESSING": Meaning(IN_TRANSIT),
    "INTRANSIT_CUSTOMSRELEASED": Meaning(IN_TRANSIT),
    "INTRANSIT_CUSTOMSREQUIRINGINFORMATION": Meaning(EXCEPTION, reason="customs_documents"),
    "EXPIRED_OTHER": Meaning(""),
    "AVAILABLEFORPICKUP_OTHER": Meaning(AVAILABLE_FOR_PICKUP),
    "OUTFORDELIVERY_OTHER": Meaning(OUT_FOR_DELIVERY),
    "DELIVERYFAILURE_OTHER": Meaning(ATTEMPTED),
    "DELIVERYFAILURE_NOBODY": Meaning(ATTEMPTED, reason="consignee_not_home"),
    "DELIVERYFAILURE_SECURITY": Meaning(EXCEPTION, reason="customs_hold"),
    "DELIVERYFAILURE_REJECTED": Meaning(EXCEPTION, reason="consignee_refused"),
    "DELIVERYFAILURE_INVALIDADDRESS": Meaning(EXCEPTION, reason="consignee_bad_address"),
    "DELIVERED_OTHER": Meaning(DELIVERED),
    "EXCEPTION_OTHER": Meaning(EXCEPTION, reason="other"),
    "EXCEPTION_RETURNING": Meaning(RETURNING),
    "EXCEPTION_RETURNED": Meaning(RETURNED),
    "EXCEPTION_NOBODY": Meaning(EXCEPTION, reason="consignee_not_home"),
    "EXCEPTION_SECURITY": Meaning(EXCEPTION, reason="customs_hold"),
    "EXCEPTION_DAMAGE": Meaning(EXCEPTION, reason="carrier_damaged"),
    "EXCEPTION_REJECTED": Meaning(EXCEPTION, reason="consignee_refused"),
    "EXCEPTION_DELAYED": Meaning(EXCEPTION, reason="other", delayed=True),
    "EXCEPTION_LOST": Meaning(EXCEPTION, reason="carrier_lost"),
    "EXCEPTION_DESTROYED": Meaning(EXCEPTION, reason="carrier_lost"),
    "EXCEPTION_CANCEL": Meaning(CANCELLED),
}
CODES = {**STATUSES, **SUB_STATUSES}
# Refusals that mean: no such number. The others are the account's or ours.
NO_NUMBER = frozenset(("-18010012", "-18019903"))


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    data = at(document, "data")
    if topic == "push":
        # TRACKING_STOPPED comes without.
        tells = text(document, "event") in {"", "TRACKING_UPDATED"} or at(data, "track_info") is not None
        return reading.parcels([data], _parcel) if tells else []
    accepted, rejected = rows(data, "accepted"), rows(data, "rejected")
    if not accepted and not rejected:
        said = first(text(data, "errors", "message"), text(document, "message"), "nothing accepted or rejected")
        raise BadScan(f"bad_document: 17TRACK answers {text(document, 'code')}: {said}"[:200])
    return [*reading.parcels(accepted, _parcel), *reading.parcels(rejected, _refusal)]


def _refusal(row: dict[str, Any]) -> ParcelDoc | BadScan:
    number, code = name(row, "number"), text(row, "error", "code")
    if code in NO_NUMBER:
        return ParcelDoc(tracking_number=number, scans=[], unknown_number=True)
    return BadScan(f"bad_document: 17TRACK answers {code} {text(row, 'error', 'message')} for {number}"[:200])


def _parcel(parcel: dict[str, Any]) -> ParcelDoc | BadScan:
    number, info = name(parcel, "number"), at(parcel, "track_info")
    if not number:
        return BadScan("bad_document: a parcel of 17TRACK without a number")
    providers = rows(info, "tracking", "providers")
    events = [event for provider in providers for event in _events(provider)]
    promised = at(info, "time_metrics", "estimated_delivery_date")
    since, until = expected(text(promised, "from")), expected(text(promised, "to"))
    misc = at(info, "misc_info")
    return ParcelDoc(
        carrier=carrier_code(_provider(providers)),
        tracking_number=number,
        service=name(misc, "service_type"),
        expected_from=since or until,
        expected_to=until or since,
        next_carrier=carrier_code(name(misc, "local_provider")),
        next_number=name(misc, "local_number"),
        scans=reading.scans(events or rows(info, "latest_event"), _event),
        unknown_number=text(info, "latest_status", "sub_status") == "NotFound_InvalidCode",
    )


def _events(provider: Any) -> list[Any]:
    """What is no provider is one thing that cannot be read, not none."""
    return rows(provider, "events") if isinstance(provider, dict) else [provider]


def _provider(providers: Sequence[Any]) -> str:
    return next((name(one, "provider", "name") for one in providers if isinstance(one, dict)), "")


def _event(event: dict[str, Any]) -> ScanDoc:
    code = first(text(event, "sub_status"), text(event, "stage"))
    where, said = at(event, "address"), text(event, "description")
    land = country_of(text(where, "country"))
    return ScanDoc(
        occurred_at=_moment(event),
        code=code,
        text=said,
        place=text(event, "location") or place(text(where, "city"), text(where, "state"), land),
        country=land,
        **reading.meaning(CODES, code, text(event, "stage"), words=said)._asdict(),
    )


def _moment(event: dict[str, Any]) -> str:
    """With the offset of the place; where they could not find it out, what the carrier's page showed."""
    told = first(text(event, "time_iso"), text(event, "time_utc"))
    if told:
        return reading.when(told)
    seen = at(event, "time_raw")
    return reading.when(text(seen, "date"), text(seen, "time"), text(seen, "timezone"))


def verify(secrets: Sequence[str], call: Call) -> bool:
    """`sign` is the SHA-256 of the body, a slash and the security key."""
    given = call.headers.get("sign", "").lower()
    digests = (hashlib.sha256(call.body + b"/" + secret.encode()).hexdigest() for secret in secrets)
    return bool(given) and any(tokens.same(digest, given) for digest in digests)


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    named = {"17token": credentials["api_key"]}
    return asking.post(f"{HOST}/gettrackinfo", [{"number": ask.number} for ask in asks], **named)


ADAPTER = Adapter(
    code="seventeentrack",
    name="17TRACK",
    kind="aggregator",
    parse=parse,
    codes=CODES,
    verify=verify,
    poll=Poll(
        fields=(Field("api_key", "API access key", "From api.17track.net, under Settings > Security."),),
        request=_request,
        batch=40,
        per_minute=120,
        about="At api.17track.net, open Settings > Security and copy the access key. Numbers must be registered there.",
    ),
    steps=(
        "At api.17track.net, open Settings > Webhook and enter the address shown here.",
        "Copy the security key from Settings > Security, and paste it here.",
    ),
    their_secret=True,
)
