"""GLS Group: the Track And Trace API of their developer portal, ten parcels a question."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from thereafter.tracking.carriers import asking, reading
from thereafter.tracking.carriers.adapter import Adapter, Ask, Credentials, Field, Meaning, Parsed, Poll, Request
from thereafter.tracking.carriers.reading import country, name, place, rows, text
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
)

HOST = "https://api.gls-group.net"
# A parcel's status, for an answer without its events.
STATUSES: Mapping[str, Meaning] = {
    "PLANNEDPICKUP": Meaning(LABEL_CREATED),
    "INPICKUP": Meaning(LABEL_CREATED),
    "NOTPICKEDUP": Meaning(EXCEPTION, reason="merchant"),
    "PREADVICE": Meaning(LABEL_CREATED),
    "INTRANSIT": Meaning(IN_TRANSIT),
    "INWAREHOUSE": Meaning(IN_TRANSIT),
    "INDELIVERY": Meaning(OUT_FOR_DELIVERY),
    "DELIVEREDPS": Meaning(AVAILABLE_FOR_PICKUP),
    "DELIVERED": Meaning(DELIVERED),
    "NOTDELIVERED": Meaning(ATTEMPTED),
    "CANCELED": Meaning(CANCELLED),
    # "Parcel history closed": it does not say how it ended.
    "FINAL": Meaning(""),
}
# The first half of an event's code is what was done, the second how. GLS publishes its list through the API only: those
# that are not here are told by their words.
EVENTS: Mapping[str, Meaning] = {
    "INTIAL.PREADVICE": Meaning(LABEL_CREATED),
    "INTIAL.E48_DATA": Meaning(LABEL_CREATED),
    "INTIAL.NORMAL": Meaning(PICKED_UP),
    "INBOUD.NORMAL": Meaning(IN_TRANSIT),
    "OUTBOD.NORMAL": Meaning(IN_TRANSIT),
    "TRANSI.HUB": Meaning(IN_TRANSIT),
    "OUTDEL.NORMAL": Meaning(OUT_FOR_DELIVERY),
    "DELIVD.NORMAL": Meaning(DELIVERED),
    "DELIVD.PARCELSHOP": Meaning(AVAILABLE_FOR_PICKUP),
    "DELIVD.DEL_BY_PSAPP": Meaning(DELIVERED, detail="picked_up_by_customer"),
}
# The older public API numbers its events. Of the many the certain ones; the others are told by their words.
NUMBERS: Mapping[str, Meaning] = {
    "0.0": Meaning(PICKED_UP),
    "0.100": Meaning(LABEL_CREATED),
    "1.0": Meaning(IN_TRANSIT),
    "2.0": Meaning(IN_TRANSIT),
    "3.0": Meaning(DELIVERED),
    "3.120": Meaning(DELIVERED, detail="neighbour"),
    "3.121": Meaning(AVAILABLE_FOR_PICKUP),
    "11.0": Meaning(OUT_FOR_DELIVERY),
}
CODES = {**STATUSES, **EVENTS, **NUMBERS}


def parse(topic: str, body: str) -> Parsed:
    document = reading.json_document(body)
    found = rows(document, "parcels")
    if not found:
        complaint = reading.first(
            text(document, "message"), text(document, "error_description"), text(document, "errors")
        )
        raise BadScan(f"bad_document: no parcels in the answer of GLS {complaint}".strip()[:200])
    return reading.parcels(found, _parcel)


def _parcel(parcel: dict[str, Any]) -> ParcelDoc | BadScan:
    number = reading.first(name(parcel, "requested"), name(parcel, "unitno"), name(parcel, "trackid"))
    error = text(parcel, "errorCode")
    if error.startswith("E_404"):
        return ParcelDoc(carrier="gls", tracking_number=number, scans=[], unknown_number=True)
    if error:
        return BadScan(f"bad_document: GLS answers {error} {text(parcel, 'errorMessage')} for {number}"[:200])
    events = rows(parcel, "events")
    scans = reading.scans(events, _event) if events else _of_status(parcel)
    return ParcelDoc(carrier="gls", tracking_number=number, scans=scans)


def _event(event: dict[str, Any]) -> ScanDoc:
    code, said = text(event, "code"), text(event, "description")
    return ScanDoc(
        occurred_at=reading.when(text(event, "eventDateTime") or text(event, "timestamp")),
        code=code,
        text=said,
        place=place(text(event, "city") or text(event, "location"), text(event, "country")),
        country=country(text(event, "country")),
        **reading.meaning(CODES, re.sub(r"^0+(?=\d)", "", code), words=said)._asdict(),
    )


def _of_status(parcel: dict[str, Any]) -> list[Any]:
    """The newest status, when the events were left out."""
    status, at = text(parcel, "status"), text(parcel, "statusDateTime") or text(parcel, "timestamp")
    if not status:
        return []
    return [reading.raw(ScanDoc(occurred_at=at, code=status, **reading.meaning(CODES, status)._asdict()))]


def _token(credentials: Credentials) -> Request:
    who = asking.basic(credentials["client_id"], credentials["client_secret"])
    return asking.form(f"{HOST}/oauth2/v2/token", {"grant_type": "client_credentials"}, Authorization=who)


def _request(credentials: Credentials, asks: Sequence[Ask], token: str) -> Request:
    numbers = ",".join(quote(ask.number, safe="") for ask in asks)
    url = f"{HOST}/track-and-trace-v1/tracking/simple/trackids/{numbers}"
    named = {"Accept": "application/json", "Accept_Language": asks[0].language}
    return asking.get(url, {"showEvents": "true"}, Authorization=asking.bearer(token), **named)


ADAPTER = Adapter(
    code="gls",
    name="GLS",
    kind="carrier",
    parse=parse,
    codes=CODES,
    poll=Poll(
        fields=(
            Field("client_id", "API key", "Of your app at dev-portal.gls-group.net.", secret=False),
            Field("client_secret", "API secret", "Beside the API key."),
        ),
        request=_request,
        token=_token,
        read_token=asking.read_oauth,
        batch=10,
        # Their own limit is 500 questions a day, until you ask for more.
        per_minute=1,
        about="At dev-portal.gls-group.net, add an app with the product Track And Trace V1.",
    ),
)
